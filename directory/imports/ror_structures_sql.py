"""Legal entities and structures of the ROR. A structure that FINESS gives keeps what FINESS says of it."""

from accounts.models import AccountKind
from accounts.states import ON_STRUCTURE_CLOSED, ON_STRUCTURE_REOPENED
from directory.imports.accounts import move_from
from directory.imports.engine import Job
from directory.imports.mirror import Mirror
from directory.imports.reference_lists import add_communes
from directory.imports.staging import execute, rows, temporary

# An organisation that no type tells apart: what units stand in is a structure, what FINESS knows is what it says.
DECIDE = """
    UPDATE ror_organization o SET level = CASE
        WHEN finess IS NOT NULL AND (
            EXISTS (SELECT FROM directory_structure s WHERE s.finess = o.finess)
            OR EXISTS (SELECT FROM ror_organization u WHERE u.level = 'OI' AND u.parent = o.reference)) THEN 'EG'
        ELSE 'EJ' END
    WHERE level = '?'
"""
# One row a number: regions may each hold a record of the same establishment.
STRUCTURES = """
    SELECT DISTINCT ON (o.finess) o.*, v.updated_on, s.id AS known_id, s.source AS known_as
    FROM ror_organization o JOIN ror_version v USING (seq) LEFT JOIN directory_structure s ON s.finess = o.finess
    WHERE o.level = 'EG' AND o.finess IS NOT NULL AND NOT o.is_ended
    ORDER BY o.finess, v.updated_at DESC NULLS LAST, o.seq DESC
"""
ENTITIES = """
    SELECT DISTINCT ON (coalesce(o.finess, o.reference)) o.*, by_number.id AS number_id,
           by_reference.id AS reference_id, coalesce(by_number.id, by_reference.id) AS known_id
    FROM ror_organization o JOIN ror_version v USING (seq)
    LEFT JOIN directory_legalentity by_number ON by_number.number = o.finess
    LEFT JOIN directory_legalentity by_reference ON by_reference.ror_id = o.reference
    WHERE o.level = 'EJ' AND NOT o.is_ended
    ORDER BY coalesce(o.finess, o.reference), v.updated_at DESC NULLS LAST, o.seq DESC
"""
# An entity known by its ROR identifier alone, whose number FINESS knows on its side: they were one, and become one.
MERGED = "SELECT reference_id, number_id FROM ror_entity WHERE reference_id <> number_id"
MERGE = """
    UPDATE directory_structure s SET legal_entity_id = m.number_id FROM ror_entity_merged m
    WHERE s.legal_entity_id = m.reference_id
"""
DROP_MERGED = "DELETE FROM directory_legalentity WHERE id IN (SELECT reference_id FROM ror_entity_merged)"
LEGAL_ENTITIES = Mirror(
    table="directory_legalentity",
    changes="ror_entity_change",
    # FINESS gives a number without a name: the ROR names it.
    wanted="""
        SELECT r.known_id, coalesce(r.finess, e.number) AS number, r.reference AS ror_id,
               CASE WHEN e.source = 'ror' OR e.name IS NULL OR e.name = '' THEN r.name ELSE e.name END AS name,
               CASE WHEN r.siren <> '' THEN r.siren ELSE coalesce(e.siren, '') END AS siren,
               coalesce(e.source, 'ror') AS source
        FROM ror_entity r LEFT JOIN directory_legalentity e ON e.id = r.known_id
    """,
    match="t.id = w.known_id",
    columns=("number", "ror_id", "name", "siren", "source"),
    closing="",
)
OWN = Mirror(
    table="directory_structure",
    changes="ror_structure_change",
    released=("ror_reference",),
    wanted="""
        SELECT r.known_id, r.finess, r.siret, coalesce(e.id, n.id) AS legal_entity_id, r.name,
               r.category AS category_id, r.address, r.address_complement, r.postal_code, r.city,
               r.commune AS commune_id, r.department AS department_id,
               r.latitude, r.longitude, coalesce(c.value, '') AS phone, r.opened_on, r.reference AS ror_reference,
               r.alias AS ror_name, r.parent AS ror_legal_entity_reference,
               r.updated_on AS ror_updated_on, r.updated_on AS record_updated_on, 'ror' AS source
        FROM ror_structure r
        LEFT JOIN directory_legalentity e ON e.ror_id = r.parent
        LEFT JOIN directory_legalentity n ON 'finess:' || n.number = r.parent
        LEFT JOIN LATERAL (SELECT min(value) AS value FROM ror_contact
            WHERE seq = r.seq AND channel = 'phone' AND confidentiality = 1 AND length(value) <= 20) c ON true
        WHERE r.known_as IS NULL OR r.known_as = 'ror'
    """,
    match="t.finess = w.finess",
    columns=(
        *("finess", "siret", "name", "category_id", "address", "address_complement", "postal_code", "city"),
        *("commune_id", "department_id", "phone", "ror_reference", "ror_name", "ror_legal_entity_reference", "source"),
    ),
    kept=("legal_entity_id", "latitude", "longitude", "opened_on", "ror_updated_on", "record_updated_on"),
    fixed={"long_name": "''"},
    owner=AccountKind.STRUCTURE,
    reopened=ON_STRUCTURE_REOPENED,
)
SAID = Mirror(
    table="directory_structure",
    changes="ror_structure_said_change",
    released=("ror_reference",),
    wanted="""
        SELECT r.known_id, r.reference AS ror_reference, coalesce(nullif(r.alias, ''), r.name) AS ror_name,
               r.parent AS ror_legal_entity_reference, r.updated_on AS ror_updated_on
        FROM ror_structure r WHERE r.known_as <> 'ror'
    """,
    match="t.id = w.known_id",
    columns=("ror_reference", "ror_name", "ror_legal_entity_reference"),
    kept=("ror_updated_on",),
    closing="",
    is_dated=False,
)
GONE = """
    SELECT DISTINCT ON (s.id) s.id, s.account_id, coalesce(o.ended_on, %s) AS closed_on
    FROM (SELECT seq, ended_on, reference AS key FROM ror_organization WHERE is_ended
          UNION ALL SELECT seq, ended_on, finess FROM ror_organization WHERE is_ended AND level = 'EG') o
    JOIN (SELECT id, ror_reference AS key FROM directory_structure UNION ALL SELECT id, finess FROM directory_structure)
        known USING (key)
    JOIN directory_structure s ON s.id = known.id
    WHERE s.source = 'ror' AND s.closed_on IS NULL
    ORDER BY s.id, o.seq DESC
"""
# References that found nobody when they came, and whose entity has come since.
LINK = """
    UPDATE directory_structure s SET legal_entity_id = e.id
    FROM (SELECT id, ror_id AS key FROM directory_legalentity
          UNION ALL SELECT id, 'finess:' || number FROM directory_legalentity) e
    WHERE s.source = 'ror' AND s.legal_entity_id IS NULL AND s.ror_legal_entity_reference = e.key
"""
CATEGORIES = """
    INSERT INTO directory_establishmentcategory (code, label, short_label, domain, group_code, group_label)
    SELECT DISTINCT ON (category) category, coalesce(nullif(category_label, ''), category), '', '', '', ''
    FROM ror_structure r
    WHERE category IS NOT NULL AND NOT EXISTS (SELECT FROM directory_establishmentcategory WHERE code = r.category)
    ORDER BY category, seq
"""
TWICE = """
    SELECT v.rank, v.file, o.finess, k.reference FROM ror_organization o JOIN ror_version v USING (seq)
    JOIN ror_structure k ON k.finess = o.finess AND k.seq <> o.seq
    WHERE o.level = 'EG' AND NOT o.is_ended ORDER BY o.seq
"""


def prepare(job: Job) -> None:
    execute(DECIDE)
    temporary("ror_structure", STRUCTURES)
    temporary("ror_entity", ENTITIES)
    for rank, file, finess, reference in rows(TWICE):
        job.warn(rank, f"numéro FINESS {finess} : {reference}, plus récent, est celui qui est gardé", "", file)


def write(job: Job) -> None:
    add_communes("ror_structure")
    execute(CATEGORIES)
    temporary("ror_entity_merged", MERGED)
    execute(MERGE)
    execute(DROP_MERGED)
    _apply(job, LEGAL_ENTITIES, "ror_entity")
    _apply(job, OWN, "ror_structure WHERE known_as IS NULL OR known_as = 'ror'")
    _apply(job, SAID, "ror_structure WHERE known_as <> 'ror'")
    temporary("ror_structure_gone", GONE, [job.day])
    job.counts.closed += execute(
        "UPDATE directory_structure s SET closed_on = g.closed_on FROM ror_structure_gone g WHERE g.id = s.id"
    )
    move_from("ror_structure_gone", ON_STRUCTURE_CLOSED, job.at)
    job.counts.changed += execute(LINK)


def _apply(job: Job, mirror: Mirror, of: str) -> None:
    mirror.apply(job.at, job.day)
    mirror.count(job.counts, of=of)
