"""Rows written by COPY: ten times faster than INSERT, and the triggers of the tables still see each row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def copy(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Write rows of one model, in the open transaction. Those they point to must have been written before."""
    if isinstance(model._meta.pk, models.AutoField):
        for row, number in zip(rows, new_ids(model, len(rows)), strict=True):
            row.pk = number
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    quoted = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    statement = f"COPY {connection.ops.quote_name(model._meta.db_table)} ({quoted}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as target:
        for row in rows:
            target.write_row([prepared(field, row) for field in fields])


def new_ids(model: type[models.Model], count: int) -> Iterable[int]:
    """The next numbers of the table's own sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [connection.ops.quote_name(model._meta.db_table), model._meta.pk.column, count],
        )
        return [number for (number,) in cursor.fetchall()]


def prepared(field: models.Field[Any, Any], row: models.Model) -> Any:
    """A relation is read from the row it points to: its number was not known when they were tied."""
    if isinstance(field, models.ForeignKey) and field.is_cached(row):
        related = field.get_cached_value(row)
        return related.pk if related else None
    return field.get_db_prep_save(getattr(row, field.attname), connection)
