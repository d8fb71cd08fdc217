from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import Account
from accounts.signals import accounts_moved
from accounts.states import AccountState


def move_accounts(ids: Iterable[UUID], moves: Mapping[AccountState, AccountState], at: datetime) -> int:
    """Move the accounts along one of the tables of `accounts.states`; those in another state stay as they are.

    One conditional update a state, announced to the upper apps in the same transaction. Returns how many moved.
    Locked in the order of their keys, as by every act that locks several: so two of them never wait for each other.
    """
    moved = 0
    chosen = set(ids)
    with transaction.atomic():
        rows = Account.objects.select_for_update(no_key=True).filter(pk__in=chosen).order_by("pk")
        locked = dict(rows.values_list("pk", "state"))
        for source, target in moves.items():
            accounts = {pk for pk, state in locked.items() if state == source}
            if accounts:
                moved += Account.objects.filter(pk__in=accounts, state=source).update(state=target)
                accounts_moved.send(sender=Account, accounts=accounts, state=target, at=at)
    return moved
