"""The set-based half of the FINESS import: from staging tables to the directory, writing only what differs."""

# ruff: noqa: S608, statements are put together from constants alone; values are parameters.

from datetime import date
from typing import NamedTuple

from accounts.models import AccountKind
from accounts.states import ON_STRUCTURE_CLOSED, ON_STRUCTURE_REOPENED
from directory.imports.accounts import move_from
from directory.imports.engine import Closing, Job
from directory.imports.files import TextFile
from directory.imports.mirror import Mirror
from directory.imports.reference_lists import add_categories, add_communes
from directory.imports.search import refresh_around, refresh_from
from directory.imports.staging import Staging, execute, one, stream, temporary
from directory.models import Source


class Row(NamedTuple):
    """What is kept of a `structureet` line."""

    line: int
    number: str
    legal_entity: str | None
    name: str
    long_name: str
    category: str | None
    category_label: str
    group_code: str
    group_label: str
    siret: str
    address: str
    address_complement: str
    postal_code: str
    city: str
    commune: str | None
    department: str | None
    phone: str
    opened_on: date | None
    record_updated_on: date | None


def row_table() -> Staging:
    columns = dict.fromkeys(Row._fields, "text")
    typed = {"line": "int", "opened_on": "date", "record_updated_on": "date"}
    return Staging("finess_row", columns | typed, analysed="line, number, legal_entity, category, commune")


def refused_table() -> Staging:
    """Numbers read on lines that were set aside: the file holds them, so they do not close."""
    return Staging("finess_refused", {"number": "text"})


REPEATED = """
    WITH twice AS (SELECT number, min(line) AS first FROM {table} GROUP BY number HAVING count(*) > 1)
    SELECT again.line, twice.first, to_jsonb(again) - 'line' = to_jsonb(kept) - 'line' AS is_same
    FROM twice JOIN {table} again ON again.number = twice.number JOIN {table} kept ON kept.line = twice.first
    WHERE again.line > twice.first
    ORDER BY again.line
"""
SET_ASIDE = "même numéro FINESS que la ligne {first}, avec un autre contenu"
MOVED = "autre position que celle de la ligne {first}, qui est gardée"
# What was declared or made for the demonstration is not FINESS's to write; what only the ROR knew becomes FINESS's.
OTHERS = """
    SELECT f.line, s.name, s.source FROM finess_row f JOIN directory_structure s ON s.finess = f.number
    WHERE s.source NOT IN ('finess', 'ror') ORDER BY f.line
"""
ORPHAN_POINTS = """
    SELECT line, number FROM finess_point
    WHERE number NOT IN (SELECT number FROM finess_row)
      AND number NOT IN (SELECT number FROM finess_refused)
      AND number NOT IN (SELECT finess FROM directory_structure)
    ORDER BY line
"""
CLOSING = """
    SELECT id, account_id FROM directory_structure s
    WHERE source = 'finess' AND closed_on IS NULL
      AND NOT EXISTS (SELECT FROM finess_row WHERE number = s.finess)
      AND NOT EXISTS (SELECT FROM finess_refused WHERE number = s.finess)
"""
STRUCTURES = Mirror(
    table="directory_structure",
    changes="finess_change",
    wanted="""
        SELECT f.number AS finess, e.id AS legal_entity_id, f.name, f.long_name, f.category AS category_id, f.siret,
               f.address, f.address_complement, f.postal_code, f.city, f.commune AS commune_id,
               f.department AS department_id, f.phone, f.opened_on, f.record_updated_on, 'finess' AS source,
               p.latitude, p.longitude
        FROM finess_row f
        LEFT JOIN directory_legalentity e ON e.number = f.legal_entity
        LEFT JOIN finess_point p ON p.number = f.number
    """,
    match="t.finess = w.finess",
    columns=(
        *("finess", "legal_entity_id", "name", "long_name", "category_id", "siret", "address", "address_complement"),
        *("postal_code", "city", "commune_id", "department_id", "phone", "opened_on", "record_updated_on", "source"),
    ),
    kept=("latitude", "longitude"),
    fixed={"ror_name": "''", "ror_legal_entity_reference": "''"},
    owner=AccountKind.STRUCTURE,
    reopened=ON_STRUCTURE_REOPENED,
)


def drop_repeated(job: Job, file: TextFile) -> None:
    """Of a number met twice, the first line stays; of its positions too."""
    if temporary("finess_repeated", REPEATED.format(table="finess_row")):
        for (line, first, is_same), raw in file.with_raw(stream("SELECT * FROM finess_repeated ORDER BY line")):
            if is_same:
                job.warn(line, f"répète la ligne {first} à l’identique", raw)
            else:
                job.set_aside(line, SET_ASIDE.format(first=first), raw)
        execute("DELETE FROM finess_row WHERE line IN (SELECT line FROM finess_repeated)")
    if temporary("finess_repeated", REPEATED.format(table="finess_point")):
        moved = "SELECT line, first FROM finess_repeated WHERE NOT is_same ORDER BY line"
        for (line, first), raw in file.with_raw(stream(moved)):
            job.warn(line, MOVED.format(first=first), raw)
        execute("DELETE FROM finess_point WHERE line IN (SELECT line FROM finess_repeated)")


def drop_other_sources(job: Job, file: TextFile) -> None:
    """Leave the structures that FINESS may not write as they are, and say so."""
    for (line, name, source), raw in file.with_raw(stream(OTHERS)):
        label = Source(source).label
        job.warn(line, f"« {name} » vient d’une autre source ({label}) : sa fiche n’a pas été modifiée", raw)
    execute(f"DELETE FROM finess_row WHERE line IN (SELECT line FROM ({OTHERS}) others)")


def warn_orphan_points(job: Job, file: TextFile) -> None:
    for (line, number), raw in file.with_raw(stream(ORPHAN_POINTS)):
        job.warn(line, f"position d’une structure inconnue : {number}", raw)


def is_empty(*, with_points: bool) -> bool:
    """Whether nothing of the file can be used."""
    structures, points = one("SELECT EXISTS (SELECT FROM finess_row), EXISTS (SELECT FROM finess_point)")
    return not (structures or (points and with_points))


def find_closed(*, is_extract: bool) -> None:
    """List what the file no longer holds; an extract closes nothing."""
    temporary("finess_closed", CLOSING + (" LIMIT 0" if is_extract else ""))


def closing() -> Closing:
    open_ = one("SELECT count(*) FROM directory_structure WHERE source = 'finess' AND closed_on IS NULL")[0]
    return Closing("établissements", open_, one("SELECT count(*) FROM finess_closed")[0])


def write(job: Job) -> None:
    """Reference lists, legal entities, structures, closings, entries."""
    add_categories("finess_row")
    add_communes("finess_row")
    _add_legal_entities()
    STRUCTURES.apply(job.at, job.day)
    STRUCTURES.count(job.counts, of="finess_row")
    job.counts.closed = execute(
        "UPDATE directory_structure SET closed_on = %s FROM finess_closed c WHERE c.id = directory_structure.id",
        [job.day],
    )
    move_from("finess_closed", ON_STRUCTURE_CLOSED, job.at)
    job.counts.changed += _move_points()
    if one("SELECT EXISTS (SELECT FROM finess_change) OR EXISTS (SELECT FROM finess_closed)")[0]:
        execute("ANALYZE accounts_account, directory_structure")
        _refresh(job)


def _add_legal_entities() -> None:
    execute("""
        INSERT INTO directory_legalentity (number, siren, name, source)
        SELECT DISTINCT legal_entity, '', '', 'finess' FROM finess_row f
        WHERE legal_entity IS NOT NULL AND NOT EXISTS (SELECT FROM directory_legalentity WHERE number = f.legal_entity)
    """)


def _move_points() -> int:
    """Positions that a file gives without the structure's own line."""
    temporary(
        "finess_moved",
        """
        SELECT s.id, p.latitude, p.longitude FROM finess_point p JOIN directory_structure s ON s.finess = p.number
        WHERE s.source = 'finess' AND s.closed_on IS NULL
          AND NOT EXISTS (SELECT FROM finess_row f WHERE f.number = p.number)
          AND (s.latitude, s.longitude) IS DISTINCT FROM (p.latitude, p.longitude)
    """,
    )
    return execute("""
        UPDATE directory_structure SET latitude = m.latitude, longitude = m.longitude
        FROM finess_moved m WHERE m.id = directory_structure.id
    """)


def _refresh(job: Job) -> None:
    temporary("finess_touched", "SELECT id FROM finess_change UNION SELECT id FROM finess_closed")
    temporary("finess_known", "SELECT id FROM finess_touched EXCEPT SELECT id FROM finess_change WHERE act = 'created'")
    refresh_from("structure", "finess_touched", job.at)
    refresh_around("finess_known", job.at)
