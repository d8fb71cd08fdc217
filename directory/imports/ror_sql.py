"""The set-based half of the ROR import, in its order: what each part needs is written before it."""

from directory.imports import ror_contacts_sql, ror_offers_sql, ror_people_sql, ror_structures_sql, ror_units_sql
from directory.imports.engine import Closing, Job
from directory.imports.ror_staging import SAYING
from directory.imports.search import refresh_around, refresh_from
from directory.imports.staging import execute, one, stream, temporary

# ruff: noqa: S608, statements are put together from constants alone; values are parameters.

# Of several versions of a resource the newest, and the last of those of one moment; none older than what we hold.
VERSIONS = """
    SELECT DISTINCT ON (r.reference) r.seq, r.file, r.rank, r.reference, r.updated_at, r.updated_on, r.raw,
           coalesce(known.updated_at > r.updated_at, false) AS is_stale
    FROM ror_read r LEFT JOIN directory_rorrecord known ON known.ror_reference = r.reference
    WHERE r.seq > 0
    ORDER BY r.reference, r.updated_at DESC NULLS LAST, r.seq DESC
"""
STALE = "SELECT rank, file, reference FROM ror_version WHERE is_stale ORDER BY seq"
RECORDS = """
    SELECT v.reference AS ror_reference, v.updated_at, p.professional_id
    FROM ror_version v LEFT JOIN ror_person_known p ON p.reference = v.reference
    WHERE NOT v.is_stale
"""
LEARN = f"""
    INSERT INTO directory_rorrecord AS known (ror_reference, updated_at, professional_id)
    SELECT w.ror_reference, w.updated_at, w.professional_id FROM ({RECORDS}) w
    LEFT JOIN directory_rorrecord k USING (ror_reference)
    WHERE k.id IS NULL OR k.updated_at IS DISTINCT FROM coalesce(w.updated_at, k.updated_at)
       OR k.professional_id IS DISTINCT FROM coalesce(w.professional_id, k.professional_id)
    ON CONFLICT (ror_reference) DO UPDATE
    SET updated_at = coalesce(excluded.updated_at, known.updated_at),
        professional_id = coalesce(excluded.professional_id, known.professional_id)
"""
TOUCHED = {
    "structure": """
        SELECT id FROM ror_structure_change UNION SELECT id FROM ror_structure_said_change
        UNION SELECT id FROM ror_structure_gone
        UNION SELECT structure_id FROM directory_internalorganisation WHERE id IN (
            SELECT id FROM ror_unit_change UNION SELECT id FROM ror_unit_gone)
        UNION SELECT structure_id FROM ror_attachment_touched WHERE structure_id IS NOT NULL
        UNION SELECT u.structure_id FROM ror_attachment_touched a
            JOIN directory_internalorganisation u ON u.id = a.internal_organisation_id
    """,
    "unit": """
        SELECT id FROM ror_unit_change UNION SELECT id FROM ror_unit_gone
        UNION SELECT internal_organisation_id FROM ror_attachment_touched WHERE internal_organisation_id IS NOT NULL
    """,
    "professional": """
        SELECT id FROM ror_person_change UNION SELECT id FROM ror_person_gone
        UNION SELECT professional_id FROM ror_attachment_touched
    """,
}
RENAMED = """
    SELECT id FROM ror_structure_change WHERE act <> 'created' UNION SELECT id FROM ror_structure_said_change
    UNION SELECT id FROM ror_structure_gone
"""


def prepare(job: Job, *, is_whole: bool) -> None:
    """Keep one version of each resource; find where units stand, and what a whole file no longer holds."""
    temporary("ror_version", VERSIONS)
    for rank, file, reference in stream(STALE):
        job.warn(rank, f"version plus ancienne que celle déjà connue de {reference} : elle ne change rien", "", file)
    for table in SAYING:
        execute(f"DELETE FROM {table} WHERE seq NOT IN (SELECT seq FROM ror_version WHERE NOT is_stale)")
    ror_structures_sql.prepare(job)
    ror_units_sql.prepare(job, is_whole=is_whole)
    ror_offers_sql.prepare(job, is_whole=is_whole)
    ror_people_sql.prepare(job, is_whole=is_whole)


def closings() -> list[Closing]:
    return [ror_units_sql.closing(), ror_offers_sql.closing(), ror_people_sql.closing()]


def write(job: Job) -> None:
    ror_structures_sql.write(job)
    ror_units_sql.write(job)
    ror_offers_sql.write(job)
    ror_people_sql.write_people(job)
    execute(LEARN)
    ror_people_sql.write_attachments(job)
    ror_contacts_sql.write()
    _refresh(job)


def _refresh(job: Job) -> None:
    for kind, touched in TOUCHED.items():
        temporary(f"ror_touched_{kind}", touched)
    temporary("ror_renamed", RENAMED)
    if one("SELECT count(*) FROM ror_touched_unit")[0]:
        execute("ANALYZE accounts_account, directory_structure, directory_internalorganisation, directory_attachment")
    for kind in TOUCHED:
        refresh_from(kind, f"ror_touched_{kind}", job.at)
    refresh_around("ror_renamed", job.at)
