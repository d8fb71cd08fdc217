from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.grounds import Ground
from accounts.journal import entry, record_all
from accounts.models import Account, JournalEntry, User
from delegations.access import Standing
from delegations.services.common import own_account


@transaction.atomic
def record_export(user: User, accounts: Sequence[Account], details: Mapping[str, Any], at: datetime) -> None:
    """That somebody takes the journal of these accounts away: one entry each, on the ground on which they read it.

    The caller has found the accounts in `accounts_overseen_by`.
    """
    standing = Standing.of(user, at, list(accounts))
    own = own_account(user)
    record_all(_entry(standing, account, own, details, at) for account in accounts)


def _entry(
    standing: Standing, account: Account, own: Account | None, details: Mapping[str, Any], at: datetime
) -> JournalEntry:
    ground, through = ground_of_reading(standing, account)
    return entry(
        "journal.exported",
        at=at,
        ground=ground,
        actor=standing.user,
        actor_account=own,
        account=account,
        delegation=through,
        object_kind="journal",
        details=details,
    )


def ground_of_reading(standing: Standing, account: Account) -> tuple[Ground, int | None]:
    """On what ground somebody reads the journal of an account that they oversee, and by which delegation.

    A closed account gives no power over itself any more, but its journal is still read.
    """
    if standing.is_own(account):
        return Ground.OWN, None
    if account.pk in standing.referred:
        return Ground.REFERENT, None
    return Ground.DELEGATION, standing.held[account.pk].pk
