"""The directory's entries follow what an import wrote, in its transaction."""

from datetime import datetime

from django.utils import timezone

from directory.imports.staging import one, temporary
from directory.search import projection

# Names of temporary tables are the import's own.
ANY = "SELECT EXISTS (SELECT FROM {table})"
UNITS = "SELECT id FROM directory_internalorganisation WHERE structure_id IN (SELECT id FROM {table})"
PEOPLE = """
    SELECT DISTINCT professional_id AS id FROM directory_attachment
    WHERE until IS NULL AND (
        structure_id IN (SELECT id FROM {table}) OR internal_organisation_id IN (SELECT id FROM import_units_around))
"""


def refresh_from(kind: str, table: str, at: datetime) -> None:
    """Write again the entries of the rows whose `id` is in this temporary table."""
    if one(ANY.format(table=table))[0]:
        projection.refresh_from(kind, table, at=timezone.localdate(at))


def refresh_around(table: str, at: datetime) -> None:
    """Write again the entries of the units and of the people that show the name of these structures."""
    temporary("import_units_around", UNITS.format(table=table))
    temporary("import_people_around", PEOPLE.format(table=table))
    refresh_from("unit", "import_units_around", at)
    refresh_from("professional", "import_people_around", at)
