"""Contact points follow the resources that carry them: those of a resource just read are exactly what it says."""

from directory.imports.staging import execute, temporary

# ruff: noqa: S608, statements are put together from constants alone.

# Owners of the resources that this run applies, each in the column that ContactPoint has for it.
OWNERS = """
    SELECT s.id AS structure_id, NULL::bigint AS internal_organisation_id, NULL::bigint AS offer_id,
           NULL::bigint AS professional_id, o.reference
    FROM ror_organization o JOIN directory_structure s USING (finess) WHERE o.level = 'EG' AND NOT o.is_ended
    UNION ALL
    SELECT NULL, u.id, NULL, NULL, r.reference
    FROM ror_unit r JOIN directory_internalorganisation u ON u.ror_reference = r.reference
    UNION ALL
    SELECT NULL, NULL, f.id, NULL, r.reference FROM ror_offer r JOIN directory_offer f USING (ror_id)
    UNION ALL
    SELECT NULL, NULL, NULL, k.professional_id, k.reference
    FROM ror_person_known k JOIN ror_person p USING (reference) WHERE NOT p.is_ended
"""
KEY = """
    coalesce({row}.structure_id, 0), coalesce({row}.internal_organisation_id, 0), coalesce({row}.offer_id, 0),
    coalesce({row}.professional_id, 0)
"""
WANTED = """
    SELECT DISTINCT o.structure_id, o.internal_organisation_id, o.offer_id, o.professional_id, c.channel, c.purpose,
           c.value, c.confidentiality
    FROM ror_owner o JOIN ror_contact c USING (reference)
"""
SAME = f"({KEY.format(row='p')}) = ({KEY.format(row='w')})"
ALIKE = f"""
    {SAME} AND p.channel = w.channel AND p.purpose = w.purpose AND p.value = w.value
    AND p.confidentiality = w.confidentiality
"""
NO_LONGER_SAID = f"""
    DELETE FROM directory_contactpoint p
    WHERE p.source = 'ror' AND EXISTS (SELECT FROM ror_owner w WHERE {SAME})
      AND NOT EXISTS (SELECT FROM ror_wanted_contact w WHERE {ALIKE})
"""
NEWLY_SAID = f"""
    INSERT INTO directory_contactpoint (structure_id, internal_organisation_id, offer_id, professional_id, channel,
        purpose, value, confidentiality, source)
    SELECT w.*, 'ror' FROM ror_wanted_contact w
    WHERE NOT EXISTS (SELECT FROM directory_contactpoint p WHERE p.source = 'ror' AND {ALIKE})
"""


def write() -> None:
    """A number that its source no longer gives is not history: it goes. Those of other sources stay."""
    temporary("ror_owner", OWNERS)
    temporary("ror_wanted_contact", WANTED)
    execute(NO_LONGER_SAID)
    execute(NEWLY_SAID)
