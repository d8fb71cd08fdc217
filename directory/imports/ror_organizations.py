"""Reads the Organizations of the ROR: an EJ, an EG or an OI, told apart by their profile, identifiers and types."""

from datetime import date
from typing import NamedTuple

from directory.imports import fhir
from directory.imports.csv_lines import LineUnreadable
from directory.imports.fhir import Json, dicts, extension, reference, strings, text
from directory.imports.values import finess_number

LEGAL_ENTITY, STRUCTURE, UNIT, UNDECIDED = "EJ", "EG", "OI", "?"
UNIT_PROFILES = ("ror-internal-organization", "ror-core-organization-uf")
# Identifiers by their type: TRE_G07 in the ROR, fr-core in the Annuaire; by the host of their system otherwise.
BY_TYPE = {"1": "finess", "FINEG": "finess", "FINEJ": "finess", "2": "siren", "3": "siret", "42": "oi"}
BY_LEVEL = {"FINEG": STRUCTURE, "FINEJ": LEGAL_ENTITY}
BY_HOST = {"finess": "finess", "oi": "oi"}


class Place(NamedTuple):
    """An address and its position."""

    address: str
    address_complement: str
    postal_code: str
    city: str
    commune: str | None
    department: str | None
    latitude: float | None = None
    longitude: float | None = None


class Organization(NamedTuple):
    """What is kept of an Organization, whatever its level."""

    reference: str
    level: str
    finess: str | None
    oi: str | None
    siren: str
    siret: str
    name: str
    alias: str
    unit_type: str | None
    category: str | None
    category_label: str
    parent: str
    place: Place
    opened_on: date | None
    ended_on: date | None
    is_ended: bool


def organization(resource: Json, ref: str, departments: frozenset[str], today: date) -> Organization:
    """Refused: an EG without FINESS number (it is not a structure), an OI without name, a number that is none."""
    ids = _identifiers(resource)
    level = _level(resource, ids)
    unit_type = fhir.coding_of(resource.get("type"), "TRE_R207", "JDV_J203")
    category = fhir.coding_of(resource.get("type"), "TRE_R66", "JDV_J55")
    opened_on, ended_on, is_ended = _period(resource, today)
    found = Organization(
        reference=ref,
        level=level,
        finess=finess_number(ids["finess"]) if ids.get("finess") else None,
        oi=ids.get("oi"),
        siren=ids.get("siren", "").replace(" ", "")[:9],
        siret=ids.get("siret", "").replace(" ", "")[:14],
        name=text(resource.get("name"), 255, "nom"),
        alias=text(next(iter(strings(resource.get("alias"))), ""), 255, "nom d’usage"),
        unit_type=unit_type.code if unit_type else None,
        category=category.code if category and len(category.code) <= 4 else None,
        category_label=category.label if category else "",
        parent=reference(resource.get("partOf")),
        place=place(fhir.first(resource.get("address")), departments),
        opened_on=opened_on,
        ended_on=ended_on,
        is_ended=is_ended,
    )
    _check(found)
    return found


def _check(found: Organization) -> None:
    if found.is_ended:
        return
    if found.level == STRUCTURE and not found.finess:
        raise LineUnreadable("établissement (EG) sans numéro FINESS : ce n’est pas une structure")
    if found.level == UNDECIDED and not found.finess and not found.siren:
        raise LineUnreadable("organisation dont rien ne dit si elle est une entité, un établissement ou une unité")
    if not found.name:
        raise LineUnreadable("organisation sans nom")


def _identifiers(resource: Json) -> dict[str, str]:
    found: dict[str, str] = {}
    for identifier in dicts(resource.get("identifier")):
        value = text(identifier.get("value"), 100, "identifiant")
        types = [coding.code for coding in fhir.codings(identifier.get("type"))]
        kind = BY_HOST.get(fhir.host(identifier)) or next((BY_TYPE[code] for code in types if code in BY_TYPE), None)
        if kind and value:
            found.setdefault(kind, value)
            found |= next(({"level": BY_LEVEL[code]} for code in types if code in BY_LEVEL), {})
    return found


def _level(resource: Json, ids: dict[str, str]) -> str:
    """By its profile and identifiers, then by its types, then by what only one of the levels has."""
    profiles = " ".join(strings(fhir.first(resource.get("meta")).get("profile")))
    types = resource.get("type")
    explicit = fhir.coding_of(types, "TRE_R67")
    if "oi" in ids or any(profile in profiles for profile in UNIT_PROFILES):
        return UNIT
    if explicit and explicit.code in (LEGAL_ENTITY, STRUCTURE):
        return explicit.code
    if fhir.coding_of(types, "TRE_R207", "JDV_J203"):
        return UNIT
    if "level" in ids:
        return ids["level"]
    if fhir.coding_of(types, "TRE_R72", "TRE_R69", "JDV_J199", "JDV_J200"):
        return LEGAL_ENTITY
    is_structure = fhir.coding_of(types, "TRE_R66", "JDV_J55") or resource.get("partOf") or ids.get("siret")
    return STRUCTURE if is_structure else UNDECIDED


def _period(resource: Json, today: date) -> tuple[date | None, date | None, bool]:
    """Opening, closing, and whether it is closed today; `active` false closes too."""
    period = fhir.first(fhir.value_of(extension(resource, "organization-period", "ror-organization-period")))
    opened_on, ended_on = fhir.day(period.get("start")), fhir.day(period.get("end"))
    is_ended = resource.get("active") is False or (ended_on is not None and ended_on <= today)
    return opened_on, ended_on, is_ended


def place(address: Json, departments: frozenset[str]) -> Place:
    """Where it is. The department comes from the INSEE code; without one, from the postal code."""
    code = text(address.get("postalCode"), 100, "code postal")
    postal_code = code if len(code) == 5 and code.isdigit() else ""
    insee = fhir.coding_of(
        fhir.first(fhir.value_of(extension(address, "fr-core-address-insee-code", "insee-code"))), ""
    )
    commune = insee.code.upper() if insee else ""
    department = _department(commune or postal_code, is_postal=not commune)
    is_known = department in departments
    latitude, longitude = _position(address)
    lines = ", ".join(text(line, 255, "adresse") for line in strings(address.get("line")))
    return Place(
        address=text(_without_town(lines, code), 255, "adresse"),
        address_complement=_complement(address),
        postal_code=postal_code,
        city=text(address.get("city"), 100, "ville"),
        commune=commune if is_known and len(commune) == 5 else None,
        department=department if is_known else None,
        latitude=latitude,
        longitude=longitude,
    )


def _without_town(lines: str, postal_code: str) -> str:
    """« 45 rue du Causse, 12000 RODEZ » is written without the town, which has its own field."""
    head, comma, tail = lines.rpartition(", ")
    return head if comma and postal_code and tail.startswith(postal_code) else lines


def _complement(address: Json) -> str:
    """Post box, place called, care of: what the street's line does not say."""
    parts = []
    for line in dicts(address.get("_line")):
        for name in ("iso21090-ADXP-careOf", "iso21090-ADXP-additionalLocator", "iso21090-ADXP-postBox", "lieu-dit"):
            parts.append(text(extension(line, name).get("valueString"), 255, "complément d’adresse"))
    return text(", ".join(filter(None, parts)), 255, "complément d’adresse")


def _department(code: str, *, is_postal: bool) -> str | None:
    if len(code) != 5:
        return None
    if code[:2] in ("97", "98"):
        return code[:3]
    if is_postal and code.startswith("20"):
        return "2A" if code < "20200" else "2B"
    return code[:2]


def _position(element: Json) -> tuple[float | None, float | None]:
    """From the geolocation extension of an address, or from a Location's own position."""
    holder = extension(element, "geolocation")
    values = {str(part.get("url")): fhir.value_of(part) for part in dicts(holder.get("extension"))}
    return degrees(values or fhir.first(element.get("position")))


def degrees(values: Json) -> tuple[float | None, float | None]:
    """A latitude and a longitude that can be; zero and zero stand for nothing."""
    latitude, longitude = values.get("latitude"), values.get("longitude")
    if not (isinstance(latitude, int | float) and isinstance(longitude, int | float) and (latitude or longitude)):
        return None, None
    is_possible = -90 <= latitude <= 90 and -180 <= longitude <= 180
    return (float(latitude), float(longitude)) if is_possible else (None, None)
