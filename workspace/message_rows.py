"""Messages as a page draws them: who speaks, who wrote, when; in one query whatever their number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone

from accounts.models import Account
from directory.owners import Owner, owners_of
from spico.web.typography import NBSP, french_date, french_time
from workspace.calendar import WEEKDAYS
from workspace.models import Message


@dataclass(frozen=True)
class Row:
    """`day`: said above it when it is not that of the message before. `by`: who wrote in another account's name."""

    message: Message
    name: str
    by: str
    initials: str
    is_person: bool
    is_ours: bool
    day: str

    @property
    def is_in_another_name(self) -> bool:
        return self.message.is_for_another

    @property
    def time(self) -> str:
        return french_time(self.message.created_at)


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
    return Row(
        message=message,
        name=name,
        by=(writer.label if writer else message.actor_account.name) if message.is_for_another else "",
        initials=initials(owner, name),
        is_person=owner.is_person if owner else message.account.kind == "pp",
        is_ours=message.account_id == account.pk,
        day=day,
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
