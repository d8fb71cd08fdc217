"""Who wrote and whose name it is written in, as pages say it: the account acted for, then the person."""

from collections.abc import Iterable
from uuid import UUID

from accounts.models import Account
from directory.owners import owners_of
from workspace.models import Authored


def names_of(accounts: Iterable[Account | None]) -> dict[UUID, str]:
    """By account, in one query whatever their number; who left the directory keeps the name of their account."""
    found = {account.pk: account for account in accounts if account is not None}
    owners = owners_of(found.values())
    return {pk: owners[pk].label if pk in owners else account.name for pk, account in found.items()}


def signature_of(row: Authored, names: dict[UUID, str]) -> str:
    """« Unité des Tilleuls, par Rémi Aubrespin »; the name alone when one wrote for oneself."""
    person = names[row.actor_account_id]
    return f"{names[row.account_id]}, par {person}" if row.is_for_another else person
