"""Reads the Practitioners and the PractitionerRoles of the ROR."""

from datetime import date
from typing import NamedTuple

from directory.imports import fhir
from directory.imports.csv_lines import LineUnreadable
from directory.imports.fhir import Json, dicts, first, reference, strings, text
from directory.imports.rpps_columns import normalised
from directory.imports.values import RPPS

NATIONAL_IDS = "1.2.250.1.71.4.2.1"
OF_RPPS = "8"
CIVILITIES = {"M": "M", "MME": "MME", "MLLE": "MME"}
GENDERS = {"male": "M", "female": "MME"}
MEANINGLESS = frozenset(map(normalised, ("", "Autre", "Autre fonction", "Non renseigné", "Sans objet", "FON-AU")))


class Practitioner(NamedTuple):
    reference: str
    national_id: str
    rpps: str | None
    civility: str
    family_name: str
    given_name: str
    profession: str | None
    profession_label: str
    specialities: tuple[str, ...]
    is_ended: bool


class Role(NamedTuple):
    reference: str
    practitioner: str
    place: str
    function: str
    since: date | None
    profession: str | None
    profession_label: str
    is_active: bool


def practitioner(resource: Json, ref: str) -> Practitioner:
    """Refused: somebody without national identifier, or without name unless it is to say that they left."""
    national_id, rpps = _identifiers(resource)
    if not national_id:
        raise LineUnreadable("professionnel sans identifiant national")
    name = first(resource.get("name"))
    family, is_ended = text(name.get("family"), 100, "nom"), resource.get("active") is False
    if not family and not is_ended:
        raise LineUnreadable("professionnel sans nom")
    given = " ".join(strings(name.get("given")))
    profession, label = _profession(_qualifications(resource))
    return Practitioner(
        reference=ref,
        national_id=national_id,
        rpps=rpps,
        civility=_civility(resource, name),
        family_name=family,
        given_name=text(given, 100, "prénom"),
        profession=profession,
        profession_label=label,
        specialities=_specialities(_qualifications(resource)),
        is_ended=is_ended,
    )


def _identifiers(resource: Json) -> tuple[str, str | None]:
    national_id, rpps = "", None
    for identifier in dicts(resource.get("identifier")):
        value = text(identifier.get("value"), 30, "identifiant").replace(" ", "")
        if fhir.host(identifier) == "rpps" or str(identifier.get("system")).rstrip("/") == "http://rpps.fr":
            rpps = value if RPPS.fullmatch(value) else rpps
        elif NATIONAL_IDS in str(identifier.get("system")):
            national_id = value
    if national_id.startswith(OF_RPPS) and RPPS.fullmatch(national_id[1:]):
        rpps = national_id[1:]
    return national_id or (OF_RPPS + rpps if rpps else ""), rpps


def _civility(resource: Json, name: Json) -> str:
    for prefix in strings(name.get("prefix")):
        if found := CIVILITIES.get(prefix.upper().rstrip(".")):
            return found
    return GENDERS.get(str(resource.get("gender")), "")


def _qualifications(resource: Json) -> list[Json]:
    return [code for item in dicts(resource.get("qualification")) for code in dicts(item.get("code"))]


def _profession(concepts: object) -> tuple[str | None, str]:
    coding = fhir.coding_of(concepts, "TRE_G15")
    return (coding.code, coding.label[:100]) if coding and len(coding.code) <= 3 else (None, "")


def _specialities(concepts: object) -> tuple[str, ...]:
    labels = {coding.label for coding in fhir.codings(concepts) if "TRE-R38" in coding.system.replace("_", "-")}
    return tuple(sorted(label[:200] for label in labels if label))


def role(resource: Json, ref: str, today: date) -> Role:
    """Where somebody practises: an offer in the ROR, an organisation in the Annuaire."""
    person = reference(resource.get("practitioner"))
    where = reference(resource.get("healthcareService")) or reference(resource.get("organization"))
    period = first(resource.get("period"))
    ended_on = fhir.day(period.get("end"))
    is_active = resource.get("active") is not False and not (ended_on and ended_on <= today)
    if is_active and not (person and where):
        raise LineUnreadable("situation opérationnelle sans professionnel ou sans lieu")
    profession, label = _profession(resource.get("code"))
    since = fhir.day(period.get("start"))
    return Role(ref, person, where, _function(resource.get("code")), since, profession, label, is_active)


def _function(concepts: object) -> str:
    """What the person does there (TRE_R21), when the label says something of it."""
    coding = fhir.coding_of(concepts, "TRE_R21")
    return coding.display[:150] if coding and normalised(coding.display) not in MEANINGLESS else ""
