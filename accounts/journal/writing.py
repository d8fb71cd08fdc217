from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction

from accounts.grounds import Ground
from accounts.journal.verbs import check_verb
from accounts.models import Account, JournalEntry, User

OUTSIDE = "An entry of the journal is written in the transaction of the act that it tells."


def entry(  # noqa: PLR0913, what an entry says
    verb: str,
    *,
    at: datetime,
    ground: Ground | str,
    actor: User | None = None,
    actor_account: Account | UUID | None = None,
    account: Account | UUID | None = None,
    delegation: int | None = None,
    object_kind: str = "",
    object_key: str | int | UUID = "",
    details: Mapping[str, Any] | None = None,
) -> JournalEntry:
    """An entry for `record_all`. `details`: keys, scopes, periods; never a name, a message or health data."""
    check_verb(verb)
    return JournalEntry(
        at=at,
        actor=actor,
        actor_account_id=_key(actor_account),
        account_id=_key(account),
        ground=ground,
        delegation=delegation,
        verb=verb,
        object_kind=object_kind,
        object_key=str(object_key),
        details=dict(details or {}),
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64],
    )


def record(verb: str, **told: Any) -> JournalEntry:
    """Write one entry, told as for `entry`. Raises outside the act's transaction, and for an unknown verb."""
    one = entry(verb, **told)
    record_all([one])
    return one


def record_all(entries: Iterable[JournalEntry]) -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(OUTSIDE)
    JournalEntry.objects.bulk_create(entries)


def _key(account: Account | UUID | None) -> UUID | None:
    return account.pk if isinstance(account, Account) else account
