"""The insert of the journal, by the shortest way to the database: an entry comes with every click.

psycopg plans the statement once a connection and keeps its name. Once it has one, the values go to libpq as they are:
what a cursor does around each execution takes three times longer than sending and reading. Whatever is out of the
ordinary goes by a cursor, and Django's own wrapper is around both: it counts the statement and tells its errors.
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import count
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import Connection, Cursor, OperationalError
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

from accounts.models import JournalEntry

COLUMNS = tuple(field.column for field in JournalEntry._meta.local_concrete_fields if not field.primary_key)
INSERT = f"INSERT INTO accounts_journalentry ({', '.join(COLUMNS)}) VALUES %s RETURNING id"  # noqa: S608, our own columns
Values = Sequence[str | None]


class Statement(NamedTuple):
    """`text`: as Django writes it. `query`, `types`: what psycopg calls it by, as sent and with no type told."""

    text: str
    query: bytes
    types: tuple[int, ...]


def insert(rows: int, values: Values) -> list[int]:
    """The keys of entries whose columns are given one row after the other, as PostgreSQL reads them."""
    db, statement = connections[DEFAULT_DB_ALIAS], _statement(rows)
    if not db.health_check_done:  # type: ignore[attr-defined]
        db.close_if_health_check_failed()
    db.ensure_connection()
    sending = _Sending(db.connection, statement)
    if db.queries_logged or db.execute_wrappers or db.needs_rollback:
        db._prepare_cursor(sending).execute(statement.text, values)  # type: ignore[attr-defined]
    else:
        # What is left of the wrapper when nobody looks.
        with db.wrap_database_errors:
            sending.execute(statement.text, values)
    return sending.keys


class _Sending:
    """What Django's wrapper takes for a cursor, of one execution; `_query` is what its log tells."""

    def __init__(self, raw: Connection[Any], statement: Statement) -> None:
        self.raw = raw
        self.keys: list[int] = []
        self._query = statement

    def execute(self, text: str, values: Values) -> None:
        name = self._name()
        # libpq would end a text at its first NUL; a cursor refuses it.
        if name is None or "\0" in "".join(filter(None, values)):
            with Cursor(self.raw) as cursor:
                self.keys = [key for (key,) in cursor.execute(text, values, prepare=True)]
            return
        sent: list[Any] = [one if one is None else one.encode() for one in values]
        with self.raw.lock:
            result = self.raw.pgconn.exec_prepared(name, sent)
        if result.status != ExecStatus.TUPLES_OK:
            raise self._error(result)
        self.keys = [int(result.get_value(row, 0) or 0) for row in range(result.ntuples)]

    def _name(self) -> bytes | None:
        """Under which the statement is planned on this connection; None as well where psycopg has something to send
        first: the BEGIN of a transaction. It forgets names itself, after a rollback and when there are too many."""
        raw = self.raw
        if raw._pipeline or not (raw.autocommit or raw.pgconn.transaction_status == TransactionStatus.INTRANS):
            return None
        return raw._prepared._names.get(self._query[1:])

    def _error(self, result: Any) -> Exception:
        if self.raw.pgconn.status != ConnStatus.OK:
            return OperationalError(result.get_error_message())
        return error_from_result(result, encoding=self.raw.info.encoding)


@cache
def _statement(rows: int) -> Statement:
    text = INSERT % ", ".join([f"({', '.join(['%s'] * len(COLUMNS))})"] * rows)
    places = count(1)
    query = re.sub("%s", lambda _: f"${next(places)}", text)
    return Statement(text, query.encode(), (0,) * (rows * len(COLUMNS)))
