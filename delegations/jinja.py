"""How pages draw access: the same four cells everywhere, and the ways to its explanation."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from django.utils import timezone
from jinja2 import Environment, pass_context, pass_environment
from jinja2.runtime import Context
from markupsafe import Markup

from accounts.models import Account, User
from delegations import dates
from delegations.access import may_answer_for
from delegations.asks import Ask, asks_for
from delegations.drawing import Cell
from delegations.queues import Queue, queues
from delegations.services.common import end_words
from spico.web.look import part
from spico.web.typography import NBSP, french_date, of_name


def until_words(until: datetime | None) -> str:
    """« jusqu’au 31 mars 2027 », « sans date de fin »."""
    return end_words(until)


def exact_moment(moment: datetime) -> str:
    """« 12 mars 2026 à 10 h 00 »: with its minutes, even at the hour."""
    local = timezone.localtime(moment)
    return f"{french_date(local)} à {local.hour}{NBSP}h{NBSP}{local.minute:02d}"


@pass_environment
def spaces_mini(environment: Environment, cells: Sequence[Cell], label: str = "Espaces ouverts et fermés") -> Markup:
    """The four spaces, small, in a row of a list."""
    return part(environment, "delegations/_spaces_mini.html", cells=cells, label=label)


@pass_context
def access_links(context: Context, account: Account) -> Markup:
    """The ways to « Pourquoi ai-je accès ? » and, for whoever answers for this account, to « Qui a accès ? »."""
    user = cast(User, context["user"])
    answers = user.is_authenticated and may_answer_for(user, account, timezone.now())
    return part(context.environment, "delegations/_access_links.html", account=account, answers=answers)


def of_word(name: str) -> str:
    """« de », or « d’ » before a vowel: for a name that is itself a link, or strong."""
    return of_name(name).removesuffix(name)


def last_day(until: datetime) -> date:
    """The last whole day of a period that ends then."""
    return dates.last_day(until)


def shown_day(value: object) -> str:
    """A day in its field: « 31/03/2027 »; what somebody typed stays as typed."""
    return value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value or "")


def of_account(asks: dict[UUID, Ask], account: UUID) -> Ask | None:
    """What may be asked of this account, among those read together for a page."""
    return asks.get(account)


@pass_context
def centre_queues(context: Context) -> list[Queue]:
    """What waits for the service centre, of what the reader may see."""
    return queues(cast(User, context["user"]), timezone.now())


@pass_context
def ask_button(context: Context, account: Account) -> Markup:
    """« Demander une délégation » on the page of an account, or why there is nothing to ask; on one's own, the way to
    ask where one works. One query."""
    user = cast(User, context["user"])
    ask = asks_for(user, [account], timezone.now()).get(account.pk) if user.is_authenticated else None
    is_own = user.is_authenticated and account.user_id == user.pk
    return part(context.environment, "delegations/_ask_panel.html", ask=ask, is_own=is_own)


FILTERS: dict[str, Callable[..., Any]] = {
    "exact_moment": exact_moment,
    "last_day": last_day,
    "of_account": of_account,
    "of_word": of_word,
    "shown_day": shown_day,
    "until_words": until_words,
}
GLOBALS: dict[str, Callable[..., Any]] = {
    "access_links": access_links,
    "ask_button": ask_button,
    "centre_queues": centre_queues,
    "spaces_mini": spaces_mini,
}
