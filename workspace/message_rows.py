"""Messages as a page draws them: who speaks, who wrote, when; in as many queries whatever their number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone

from accounts.models import Account, AccountKind
from directory.owners import Owner, owners_of
from spico.web.typography import NBSP, french_date, french_time, local
from workspace.calendar import WEEKDAYS
from workspace.models import Message


@dataclass(frozen=True)
class Row:
    """What the page prints of a message, read once: a page holds fifty. `day`: said above it when it is not that of the
    message before. `by`: who wrote in another account's name. `css`, `portrait`: classes of the row and portrait.
    """

    message: Message
    pk: str
    name: str
    by: str
    initials: str
    day: str
    time: str
    text: str
    css: str
    portrait: str


def authors_of(messages: Iterable[Message]) -> set[UUID]:
    """The accounts that speak and those that write for them."""
    return {key for one in messages for key in (one.account_id, one.actor_account_id)}


def rows_of(
    messages: Iterable[Message],
    account: Account,
    *,
    after: Message | None = None,
    owners: Mapping[UUID, Owner] | None = None,
) -> list[Row]:
    """`account`: the one acted for, whose messages are « ours ». `after`: the message before the first of them.
    `owners`: of all `authors_of` them, when the page has asked already."""
    found = list(messages)
    authors = authors_of(found)
    owners = owners_of(authors) if owners is None else owners
    missing = authors - owners.keys()
    gone = Account.objects.in_bulk(missing) if missing else {}
    day = local(after.created_at).date() if after else None
    rows = []
    for one in found:
        own_day = local(one.created_at).date()
        rows.append(_row(one, owners, gone, account, day_words(own_day) if own_day != day else ""))
        day = own_day
    return rows


def _row(
    message: Message, owners: Mapping[UUID, Owner], gone: Mapping[UUID, Account], account: Account, day: str
) -> Row:
    """`gone`: the authors who left the directory, and keep the name of their account."""
    speaker, writer = message.account_id, message.actor_account_id
    owner = owners.get(speaker)
    name = owner.label if owner else gone[speaker].name
    is_person = owner.is_person if owner else gone[speaker].kind == AccountKind.PP
    is_ours, is_for_another = message.account_id == account.pk, message.is_for_another
    # Violet only for what is written in another account's name.
    ours = "ours" if is_for_another else "ours ours-own"
    portrait = "" if is_person else " who-pm"
    return Row(
        message=message,
        pk=str(message.pk),
        name=name,
        by=(owners[writer].label if writer in owners else gone[writer].name) if is_for_another else "",
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
