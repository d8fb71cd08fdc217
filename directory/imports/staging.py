"""Temporary tables filled by COPY, in chunks, inside the import's transaction."""

from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, Self

from django.db import connection

CHUNK = 5_000
# Below that, any plan is fast, and looking for the best one takes longer than following it.
WORTH_ANALYSING = 1_000


def execute(sql: str, params: Sequence[Any] | None = None) -> int:
    """Run one statement; how many rows it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return max(int(cursor.rowcount), 0)


def rows(sql: str, params: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    """Every row that a statement gives."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def one(sql: str, params: Sequence[Any] | None = None) -> tuple[Any, ...]:
    """The only row that a statement gives."""
    return rows(sql, params)[0]


def stream(sql: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement through a server-side cursor: a few at a time in memory."""
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
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as into:
        for row in values:
            into.write_row(row)


class Staging:
    """A temporary table, gone at the end of the transaction, written by chunks. Use it in a `with`."""

    def __init__(self, table: str, columns: dict[str, str]) -> None:
        self.table = table
        self.columns = ", ".join(columns)
        self._buffer: list[Sequence[Any]] = []
        self._sent = 0
        definitions = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        execute(f"CREATE TEMP TABLE {table} ({definitions}) ON COMMIT DROP")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is None:
            self.flush()
            if self._sent >= WORTH_ANALYSING:
                execute(f"ANALYZE {self.table}")

    def add(self, row: Sequence[Any]) -> None:
        """Keep a row; every `CHUNK` of them go to the database."""
        self._buffer.append(row)
        if len(self._buffer) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Send what is kept."""
        if self._buffer:
            copy(self.table, self.columns, self._buffer)
            self._sent += len(self._buffer)
            self._buffer.clear()
