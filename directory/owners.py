"""Who stands behind an account: what any page says of one, read from the directory's own entries."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from accounts.models import Account
from directory.kinds import kind_named


@dataclass(frozen=True)
class Owner:
    """`detail`: « EHPAD · Rodez ». `url`: its page in the directory. `icon` stands for a moral account."""

    account_id: UUID
    kind: str
    label: str
    detail: str
    url: str
    icon: str

    @property
    def is_person(self) -> bool:
        return self.kind == "professional"

    @property
    def initials(self) -> str:
        words = self.label.split()
        return (words[0][:1] + words[-1][:1]).upper() if len(words) > 1 else self.label[:2].upper()


# Written once: each page asks it several times, and the ORM takes longer to write it than the database to answer.
STANDING_BEHIND = "SELECT account_id, kind, key, label, detail FROM directory_searchentry WHERE account_id = ANY(%s)"


def owners_of(accounts: Iterable[Account | UUID | None]) -> dict[UUID, Owner]:
    """By account, in one query. An account that the directory does not list is absent: it does not exist for pages."""
    ids = {account.pk if isinstance(account, Account) else account for account in accounts} - {None}
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(STANDING_BEHIND, [list(ids)])
        return {row[0]: _owner(*row) for row in cursor.fetchall()}


def _owner(account: UUID, name: str, key: str, label: str, detail: str) -> Owner:
    kind = kind_named(name)
    return Owner(account, name, label, detail, kind.page_of(key), kind.icon)


def is_listed(account: Account | UUID) -> bool:
    return bool(owners_of([account]))
