import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import chain, islice
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.models.base import ModelState
from structlog.contextvars import get_contextvars

from accounts.grounds import Ground
from accounts.journal.inserting import insert
from accounts.journal.verbs import check_verb
from accounts.models import Account, JournalEntry, User

AT_ONCE = 1_000
AS_THEY_ARE = {str, int, bool, type(None)}
HEX = "%032x"
keys_of = itemgetter("actor_id", "actor_account_id", "account_id", "delegation")
written = json.JSONEncoder().encode
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
    if at.utcoffset() is None:
        raise ValueError("The moment of an entry has a time zone.")
    one = JournalEntry.__new__(JournalEntry)
    # As `Model.__init__` would, which takes ten times longer to look at each field. An entry comes with every click:
    # here and below, each call that is spared shows.
    one.__dict__.update(
        _state=ModelState(),
        id=None,
        at=at,
        actor_id=actor.id if actor else None,
        actor_account_id=_key(actor_account),
        account_id=_key(account),
        ground=str(ground),
        delegation=delegation,
        verb=verb,
        object_kind=object_kind,
        object_key=str(object_key),
        details=_plain(details) if details else {},
        request_id=str(get_contextvars().get("request_id", "")),
    )
    return one


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
    """In one insert, a thousand at most. Raises outside the act's transaction."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(OUTSIDE)
    for some in _batches(entries):
        _insert(some)


def record_opening(one: JournalEntry) -> None:
    """Write what tells of no act: that a space was opened, or refused. One statement is a transaction of its own, and
    the database is asked once in place of three times; an entry of an act goes by `record_all`."""
    _insert([one])


def _insert(some: list[JournalEntry]) -> None:
    keys = insert(len(some), tuple(chain.from_iterable(map(_row, some))))
    for one, key in zip(some, keys, strict=True):
        one.id, one._state.adding, one._state.db = key, False, DEFAULT_DB_ALIAS


def _batches(entries: Iterable[JournalEntry]) -> Iterator[list[JournalEntry]]:
    left = iter(entries)
    while some := list(islice(left, AT_ONCE)):
        yield some


def _row(one: JournalEntry) -> tuple[str | None, ...]:
    """Every column but the key as PostgreSQL reads it, in the order of `insert`."""
    actor, own, account, delegation = keys_of(vars(one))
    return (
        one.at.isoformat(),
        None if actor is None else str(actor),
        None if own is None else HEX % own.int,
        None if account is None else HEX % account.int,
        one.ground,
        None if delegation is None else str(delegation),
        one.verb,
        one.object_kind,
        one.object_key,
        written(one.details) if one.details else "{}",
        one.request_id,
    )


def _plain(details: Mapping[str, Any]) -> Any:
    """As they will be read."""
    for value in details.values():
        if type(value) not in AS_THEY_ARE:
            return json.loads(json.dumps(dict(details), default=_told))
    return dict(details)


def _key(account: Account | UUID | None) -> UUID | None:
    return account.id if isinstance(account, Account) else account


def _told(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | UUID):
        return str(value)
    raise TypeError(f"Details of an entry cannot hold a {type(value).__name__}.")
