"""Temporary tables filled by COPY, in chunks, inside the import's transaction."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from django.db import connection

CHUNK = 5_000
# Below that, any plan is fast, and looking for the best one takes longer than following it.
WORTH_ANALYSING = 1_000


class _OpenCopy:
    """The COPY that is under way, if any. It stays open between two chunks: the server works while we read on."""

    def __init__(self) -> None:
        self._table = ""
        self._stack = ExitStack()
        self._into: Any = None

    def into(self, table: str, columns: str) -> Any:
        """The open COPY into this table; that of another one is ended first."""
        if self._table != table:
            self.end()
            cursor = self._stack.enter_context(connection.cursor())
            self._into = self._stack.enter_context(cursor.copy(f"COPY {table} ({columns}) FROM STDIN"))
            self._table = table
        return self._into

    def end(self) -> None:
        self._table = ""
        self._stack.close()

    def give_up(self, error: BaseException) -> None:
        """What was sent is dropped, and the connection can roll back."""
        self._table = ""
        self._stack.__exit__(type(error), error, error.__traceback__)


_open_copy = _OpenCopy()


def execute(sql: str, params: Sequence[Any] | None = None) -> int:
    """Run one statement; how many rows it wrote."""
    _open_copy.end()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return max(int(cursor.rowcount), 0)


def rows(sql: str, params: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    """Every row that a statement gives."""
    _open_copy.end()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def one(sql: str, params: Sequence[Any] | None = None) -> tuple[Any, ...]:
    """The only row that a statement gives."""
    return rows(sql, params)[0]


def stream(sql: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement through a server-side cursor: a few at a time in memory."""
    _open_copy.end()
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql)
        while some := cursor.fetchmany(CHUNK):
            yield from some


def temporary(table: str, select: str, params: Sequence[Any] | None = None) -> int:
    """Keep the rows of a query in a temporary table until the end of the transaction; how many there are."""
    execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
    count = execute(f"CREATE TEMP TABLE {table} ON COMMIT DROP AS {select}", params)
    if count >= WORTH_ANALYSING:
        execute(f"ANALYZE {table}")
    return count


def copy(table: str, columns: str, values: Iterable[Sequence[Any]]) -> None:
    """COPY these rows into a table."""
    _open_copy.end()
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as into:
        for row in values:
            into.write_row(row)


class Staging:
    """A temporary table, gone at the end of the transaction, written by chunks. Use it in a `with`."""

    def __init__(self, table: str, columns: dict[str, str], analysed: str = "") -> None:
        """`analysed`: the columns that joins use; all of them when none is named."""
        self.table = table
        self._analysed = analysed or ", ".join(columns)
        self.columns = ", ".join(columns)
        self._buffer: list[Sequence[Any]] = []
        self._sent = 0
        definitions = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        execute(f"CREATE TEMP TABLE {table} ({definitions}) ON COMMIT DROP")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is not None:
            _open_copy.give_up(error)
            return
        self.flush()
        if self._sent >= WORTH_ANALYSING:
            execute(f"ANALYZE {self.table} ({self._analysed})")

    def add(self, row: Sequence[Any]) -> None:
        """Keep a row; every `CHUNK` of them go to the database."""
        self._buffer.append(row)
        if len(self._buffer) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Send what is kept."""
        if self._buffer:
            into = _open_copy.into(self.table, self.columns)
            for row in self._buffer:
                into.write_row(row)
            self._sent += len(self._buffer)
            self._buffer.clear()
