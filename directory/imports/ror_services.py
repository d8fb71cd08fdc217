"""Reads the HealthcareServices (offers) and the Locations of the ROR."""

from datetime import date
from typing import Any, NamedTuple

from directory.imports import fhir
from directory.imports.fhir import Json, dicts, extension, extensions, reference, text, value_of
from directory.imports.ror_organizations import Place, degrees, place

MONTHS_A_YEAR = 12
AGELESS = 120
LONGEST_AGE = 2_000
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
YEARS, MONTHS = ("a", "year", "years"), ("mo", "month", "months")


class Service(NamedTuple):
    """What is kept of a HealthcareService. Of a sensitive unit: who it is, and that it is one."""

    reference: str
    ror_id: str
    is_sensitive: bool
    provider: str = ""
    name: str = ""
    category: str = ""
    field: str = ""
    activities: tuple[str, ...] = ()
    care_modes: tuple[str, ...] = ()
    hours: tuple[tuple[str, str, str], ...] = ()
    patients: str = ""
    locations: tuple[str, ...] = ()
    is_ended: bool = False


class Location(NamedTuple):
    reference: str
    name: str
    place: Place


def is_flagged(resource: Json) -> bool:
    """Whether the resource says if its unit is sensitive, as it must."""
    return isinstance(_sensitive(resource), bool)


def _sensitive(resource: Json) -> Any:
    return value_of(extension(resource, "ror-healthcareservice-sensitive-unit"))


def service(resource: Json, ref: str) -> Service:
    """An offer that does not say that its unit is not sensitive is kept as one of a sensitive unit."""
    ror_id = next((text(i.get("value"), 100, "identifiant") for i in dicts(resource.get("identifier"))), "") or ref
    is_ended = resource.get("active") is False
    if _sensitive(resource) is not False:
        return Service(ref, ror_id, is_sensitive=True, is_ended=is_ended)
    return Service(
        reference=ref,
        ror_id=ror_id,
        is_sensitive=False,
        provider=reference(resource.get("providedBy")),
        name=text(resource.get("name"), 255, "nom"),
        category=next(iter(_labels(resource.get("category"))), ""),
        field=next(iter(_labels(resource.get("type"))), ""),
        activities=_labels(resource.get("specialty")),
        care_modes=_labels(resource.get("characteristic"), "TRE_R213"),
        hours=_hours(resource.get("availableTime")),
        patients=_patients(resource),
        locations=tuple(filter(None, (reference(item) for item in dicts(resource.get("location"))))),
        is_ended=is_ended,
    )


def _labels(concepts: object, system: str = "") -> tuple[str, ...]:
    """Labels, each once, in the order of the source; the code where there is no label."""
    found = (coding for coding in fhir.codings(concepts) if system in coding.system.replace("-", "_"))
    return tuple(dict.fromkeys(coding.label for coding in found if coding.label))


def _hours(times: object) -> tuple[tuple[str, str, str], ...]:
    """Days, opening and closing hours; days that keep the same hours are told together."""
    days: dict[tuple[str, str], list[str]] = {}
    for time in dicts(times):
        start, end = _hour(time.get("availableStartTime")), _hour(time.get("availableEndTime"))
        hours = ("00:00", "24:00") if time.get("allDay") is True else (start, end)
        named = time.get("daysOfWeek")
        days.setdefault(hours, []).extend(day for day in named if day in DAYS) if isinstance(named, list) else None
    return tuple((",".join(sorted(set(named), key=DAYS.index)), *hours) for hours, named in days.items() if named)


def _hour(value: object) -> str:
    """« 08:30 » of « 08:30:00 »."""
    return value[:5] if isinstance(value, str) and len(value) >= 5 and value[2] == ":" else ""


def _patients(resource: Json) -> str:
    """« de 15 à 60 ans », « de 3 mois à 6 ans », « à partir de 15 ans », or what the source calls its public."""
    told = []
    for kind in extensions(resource, "ror-healthcareservice-patient-type"):
        ages = fhir.first(value_of(extension(kind, "ageRange")))
        told.append(_ages(_age(ages.get("low")), _age(ages.get("high"))))
        told.extend(coding.label for part in dicts(kind.get("extension")) for coding in fhir.codings(value_of(part)))
    return ", ".join(dict.fromkeys(filter(None, told)))[:255]


def _age(quantity: object) -> float | None:
    """In years."""
    holder = fhir.first(quantity)
    value, unit = holder.get("value"), str(holder.get("code") or holder.get("unit") or "a").lower()
    if not isinstance(value, int | float) or not 0 <= value <= LONGEST_AGE or unit not in (*YEARS, *MONTHS):
        return None
    return value / MONTHS_A_YEAR if unit in MONTHS else value


def _ages(low: float | None, high: float | None) -> str:
    high = None if high is None or high >= AGELESS else high
    if low and high:
        return f"de {_years(low)} à {_years(high)}"
    if high:
        return f"jusqu’à {_years(high)}"
    return f"à partir de {_years(low)}" if low else ""


def _years(age: float) -> str:
    if age < 1 or age % 1:
        return f"{round(age * MONTHS_A_YEAR)} mois"
    return f"{age:.0f} an" if age < 2 else f"{age:.0f} ans"


def location(resource: Json, ref: str, departments: frozenset[str]) -> Location:
    """A place; its commune comes from the resource's own extension."""
    found = place(fhir.first(resource.get("address")), departments)
    commune = fhir.coding_of(value_of(extension(resource, "ror-commune-cog")), "")
    if commune and found.commune is None and len(commune.code) == 5:
        code = commune.code.upper()
        department = code[:3] if code[:2] in ("97", "98") else code[:2]
        if department in departments:
            found = found._replace(commune=code, department=department)
    if found.latitude is None:
        latitude, longitude = degrees(fhir.first(resource.get("position")))
        found = found._replace(latitude=latitude, longitude=longitude)
    return Location(ref, text(resource.get("name"), 255, "nom"), found)


def closing_day(resource: Json, today: date) -> date:
    """The day on which an offer that is no longer active closed, as far as the resource tells."""
    period = fhir.first(fhir.first(resource.get("notAvailable")).get("during"))
    start = fhir.day(period.get("start"))
    return start if start and start <= today else today
