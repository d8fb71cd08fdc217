"""How pages draw access: the same four cells everywhere, and the ways to its explanation."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from django import template
from django.template import Context
from django.utils import timezone

from accounts.models import Account, User
from delegations import dates
from delegations.access import may_answer_for
from delegations.asks import Ask, asks_for
from delegations.drawing import Cell
from delegations.queues import Queue, queues
from delegations.services.common import end_words
from spico.web.typography import NBSP, french_date, of_name

register = template.Library()


@register.filter
def until_words(until: datetime | None) -> str:
    """« jusqu’au 31 mars 2027 », « sans date de fin »."""
    return end_words(until)


@register.filter
def exact_moment(moment: datetime) -> str:
    """« 12 mars 2026 à 10 h 00 »: with its minutes, even at the hour."""
    local = timezone.localtime(moment)
    return f"{french_date(local)} à {local.hour}{NBSP}h{NBSP}{local.minute:02d}"


@register.inclusion_tag("delegations/_spaces_mini.html")
def spaces_mini(cells: Sequence[Cell], label: str = "Espaces ouverts et fermés") -> dict[str, object]:
    """The four spaces, small, in a row of a list."""
    return {"cells": cells, "label": label}


@register.inclusion_tag("delegations/_access_links.html", takes_context=True)
def access_links(context: Context, account: Account) -> dict[str, Any]:
    """The ways to « Pourquoi ai-je accès ? » and, for whoever answers for this account, to « Qui a accès ? »."""
    user = cast(User, context["user"])
    answers = user.is_authenticated and may_answer_for(user, account, timezone.now())
    return {"account": account, "answers": answers}


@register.filter
def of_word(name: str) -> str:
    """« de », or « d’ » before a vowel: for a name that is itself a link, or strong."""
    return of_name(name).removesuffix(name)


@register.filter
def last_day(until: datetime) -> date:
    """The last whole day of a period that ends then."""
    return dates.last_day(until)


@register.filter
def shown_day(value: object) -> str:
    """A day in its field: « 31/03/2027 »; what somebody typed stays as typed."""
    return value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value or "")


@register.filter
def of_account(asks: dict[UUID, Ask], account: UUID) -> Ask | None:
    """What may be asked of this account, among those read together for a page."""
    return asks.get(account)


@register.simple_tag(takes_context=True)
def centre_queues(context: Context) -> list[Queue]:
    """What waits for the service centre, of what the reader may see."""
    return queues(cast(User, context["user"]), timezone.now())


@register.inclusion_tag("delegations/_ask_panel.html", takes_context=True)
def ask_button(context: Context, account: Account) -> dict[str, Any]:
    """« Demander une délégation » on the page of an account, or why there is nothing to ask. One query."""
    user = cast(User, context["user"])
    return {"ask": asks_for(user, [account], timezone.now()).get(account.pk) if user.is_authenticated else None}
