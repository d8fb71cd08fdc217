"""The set-based half of the RPPS import: lines merged into people, then the directory, writing only what differs."""

from typing import NamedTuple

from accounts.models import AccountKind
from accounts.states import ON_STRUCTURE_CLOSED, ON_STRUCTURE_REOPENED
from directory.imports.accounts import move_from
from directory.imports.engine import Closing, Job
from directory.imports.files import TextFile
from directory.imports.mirror import Mirror
from directory.imports.reference_lists import add_communes, add_professions
from directory.imports.search import refresh_from
from directory.imports.staging import Staging, execute, one, stream, temporary
from directory.models import Source

# ruff: noqa: S608, statements are put together from constants alone; values are parameters.


class Row(NamedTuple):
    """What is kept of a line."""

    line: int
    national_id: str
    rpps: str | None
    civility: str
    family_name: str
    given_name: str
    profession: str | None
    profession_label: str
    speciality: str | None
    finess: str | None
    function: str | None
    place: str | None
    place_name: str | None
    mode: str | None
    address: str | None
    postal_code: str | None
    city: str | None
    commune: str | None
    department: str | None
    phone: str | None


def row_table() -> Staging:
    columns = dict.fromkeys(Row._fields, "text") | {"line": "int"}
    return Staging("rpps_row", columns, analysed="line, national_id, rpps, finess, place, commune, profession")


def refused_table() -> Staging:
    """Identifiers read on lines that were set aside: the file holds these people, so they do not close."""
    return Staging("rpps_refused", {"national_id": "text"})


# A person's lines may be far apart: identity from the first of them, specialities from all.
PERSONS = """
    WITH merged AS (
        SELECT national_id, min(line) AS line, coalesce(
            array_agg(DISTINCT speciality ORDER BY speciality) FILTER (WHERE speciality IS NOT NULL), '{}'
        )::varchar[] AS specialities
        FROM rpps_row GROUP BY national_id
    )
    SELECT r.line, r.national_id, r.rpps, r.civility, r.family_name, r.given_name, r.profession AS profession_id,
           m.specialities, coalesce(by_id.id, by_rpps.id) AS known_id,
           coalesce(by_id.source, by_rpps.source) AS known_as
    FROM merged m JOIN rpps_row r ON r.line = m.line
    LEFT JOIN directory_professional by_id ON by_id.national_id = r.national_id
    LEFT JOIN directory_professional by_rpps ON by_rpps.rpps = r.rpps AND by_rpps.national_id IS NULL
"""
CLASHES = """
    SELECT p.line, d.given_name || ' ' || d.family_name
    FROM rpps_person p JOIN directory_professional d ON d.rpps = p.rpps AND d.id IS DISTINCT FROM p.known_id
    ORDER BY line
"""
OTHERS = """
    SELECT line, given_name || ' ' || family_name, known_as FROM rpps_person WHERE known_as NOT IN ('rpps', 'ror')
    ORDER BY line
"""
PROFESSIONALS = Mirror(
    table="directory_professional",
    changes="rpps_change",
    wanted="SELECT *, 'rpps' AS source FROM rpps_person",
    match="t.id = w.known_id",
    columns=(
        *("national_id", "rpps", "civility", "family_name", "given_name", "profession_id", "specialities"),
        "source",
    ),
    fixed={"title": "''"},
    owner=AccountKind.PP,
    label="btrim({row}.given_name || ' ' || {row}.family_name)",
    reopened=ON_STRUCTURE_REOPENED,
)
# A line whose FINESS site is a structure that we list and that is open is an attachment; any other one is a place.
SITES = """
    SELECT r.line, r.national_id, s.id AS structure_id
    FROM rpps_row r JOIN rpps_person USING (national_id)
    LEFT JOIN directory_structure s ON s.finess = r.finess AND s.closed_on IS NULL
"""
ATTACHED = """
    SELECT d.id AS professional_id, x.structure_id, coalesce(min(r.function), '') AS function, 'rpps' AS source
    FROM rpps_site x JOIN rpps_row r USING (line)
    JOIN directory_professional d ON d.national_id = x.national_id
    WHERE x.structure_id IS NOT NULL
    GROUP BY d.id, x.structure_id
"""
# What somebody declared or the ROR said of the same pair stays theirs.
NOT_SAID_BY_OTHERS = """
    SELECT * FROM rpps_attached w WHERE NOT EXISTS (
        SELECT FROM directory_attachment a WHERE a.professional_id = w.professional_id
        AND a.structure_id = w.structure_id AND a.until IS NULL AND a.source <> 'rpps')
"""
ATTACHMENTS = Mirror(
    table="directory_attachment",
    changes="rpps_attachment_change",
    wanted=NOT_SAID_BY_OTHERS,
    match="t.professional_id = w.professional_id AND t.structure_id = w.structure_id AND t.until IS NULL",
    columns=("professional_id", "structure_id", "function", "source"),
    closing="",
)
PLACED = """
    SELECT DISTINCT ON (d.id, r.place) d.id AS professional_id, r.place AS key, r.place_name AS name, r.mode, r.address,
           r.postal_code, r.city, r.commune AS commune_id, r.department AS department_id, r.phone, 'rpps' AS source
    FROM rpps_site x JOIN rpps_row r USING (line)
    JOIN directory_professional d ON d.national_id = x.national_id
    WHERE x.structure_id IS NULL AND r.place IS NOT NULL
    ORDER BY d.id, r.place, r.line
"""
PLACES = Mirror(
    table="directory_practicelocation",
    changes="rpps_place_change",
    wanted="""
        SELECT * FROM rpps_placed w WHERE NOT EXISTS (
            SELECT FROM directory_practicelocation l
            WHERE l.professional_id = w.professional_id AND l.key = w.key AND l.source <> 'rpps')
    """,
    match="t.professional_id = w.professional_id AND t.key = w.key",
    columns=(
        *("professional_id", "key", "name", "mode", "address", "postal_code", "city", "commune_id", "department_id"),
        *("phone", "source"),
    ),
)

# People of the file with a line that could not be read keep what they have: that line may have told it.
READ_WHOLE = "NOT EXISTS (SELECT FROM rpps_refused WHERE national_id = d.national_id)"
GONE_PEOPLE = f"""
    SELECT d.id, d.account_id FROM directory_professional d
    WHERE d.source = 'rpps' AND d.closed_on IS NULL AND {READ_WHOLE}
      AND NOT EXISTS (SELECT FROM rpps_person WHERE known_id = d.id)
"""
GONE_ATTACHMENTS = f"""
    SELECT a.id, a.professional_id, a.structure_id, p.known_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM rpps_site WHERE national_id = p.national_id AND structure_id IS NOT NULL) AS is_lost
    FROM directory_attachment a JOIN directory_professional d ON d.id = a.professional_id
    LEFT JOIN rpps_person p ON p.known_id = d.id
    WHERE a.source = 'rpps' AND a.until IS NULL AND {READ_WHOLE}
      AND NOT EXISTS (SELECT FROM rpps_site WHERE national_id = p.national_id AND structure_id = a.structure_id)
"""
GONE_PLACES = f"""
    SELECT l.id, l.professional_id, p.known_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM rpps_site x JOIN rpps_row r USING (line) WHERE x.national_id = p.national_id
        AND (x.structure_id IS NOT NULL OR r.place IS NOT NULL)) AS is_lost
    FROM directory_practicelocation l JOIN directory_professional d ON d.id = l.professional_id
    LEFT JOIN rpps_person p ON p.known_id = d.id
    WHERE l.source = 'rpps' AND l.closed_on IS NULL AND {READ_WHOLE}
      AND NOT EXISTS (
        SELECT FROM rpps_site x JOIN rpps_row r USING (line)
        WHERE x.national_id = p.national_id AND x.structure_id IS NULL AND r.place = l.key)
"""
TOUCHED_PEOPLE = """
    SELECT id FROM rpps_change UNION SELECT id FROM rpps_gone
    UNION SELECT professional_id FROM rpps_attachment_change UNION SELECT professional_id FROM rpps_gone_attachment
    UNION SELECT professional_id FROM rpps_place_change UNION SELECT professional_id FROM rpps_gone_place
"""
TOUCHED_STRUCTURES = """
    SELECT structure_id AS id FROM rpps_attachment_change UNION SELECT structure_id FROM rpps_gone_attachment
"""


def is_empty() -> bool:
    return not one("SELECT EXISTS (SELECT FROM rpps_row)")[0]


def merge(job: Job, file: TextFile) -> None:
    """Lines into people and places, and what the file no longer holds."""
    temporary("rpps_person", PERSONS)
    _drop_unwritable(job, file)
    temporary("rpps_site", SITES)
    nothing = " LIMIT 0" if job.options.is_extract else ""
    temporary("rpps_gone", GONE_PEOPLE + nothing)
    temporary("rpps_gone_attachment", GONE_ATTACHMENTS + nothing)
    temporary("rpps_gone_place", GONE_PLACES + nothing)


def _drop_unwritable(job: Job, file: TextFile) -> None:
    """People whose number is on somebody else's record, and those whose record is not the RPPS's to write."""
    for (line, name), raw in file.with_raw(stream(CLASHES)):
        job.set_aside(line, f"ce numéro RPPS est déjà celui de la fiche de {name}, sous un autre identifiant", raw)
    for (line, name, source), raw in file.with_raw(stream(OTHERS)):
        label = Source(source).label
        job.warn(line, f"{name} vient d’une autre source ({label}) : sa fiche n’a pas été modifiée", raw)
    execute(f"DELETE FROM rpps_person WHERE line IN (SELECT line FROM ({CLASHES}) clashes)")
    execute("DELETE FROM rpps_person WHERE known_as NOT IN ('rpps', 'ror')")


def closings() -> list[Closing]:
    """People; then workplaces that leave a person of the file with none of their kind: a move is not a loss."""
    people = one("SELECT count(*) FROM directory_professional WHERE source = 'rpps' AND closed_on IS NULL")[0]
    attachments = one("SELECT count(*) FROM directory_attachment WHERE source = 'rpps' AND until IS NULL")[0]
    places = one("SELECT count(*) FROM directory_practicelocation WHERE source = 'rpps' AND closed_on IS NULL")[0]
    return [
        Closing("professionnels", people, one("SELECT count(*) FROM rpps_gone")[0]),
        Closing("rattachements", attachments, one("SELECT count(*) FROM rpps_gone_attachment WHERE is_lost")[0]),
        Closing("lieux d’exercice", places, one("SELECT count(*) FROM rpps_gone_place WHERE is_lost")[0]),
    ]


def write(job: Job) -> None:
    """Reference lists, people, where they work, closings, entries."""
    add_professions("rpps_row")
    add_communes("rpps_row")
    PROFESSIONALS.apply(job.at, job.day)
    PROFESSIONALS.count(job.counts, of="rpps_person")
    _write_workplaces(job)
    _close(job)
    _refresh(job)


def _write_workplaces(job: Job) -> None:
    temporary("rpps_attached", ATTACHED)
    temporary("rpps_placed", PLACED)
    for what, mirror, gone in (
        ("Rattachements", ATTACHMENTS, "rpps_gone_attachment"),
        ("Lieux", PLACES, "rpps_gone_place"),
    ):
        mirror.apply(job.at, job.day)
        job.remarks.append(mirror.told(what, one(f"SELECT count(*) FROM {gone}")[0]))


def _close(job: Job) -> None:
    job.counts.closed = execute(
        "UPDATE directory_professional d SET closed_on = %s FROM rpps_gone g WHERE g.id = d.id", [job.day]
    )
    execute(
        "UPDATE directory_attachment a SET until = greatest(%s, a.since) FROM rpps_gone_attachment g WHERE g.id = a.id",
        [job.day],
    )
    execute(
        "UPDATE directory_practicelocation l SET closed_on = %s FROM rpps_gone_place g WHERE g.id = l.id", [job.day]
    )
    move_from("rpps_gone", ON_STRUCTURE_CLOSED, job.at)


def _refresh(job: Job) -> None:
    if temporary("rpps_touched", TOUCHED_PEOPLE):
        execute("ANALYZE accounts_account, directory_professional, directory_attachment, directory_practicelocation")
    temporary("rpps_touched_structure", TOUCHED_STRUCTURES)
    refresh_from("professional", "rpps_touched", job.at)
    refresh_from("structure", "rpps_touched_structure", job.at)
