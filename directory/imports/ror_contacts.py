"""Reads telecoms and contacts of the ROR, with the level at which they may be shown."""

from collections.abc import Iterator
from typing import NamedTuple

from directory.imports import fhir
from directory.imports.fhir import Json, dicts, extension, extensions, text, value_of
from directory.models import ContactPoint

Channel = ContactPoint.Channel
STRICTEST = 3
LEVELS = ("ror-telecom-confidentiality-level", "ror-contact-confidentiality-level", "ror-confidentiality-level")
FHIR_SYSTEMS = {"phone": Channel.PHONE, "sms": Channel.PHONE, "fax": Channel.FAX, "email": Channel.EMAIL}
# TRE_R200, as far as the published examples go; the label decides for the other codes.
CHANNEL_CODES = {"2": Channel.PHONE, "3": Channel.EMAIL}
CHANNEL_WORDS = {
    "télécopie": Channel.FAX,
    "fax": Channel.FAX,
    "téléphone": Channel.PHONE,
    "sécurisée": Channel.MSS,
    "mssanté": Channel.MSS,
    "courri": Channel.EMAIL,
    "mail": Channel.EMAIL,
}


class Contact(NamedTuple):
    """A way to reach the owner of the resource."""

    channel: str
    purpose: str
    value: str
    confidentiality: int


def contacts(resource: Json) -> list[Contact]:
    """Every telecom of a resource, each at the strictest of its own level and of its contact's; none given is 3."""
    return sorted({contact for contact in _all(resource) if contact.value})


def _all(resource: Json) -> Iterator[Contact]:
    for telecom in dicts(resource.get("telecom")):
        yield _telecom(telecom, _level(telecom), "")
    for contact in dicts(resource.get("contact")):
        purpose = _label(contact.get("purpose"))
        for telecom in dicts(contact.get("telecom")):
            yield _telecom(telecom, max(_level(contact), _level(telecom)), purpose)
    for contact in extensions(resource, "ror-healthcareservice-contact"):
        yield from _of_extension(contact)


def _of_extension(contact: Json) -> Iterator[Contact]:
    """The contact of a HealthcareService, which is all extensions."""
    purpose = _label(value_of(extension(contact, "purposeContact")))
    for telecom in extensions(contact, "ror-healthcareservice-contact-telecom"):
        value = text(value_of(extension(telecom, "telecomAddress")), 255, "coordonnée")
        level = max(_level(contact), _level(telecom))
        yield Contact(_channel(telecom, value), purpose, value, level)


def _telecom(telecom: Json, level: int, purpose: str) -> Contact:
    value = text(telecom.get("value"), 255, "coordonnée")
    return Contact(_channel(telecom, value), purpose, value, STRICTEST if _is_on_red_list(telecom) else level)


def _level(element: Json) -> int:
    """Its own level (TRE_R283); none, or a code that is none, is the strictest."""
    for name in LEVELS:
        for found in extensions(element, name):
            codes = [coding.code for coding in fhir.codings(value_of(found))]
            return max((int(code) if code in ("1", "2") else STRICTEST for code in codes), default=STRICTEST)
    return STRICTEST


def _is_on_red_list(telecom: Json) -> bool:
    """A secure mailbox whose holder asked not to be listed."""
    return any(
        value_of(extension(metadata, "listeRouge")) is True
        for metadata in extensions(telecom, "as-ext-mailbox-mss-metadata")
    )


def _channel(telecom: Json, value: str) -> str:
    if value.lower().endswith(".mssante.fr") or _is_mss(telecom):
        return Channel.MSS
    if found := FHIR_SYSTEMS.get(str(telecom.get("system"))):
        return found
    for coding in fhir.codings(value_of(extension(telecom, "ror-telecom-communication-channel"))):
        if coding.code in CHANNEL_CODES:
            return CHANNEL_CODES[coding.code]
        for word, channel in CHANNEL_WORDS.items():
            if word in coding.display.lower():
                return channel
    return Channel.OTHER


def _is_mss(telecom: Json) -> bool:
    kinds = extensions(telecom, "fr-core-contact-point-email-type")
    return any(coding.code == "MSSANTE" for kind in kinds for coding in fhir.codings(value_of(kind)))


def _label(concept: object) -> str:
    return next((coding.label[:100] for coding in fhir.codings(concept)), "")
