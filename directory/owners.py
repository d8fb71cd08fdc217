"""Who stands behind an account: what any page says of one, read from the directory's own entries."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from accounts.models import Account
from directory.kinds import kinds
from directory.models import SearchEntry


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


def owners_of(accounts: Iterable[Account | UUID | None]) -> dict[UUID, Owner]:
    """By account, in one query. An account that the directory does not list is absent: it does not exist for pages."""
    ids = {account.pk if isinstance(account, Account) else account for account in accounts} - {None}
    entries = SearchEntry.objects.filter(account__in=ids) if ids else []
    return {entry.account_id: _owner(entry) for entry in entries if entry.account_id}


def _owner(entry: SearchEntry) -> Owner:
    kind = kinds()[entry.kind]
    url = reverse(kind.url_name, args=[entry.key])
    assert entry.account_id is not None  # noqa: S101, found by it
    return Owner(entry.account_id, entry.kind, entry.label, entry.detail, url, kind.icon)


def is_listed(account: Account | UUID) -> bool:
    return bool(owners_of([account]))
