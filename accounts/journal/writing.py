import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.utils.timezone import is_naive
from psycopg.types.json import Jsonb

from accounts.grounds import Ground
from accounts.journal.verbs import check_verb
from accounts.models import Account, JournalEntry, User
from accounts.prepared import plain_rows

COLUMNS = [field.column for field in JournalEntry._meta.local_concrete_fields if not field.primary_key]
ROW = f"({', '.join(['%s'] * len(COLUMNS))})"
INSERT = f"""
    INSERT INTO accounts_journalentry ({", ".join(f'"{column}"' for column in COLUMNS)}) VALUES %s RETURNING id
"""  # noqa: S608, our own columns
AT_ONCE = 1_000
OUTSIDE = "An entry of the journal is written in the transaction of the act that it tells."


def entry(  # noqa: PLR0913, what an entry says
    verb: str,
    *,
    at: datetime,
    ground: Ground,
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
    if is_naive(at):
        raise ValueError("The moment of an entry has a time zone.")
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
        details=json.loads(json.dumps(dict(details or {}), default=_told)),
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", "")),
    )


def record(  # noqa: PLR0913, what an entry says
    verb: str,
    *,
    at: datetime,
    ground: Ground,
    actor: User | None = None,
    actor_account: Account | UUID | None = None,
    account: Account | UUID | None = None,
    delegation: int | None = None,
    object_kind: str = "",
    object_key: str | int | UUID = "",
    details: Mapping[str, Any] | None = None,
) -> JournalEntry:
    """Write one entry. Raises outside the act's transaction, and for a verb that nobody registered."""
    one = entry(
        verb,
        at=at,
        ground=ground,
        actor=actor,
        actor_account=actor_account,
        account=account,
        delegation=delegation,
        object_kind=object_kind,
        object_key=object_key,
        details=details,
    )
    record_all([one])
    return one


def record_all(entries: Iterable[JournalEntry]) -> None:
    """In one insert, a thousand at most. Raises outside the act's transaction.

    Written in SQL once: an entry comes with every click, and the ORM takes longer to write the statement than the
    database to run it.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(OUTSIDE)
    for some in _batches(entries):
        _insert(some)


def record_opening(one: JournalEntry) -> None:
    """Write what tells of no act: that a space was opened, or refused. One statement is a transaction of its own, and
    the database is asked once in place of three times; an entry of an act goes by `record_all`."""
    _insert([one])


def _insert(some: list[JournalEntry]) -> None:
    keys = plain_rows(INSERT % ", ".join([ROW] * len(some)), [value for one in some for value in _row(one)])
    for one, (key,) in zip(some, keys, strict=True):
        one.pk, one._state.adding, one._state.db = key, False, connection.alias


def _batches(entries: Iterable[JournalEntry]) -> Iterator[list[JournalEntry]]:
    left = iter(entries)
    while some := list(islice(left, AT_ONCE)):
        yield some


def _row(one: JournalEntry) -> Iterator[Any]:
    for column in COLUMNS:
        value = getattr(one, column)
        yield Jsonb(value) if column == "details" else value


def _key(account: Account | UUID | None) -> UUID | None:
    return account.pk if isinstance(account, Account) else account


def _told(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | UUID):
        return str(value)
    raise TypeError(f"Details of an entry cannot hold a {type(value).__name__}.")
