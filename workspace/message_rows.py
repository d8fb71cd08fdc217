"""Messages as a page draws them: who speaks, who wrote, when; in one query whatever their number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone

from accounts.models import Account, AccountKind
from directory.owners import Owner, owners_of
from spico.web.typography import NBSP, french_date, french_time
from workspace.calendar import WEEKDAYS
from workspace.models import Message


@dataclass(frozen=True)
class Row:
    """What the page prints of a message, read once: a page holds fifty. `day`: said above it when it is not that of the
    message before. `by`: who wrote in another account's name. `css`, `portrait`: classes of the row and portrait.
    """

    message: Message
    pk: int
    name: str
    by: str
    initials: str
    day: str
    time: str
    text: str
    css: str
    portrait: str


def rows_of(messages: Iterable[Message], account: Account, *, after: Message | None = None) -> list[Row]:
    """`account`: the one acted for, whose messages are « ours ». `after`: the message before the first of them."""
    found = list(messages)
    owners = owners_of({key for one in found for key in (one.account_id, one.actor_account_id)})
    day = timezone.localdate(after.created_at) if after else None
    rows = []
    for one in found:
        own_day = timezone.localdate(one.created_at)
        rows.append(_row(one, owners, account, day_words(own_day) if own_day != day else ""))
        day = own_day
    return rows


def _row(message: Message, owners: Mapping[UUID, Owner], account: Account, day: str) -> Row:
    owner = owners.get(message.account_id)
    name = owner.label if owner else message.account.name
    writer = owners.get(message.actor_account_id)
    is_person = owner.is_person if owner else message.account.kind == AccountKind.PP
    is_ours, is_for_another = message.account_id == account.pk, message.is_for_another
    # Violet only for what is written in another account's name.
    ours = "ours" if is_for_another else "ours ours-own"
    portrait = "" if is_person else " who-pm"
    return Row(
        message=message,
        pk=message.pk,
        name=name,
        by=(writer.label if writer else message.actor_account.name) if is_for_another else "",
        initials=initials(owner, name),
        day=day,
        time=french_time(message.created_at),
        text=message.text,
        css=ours if is_ours else "theirs",
        portrait=f"{portrait} who-name" if is_ours and is_for_another else portrait,
    )


def initials(owner: Owner | None, name: str) -> str:
    if owner:
        return owner.initials
    words = name.split()
    return (words[0][:1] + words[-1][:1]).upper() if len(words) > 1 else name[:2].upper()


def day_words(day: date) -> str:
    """« Aujourd’hui », « Hier », « Vendredi 20 novembre »; with its year when it is not this one."""
    today = timezone.localdate()
    if day == today:
        return "Aujourd’hui"
    if day == today - timedelta(days=1):
        return "Hier"
    words = f"{WEEKDAYS[day.weekday()].capitalize()} {french_date(day)}"
    return words.removesuffix(f"{NBSP}{today.year}")
