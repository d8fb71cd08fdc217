"""Who wrote and whose name it is written in, as pages say it: the account acted for, then the person."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from accounts.models import Account
from directory.owners import Owner, owners_of
from workspace.models import Authored


def names_of(accounts: Iterable[Account | UUID | None], owners: Mapping[UUID, Owner] | None = None) -> dict[UUID, str]:
    """By account, in one query whatever their number; and one more for those who left the directory, who keep the name
    of their account. `owners`: of all of them, when the caller has read them."""
    keys = {one.pk if isinstance(one, Account) else one for one in accounts} - {None}
    names = {key: owner.label for key, owner in (owners_of(keys) if owners is None else owners).items()}
    missing = keys - names.keys()
    return names | (dict(Account.objects.filter(pk__in=missing).values_list("pk", "name")) if missing else {})


def signature_of(row: Authored, names: dict[UUID, str]) -> str:
    """« Unité des Tilleuls, par Rémi Aubrespin »; the name alone when one wrote for oneself."""
    return signed(row.account_id, row.actor_account_id, names)


def signed(account: UUID, person: UUID, names: Mapping[UUID, str]) -> str:
    """The same, of an act kept by its two accounts alone: a change, a cancelling."""
    return names[person] if account == person else f"{names[account]}, par {names[person]}"
