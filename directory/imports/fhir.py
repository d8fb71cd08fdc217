"""Reads FHIR R4 elements as they come: what is absent, or is not of its type, is nothing."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from directory.imports.csv_lines import LineUnreadable, tidy

Json = dict[str, Any]
LITERAL = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/[^/]+)?$")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
REFERENCE_LENGTH = 100
# Beyond, a change of time zone leaves the calendar.
EARLIEST, LATEST = 1, 9999


class Coding(NamedTuple):
    system: str
    code: str
    display: str

    @property
    def label(self) -> str:
        return self.display or self.code


def dicts(value: object) -> Iterator[Json]:
    """The objects of a list, or the one object that stands where a list should."""
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def strings(value: object) -> list[str]:
    """The strings of a list, or the one that stands where a list should."""
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def first(value: object) -> Json:
    """The first object of a list, or an empty one."""
    return next(dicts(value), {})


def text(value: object, length: int, what: str) -> str:
    """A string, tidied. Refused: one that the database cannot hold, or has no room for."""
    if not isinstance(value, str):
        return ""
    found = tidy(value)
    if "\0" in found or not _is_unicode(found):
        raise LineUnreadable(f"{what} : caractère illisible")
    if len(found) > length:
        raise LineUnreadable(f"{what} : {len(found)} caractères, {length} au plus")
    return found


def _is_unicode(value: str) -> bool:
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def codings(concepts: object) -> Iterator[Coding]:
    """Every coding of one concept or of several; a bare coding counts as one."""
    for concept in dicts(concepts):
        inner = concept.get("coding")
        for coding in dicts(inner) if inner is not None else (concept,):
            yield Coding(
                text(coding.get("system"), 255, "système de codes"),
                text(coding.get("code"), 255, "code"),
                text(coding.get("display"), 255, "libellé") or text(concept.get("text"), 255, "libellé"),
            )


def coding_of(concepts: object, *systems: str) -> Coding | None:
    """The first coding whose system has one of these names in it (`TRE_R66`, `JDV_J55`), its dashes read as such."""
    for coding in codings(concepts):
        system = coding.system.replace("-", "_")
        if coding.code and any(name in system for name in systems):
            return coding
    return None


def extensions(element: object, name: str) -> Iterator[Json]:
    """Extensions by the last part of their url."""
    for holder in dicts(element):
        for extension in dicts(holder.get("extension")):
            if str(extension.get("url", "")).rsplit("/", 1)[-1] == name:
                yield extension


def extension(element: object, *names: str) -> Json:
    """The first extension that bears one of these names, or an empty one."""
    return next((found for name in names for found in extensions(element, name)), {})


def value_of(element: Json) -> Any:
    """The `value[x]` of an extension, whatever its type."""
    return next((value for key, value in element.items() if key.startswith("value")), None)


def reference(value: object) -> str:
    """« Organization/12 » of a reference, absolute, versioned or not; « finess:… » or « oi:… » of a logical one."""
    holder = first(value)
    literal = holder.get("reference")
    if isinstance(literal, str) and literal:
        found = LITERAL.search(literal)
        return text(f"{found[1]}/{found[2]}" if found else literal, REFERENCE_LENGTH, "référence")
    identifier = first(holder.get("identifier"))
    kind = {"finess": "finess", "oi": "oi"}.get(host(identifier))
    return text(f"{kind}:{identifier.get('value', '')}", REFERENCE_LENGTH, "référence") if kind else ""


def host(identifier: Json) -> str:
    """« finess » of `http(s)://finess.esante.gouv.fr`, whatever follows."""
    found = re.match(r"https?://([a-z]+)\.", str(identifier.get("system", "")))
    return found[1] if found else ""


def moment(value: object) -> datetime | None:
    """A FHIR instant; one without time zone is read as universal time."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    if not EARLIEST < found.year < LATEST:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def day(value: object) -> date | None:
    """The day of a FHIR date or moment; of a month or a year alone, nothing."""
    found = DAY.match(value) if isinstance(value, str) else None
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None
