"""Offers and places of the ROR. Of a sensitive unit's offer nothing but its identifiers is written."""

from directory.imports.engine import Closing, Job
from directory.imports.mirror import Mirror
from directory.imports.reference_lists import add_communes
from directory.imports.staging import execute, one, temporary

# ruff: noqa: S608, statements are put together from constants alone; values are parameters.

OFFERS = """
    SELECT DISTINCT ON (s.ror_id) s.*, v.updated_on, o.id AS known_id
    FROM ror_service s JOIN ror_version v USING (seq) LEFT JOIN directory_offer o ON o.ror_id = s.ror_id
    WHERE NOT s.is_ended
    ORDER BY s.ror_id, v.updated_at DESC NULLS LAST, s.seq DESC
"""
# Everything that the directory can resolve now that structures and units are written.
PROVIDERS = """
    SELECT DISTINCT ON (name) name, structure_id, unit_id FROM (
        SELECT ror_reference AS name, id AS structure_id, NULL::bigint AS unit_id FROM directory_structure
        UNION ALL SELECT 'finess:' || finess, id, NULL FROM directory_structure
        UNION ALL SELECT ror_reference, NULL, id FROM directory_internalorganisation
        UNION ALL SELECT 'oi:' || ror_id, NULL, id FROM directory_internalorganisation
        UNION ALL SELECT o.reference, s.id, NULL FROM ror_organization o JOIN directory_structure s USING (finess)
            WHERE o.level = 'EG'
    ) named WHERE name <> '' ORDER BY name, structure_id NULLS LAST
"""
OFFERS_CHANGED = Mirror(
    table="directory_offer",
    changes="ror_offer_change",
    released=("ror_reference",),
    wanted="""
        SELECT o.known_id, o.ror_id, o.reference AS ror_reference, o.provider AS provider_reference, p.structure_id,
               p.unit_id AS internal_organisation_id, o.name, o.category, o.field, o.activities, o.care_modes, o.hours,
               o.patients, o.locations AS location_references, o.is_sensitive,
               CASE WHEN NOT o.is_sensitive THEN o.updated_on END AS record_updated_on, 'ror' AS source
        FROM ror_offer o LEFT JOIN ror_provider p ON p.name = o.provider
    """,
    match="t.id = w.known_id",
    columns=(
        *("ror_id", "ror_reference", "provider_reference", "structure_id", "internal_organisation_id", "name"),
        *("category", "field", "activities", "care_modes", "hours", "patients", "location_references"),
        *("is_sensitive", "record_updated_on", "source"),
    ),
)
# References that found nobody when they came, and whose provider has come since.
LINK = """
    UPDATE directory_offer o SET structure_id = p.structure_id, internal_organisation_id = p.unit_id
    FROM ror_provider p
    WHERE o.source = 'ror' AND NOT o.is_sensitive AND o.provider_reference = p.name
      AND o.structure_id IS NULL AND o.internal_organisation_id IS NULL
"""
PLACES = Mirror(
    table="directory_rorlocation",
    changes="ror_location_change",
    wanted="""
        SELECT l.reference AS ror_reference, l.name, concat_ws(', ', nullif(l.address_complement, ''),
               nullif(l.address, '')) AS address, l.postal_code, l.city, l.commune AS commune_id, l.latitude,
               l.longitude, v.updated_on AS record_updated_on
        FROM ror_location l JOIN ror_version v USING (seq)
    """,
    match="t.ror_reference = w.ror_reference",
    columns=("ror_reference", "name", "address", "postal_code", "city", "commune_id", "latitude", "longitude"),
    kept=("record_updated_on",),
    closing="",
    is_dated=False,
)
ENDED = """
    SELECT DISTINCT ON (o.id) o.id, s.ended_on AS closed_on FROM ror_service s
    JOIN directory_offer o ON o.ror_id = s.ror_id OR o.ror_reference = s.reference
    WHERE s.is_ended AND o.source = 'ror' AND o.closed_on IS NULL ORDER BY o.id, s.seq DESC
"""
# Structures whose offers the file tells: it holds them, and at least one offer of theirs.
MISSING = """
    WITH place AS (
        SELECT o.id, o.ror_reference, o.ror_id, s.finess FROM directory_offer o
        LEFT JOIN directory_internalorganisation u ON u.id = o.internal_organisation_id
        JOIN directory_structure s ON s.id = coalesce(o.structure_id, u.structure_id)
        WHERE o.source = 'ror' AND o.closed_on IS NULL
    ),
    told AS (
        SELECT coalesce(r.finess, substr(t.key, 3)) AS finess FROM ror_offer o
        JOIN ror_target t ON t.name = o.provider LEFT JOIN ror_reached r ON r.key = t.key
        UNION SELECT place.finess FROM ror_read r JOIN place ON place.ror_reference = r.reference
    )
    SELECT p.id, %s::date AS closed_on FROM place p
    WHERE p.finess IN (SELECT finess FROM told) AND p.finess IN (SELECT finess FROM ror_structure)
      AND NOT EXISTS (SELECT FROM ror_read r WHERE r.reference = p.ror_reference)
      AND NOT EXISTS (SELECT FROM ror_offer o WHERE o.ror_id = p.ror_id)
"""


def prepare(job: Job, *, is_whole: bool) -> None:
    temporary("ror_offer", OFFERS)
    temporary("ror_offer_missing", MISSING + ("" if is_whole else " LIMIT 0"), [job.day])


def closing() -> Closing:
    known = one("SELECT count(*) FROM directory_offer WHERE source = 'ror' AND closed_on IS NULL")[0]
    return Closing("offres", known, one("SELECT count(*) FROM ror_offer_missing")[0])


def write(job: Job) -> None:
    add_communes("ror_location")
    for mirror, of in ((PLACES, "ror_location"), (OFFERS_CHANGED, "ror_offer")):
        if mirror is OFFERS_CHANGED:
            temporary("ror_provider", PROVIDERS)
        mirror.apply(job.at, job.day)
        mirror.count(job.counts, of=of)
    job.counts.changed += execute(LINK)
    temporary("ror_offer_gone", f"SELECT * FROM ({ENDED}) ended UNION SELECT * FROM ror_offer_missing")
    job.counts.closed += execute(
        "UPDATE directory_offer o SET closed_on = g.closed_on FROM ror_offer_gone g WHERE g.id = o.id"
    )
