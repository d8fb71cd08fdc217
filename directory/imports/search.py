"""The directory's entries follow what an import wrote, in its transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils import timezone

from directory.imports.staging import execute, one, rows, temporary
from directory.search import projection

FIRST_LOAD = 20
WORTH_REBUILDING = 2_000
ENTRIES = "directory_searchentry"
# Whatever they are called: the indexes that cost most to feed row by row and least to build at once.
GIN_INDEXES = """
    SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
    WHERE i.indrelid = 'directory_searchentry'::regclass AND a.amname = 'gin' ORDER BY 1
"""
# Names of temporary tables are the import's own.
COUNT = "SELECT count(*) FROM {table}"
COUNT_A_FEW = "SELECT count(*) FROM (SELECT FROM directory_searchentry LIMIT %s) few"
UNITS = "SELECT id FROM directory_internalorganisation WHERE structure_id IN (SELECT id FROM {table})"
PEOPLE = """
    SELECT DISTINCT professional_id AS id FROM directory_attachment
    WHERE until IS NULL AND (
        structure_id IN (SELECT id FROM {table}) OR internal_organisation_id IN (SELECT id FROM import_units_around))
"""


def refresh_from(kind: str, table: str, at: datetime) -> None:
    """Write again the entries of the rows whose `id` is in this temporary table."""
    count = one(COUNT.format(table=table))[0]
    if not count:
        return
    with _first_load(count):
        projection.refresh_from(kind, table, at=timezone.localdate(at))


def refresh_around(table: str, at: datetime) -> None:
    """Write again the entries of the units and of the people that show the name of these structures."""
    temporary("import_units_around", UNITS.format(table=table))
    temporary("import_people_around", PEOPLE.format(table=table))
    refresh_from("unit", "import_units_around", at)
    refresh_from("professional", "import_people_around", at)


@contextmanager
def _first_load(count: int) -> Iterator[None]:
    """When the directory is all but empty, its word indexes are built once at the end: three times faster.

    Whoever searches meanwhile waits, so this is for a directory in which there is nothing to find yet.
    """
    if count < WORTH_REBUILDING or one(COUNT_A_FEW, [count])[0] * FIRST_LOAD >= count:
        yield
        return
    indexes = rows(GIN_INDEXES)
    for name, _ in indexes:
        execute(f"DROP INDEX {name}")
    yield
    # An index cannot be built on a table whose checks are still to come.
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("SET CONSTRAINTS ALL DEFERRED")
    execute("SET LOCAL maintenance_work_mem = '128MB'")
    for _, definition in indexes:
        execute(definition)
    execute(f"ANALYZE {ENTRIES}")
