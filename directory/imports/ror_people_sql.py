"""People of the ROR, and where their roles attach them. Whom the RPPS or somebody else gives is not written over."""

from accounts.models import AccountKind
from accounts.states import ON_STRUCTURE_CLOSED, ON_STRUCTURE_REOPENED
from directory.imports.accounts import move_from
from directory.imports.engine import Closing, Job
from directory.imports.mirror import Mirror
from directory.imports.reference_lists import add_professions
from directory.imports.staging import execute, one, temporary

# ruff: noqa: S608, statements are put together from constants alone; values are parameters.

# One row a person, by national identifier, then by RPPS: each region may hold its own.
NEWEST = """
    SELECT DISTINCT ON (coalesce(rpps, national_id)) * FROM (
        SELECT DISTINCT ON (p.national_id) p.*, v.updated_at FROM ror_person p JOIN ror_version v USING (seq)
        WHERE NOT p.is_ended ORDER BY p.national_id, v.updated_at DESC NULLS LAST, p.seq DESC
    ) person ORDER BY coalesce(rpps, national_id), updated_at DESC NULLS LAST, seq DESC
"""
# A role may name the profession that the Practitioner does not.
PERSONS = f"""
    SELECT p.*, p.seq AS line, coalesce(by_id.id, by_rpps.id) AS known_id, by_rpps.id AS rpps_holder,
           coalesce(by_id.source, by_rpps.source) AS known_as, coalesce(p.profession, r.profession) AS profession_id
    FROM ({NEWEST}) p
    LEFT JOIN directory_professional by_id ON by_id.national_id = p.national_id
    LEFT JOIN directory_professional by_rpps ON by_rpps.rpps = p.rpps
    LEFT JOIN (SELECT practitioner, min(profession) AS profession FROM ror_role GROUP BY practitioner) r
        ON r.practitioner = p.reference
"""
PERSONS_CHANGED = Mirror(
    table="directory_professional",
    changes="ror_person_change",
    wanted="""
        SELECT p.known_id, p.national_id, p.civility, p.family_name, p.given_name, p.profession_id, 'ror' AS source,
               CASE WHEN p.rpps_holder IS NULL OR p.rpps_holder = p.known_id THEN p.rpps ELSE d.rpps END AS rpps,
               coalesce(nullif(p.specialities, '{}'), d.specialities, '{}') AS specialities
        FROM ror_one_person p LEFT JOIN directory_professional d ON d.id = p.known_id
        WHERE p.known_as IS NULL OR p.known_as = 'ror'
    """,
    match="t.id = w.known_id",
    columns=("national_id", "rpps", "civility", "family_name", "given_name", "specialities", "source"),
    kept=("profession_id",),
    fixed={"title": "''"},
    owner=AccountKind.PP,
    label="btrim({row}.given_name || ' ' || {row}.family_name)",
    reopened=ON_STRUCTURE_REOPENED,
)
KNOWN = """
    SELECT p.reference, d.id AS professional_id FROM ror_person p JOIN directory_professional d USING (national_id)
    UNION
    SELECT p.reference, d.id FROM ror_person p JOIN directory_professional d ON d.rpps = p.rpps
    WHERE NOT EXISTS (SELECT FROM directory_professional o WHERE o.national_id = p.national_id)
"""
ENDED = """
    SELECT d.id, d.account_id, %s::date AS closed_on FROM ror_person p
    JOIN ror_person_known k USING (reference) JOIN directory_professional d ON d.id = k.professional_id
    WHERE p.is_ended AND d.source = 'ror' AND d.closed_on IS NULL
"""
ROLES = Mirror(
    table="directory_rorrole",
    changes="ror_role_change",
    wanted="""
        SELECT r.reference AS ror_reference, r.practitioner AS practitioner_reference, r.place AS place_reference,
               r.function, r.since, true AS is_active
        FROM ror_role r WHERE r.is_active
    """,
    match="t.ror_reference = w.ror_reference",
    columns=("ror_reference", "practitioner_reference", "place_reference", "function", "since", "is_active"),
    closing="",
    is_dated=False,
)
# Of a sensitive unit nothing is kept, nor who works there.
FORGET = """
    DELETE FROM directory_rorrole r USING directory_offer o
    WHERE o.ror_reference = r.place_reference AND o.is_sensitive
"""
FORGET_READ = """
    DELETE FROM ror_role r WHERE place IN (SELECT reference FROM ror_service WHERE is_sensitive)
       OR place IN (SELECT ror_reference FROM directory_offer WHERE is_sensitive
                    AND ror_reference NOT IN (SELECT reference FROM ror_service))
"""
END_ROLES = """
    UPDATE directory_rorrole r SET is_active = false
    WHERE is_active AND (ror_reference IN (SELECT reference FROM ror_role WHERE NOT is_active)
                         OR id IN (SELECT id FROM ror_role_missing))
"""
# A file that tells roles tells all those of the offers that it holds.
ROLES_MISSING = """
    SELECT r.id FROM directory_rorrole r
    WHERE r.is_active AND EXISTS (SELECT FROM ror_role)
      AND r.place_reference IN (SELECT reference FROM ror_service)
      AND r.ror_reference NOT IN (SELECT reference FROM ror_read)
"""
ATTACHED = """
    SELECT k.professional_id, p.structure_id, p.unit_id AS internal_organisation_id, min(r.function) AS function,
           min(r.since) AS since, 'ror' AS source
    FROM directory_rorrole r
    JOIN directory_rorrecord k ON k.ror_reference = r.practitioner_reference
    JOIN directory_professional d ON d.id = k.professional_id AND d.closed_on IS NULL
    JOIN (
        SELECT name, structure_id, unit_id FROM ror_provider
        UNION ALL SELECT ror_reference, structure_id, internal_organisation_id FROM directory_offer
            WHERE NOT is_sensitive AND closed_on IS NULL
            AND (structure_id IS NOT NULL OR internal_organisation_id IS NOT NULL)
    ) p ON p.name = r.place_reference
    WHERE r.is_active
    GROUP BY k.professional_id, p.structure_id, p.unit_id
"""
SAME_PLACE = """
    {a}.professional_id = {b}.professional_id AND coalesce({a}.structure_id, 0) = coalesce({b}.structure_id, 0)
    AND coalesce({a}.internal_organisation_id, 0) = coalesce({b}.internal_organisation_id, 0)
"""
ATTACHMENTS = Mirror(
    table="directory_attachment",
    changes="ror_attachment_change",
    wanted=f"""
        SELECT * FROM ror_attached n WHERE NOT EXISTS (
            SELECT FROM directory_attachment o
            WHERE {SAME_PLACE.format(a="o", b="n")} AND o.until IS NULL AND o.source <> 'ror')
    """,
    match=f"{SAME_PLACE.format(a='t', b='w')} AND t.until IS NULL",
    columns=("professional_id", "structure_id", "internal_organisation_id", "function", "source"),
    kept=("since",),
    closing="",
)
ATTACHMENTS_GONE = f"""
    SELECT a.id, a.professional_id, a.structure_id, a.internal_organisation_id FROM directory_attachment a
    WHERE a.source = 'ror' AND a.until IS NULL
      AND NOT EXISTS (SELECT FROM ror_attached w WHERE {SAME_PLACE.format(a="a", b="w")})
"""
END_ATTACHMENTS = """
    UPDATE directory_attachment a SET until = greatest(%s, a.since) FROM ror_attachment_gone g WHERE g.id = a.id
"""
ATTACHMENT_TOUCHED = """
    SELECT professional_id, structure_id, internal_organisation_id FROM ror_attachment_change
    UNION SELECT professional_id, structure_id, internal_organisation_id FROM ror_attachment_gone
"""


def prepare(job: Job, *, is_whole: bool) -> None:
    execute(FORGET_READ)
    temporary("ror_one_person", PERSONS)
    temporary("ror_role_missing", ROLES_MISSING + ("" if is_whole else " LIMIT 0"))


def closing() -> Closing:
    known = one("SELECT count(*) FROM directory_rorrole WHERE is_active")[0]
    return Closing("situations opérationnelles", known, one("SELECT count(*) FROM ror_role_missing")[0])


def write_people(job: Job) -> None:
    """People and roles. Who a Practitioner is must be recorded before attachments are."""
    add_professions("ror_one_person")
    PERSONS_CHANGED.apply(job.at, job.day)
    PERSONS_CHANGED.count(job.counts, of="ror_one_person WHERE known_as IS NULL OR known_as = 'ror'")
    temporary("ror_person_known", KNOWN)
    temporary("ror_person_gone", ENDED, [job.day])
    job.counts.closed += execute(
        "UPDATE directory_professional d SET closed_on = g.closed_on FROM ror_person_gone g WHERE g.id = d.id"
    )
    move_from("ror_person_gone", ON_STRUCTURE_CLOSED, job.at)
    ROLES.apply(job.at, job.day)
    ROLES.count(job.counts, of="ror_role WHERE is_active")
    job.counts.closed += execute(END_ROLES)
    execute(FORGET)


def write_attachments(job: Job) -> None:
    """What all the roles that we know make together, whichever run brought them."""
    temporary("ror_attached", ATTACHED)
    ATTACHMENTS.apply(job.at, job.day)
    ended = temporary("ror_attachment_gone", ATTACHMENTS_GONE)
    execute(END_ATTACHMENTS, [job.day])
    temporary("ror_attachment_touched", ATTACHMENT_TOUCHED)
    job.remarks.append(ATTACHMENTS.told("Rattachements", ended))
