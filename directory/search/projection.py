"""Publishes the directory's own kinds straight from their tables, a set at a time, writing only what differs."""

# ruff: noqa: S608, values are parameters: names of tables and columns alone stand in a statement
import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from directory.models import InternalOrganisation, Professional, Structure
from directory.reference import DATA
from directory.search.folding import fold
from directory.search.projection_sql import PROFESSIONALS, STRUCTURES, UNITS
from directory.search.publishing import upsert


@dataclass(frozen=True)
class _Own:
    """A kind of the directory's own: where its rows are, and the column that is its entries' key."""

    select: str
    table: str
    key: str


_OWN = {
    "structure": _Own(STRUCTURES, Structure._meta.db_table, "finess"),
    "unit": _Own(UNITS, InternalOrganisation._meta.db_table, "id::text"),
    "professional": _Own(PROFESSIONALS, Professional._meta.db_table, "id::text"),
}
OWN_KINDS = tuple(_OWN)


def refresh(kind: str, ids: Iterable[int] | None = None, *, at: date | None = None) -> int:
    """Write the entries of these rows again, all of them without `ids`; returns how many rows were written.

    All of them also takes out the entries of rows that are there no more. A structure's name stands in the entries of
    its units and people: `refresh_around` writes those too.
    """
    if ids is not None:
        return _write(kind, "= ANY (%(ids)s::bigint[])", at, ids=list(ids))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        return _take_out_orphans(kind) + _write(kind, "IS NOT NULL", at)


def refresh_from(kind: str, table: str, *, at: date | None = None) -> int:
    """As `refresh`, for the rows whose `id` is in this temporary table."""
    with connection.cursor() as cursor:
        named = sql.Identifier(table).as_string(cursor.connection)
    return _write(kind, f"IN (SELECT id FROM {named})", at)


def refresh_around(structure_ids: Iterable[int], *, at: date | None = None) -> int:
    """The entries of these structures, then of all that shows their name: their units and the people attached."""
    ids = list(structure_ids)
    units = "IN (SELECT id FROM directory_internalorganisation WHERE structure_id = ANY (%(ids)s::bigint[]))"
    people = f"""IN (
        SELECT professional_id FROM directory_attachment
        WHERE structure_id = ANY (%(ids)s::bigint[]) OR internal_organisation_id {units}
    )"""
    with transaction.atomic():
        written = _write("structure", "= ANY (%(ids)s::bigint[])", at, ids=ids)
        written += _write("unit", units, at, ids=ids)
        return written + _write("professional", people, at, ids=ids)


def _write(kind: str, picked: str, at: date | None, **parameters: Any) -> int:
    statement = upsert(_OWN[kind].select.replace("{picked}", picked))
    values = _words() | parameters | {"at": at or timezone.localdate()}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def _take_out_orphans(kind: str) -> int:
    own = _OWN[kind]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""DELETE FROM directory_searchentry e WHERE kind = %s
            AND NOT EXISTS (SELECT FROM {own.table} o WHERE o.{own.key} = e.key)""",
            [kind],
        )
        return int(cursor.rowcount)


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _words() -> dict[str, list[Any]]:
    """Acronyms with their long forms, as the statements read them."""
    rows = _rows("acronyms.csv")
    return {
        "acronyms": [row["acronym"] for row in rows],
        "folded": [fold(row["acronym"]) for row in rows],
        "long_forms": [row["long_form"] for row in rows],
        "long_folded": [fold(row["long_form"]) for row in rows],
        "short_forms": [row["short_form"] for row in rows],
        "categories": [row["categories"] for row in rows],
        "in_names": [row["in_names"] == "yes" for row in rows],
    }
