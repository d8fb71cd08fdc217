"""Who asks, as whoever answers needs to see it: profession, town, places, the last figures of the RPPS."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from directory.models import Attachment, PracticeLocation, Professional, Structure
from directory.people import AttachedPerson, with_attachments

LAST_FIGURES = 4
UNCONFIRMED = " (déclaré, non confirmé)"


@dataclass(frozen=True)
class Identity:
    """One listed person. `practices`: where they work outside any structure."""

    person: AttachedPerson
    practices: list[PracticeLocation]

    @property
    def professional(self) -> Professional:
        return self.person.professional

    @property
    def occupation(self) -> str:
        return self.professional.occupation

    @property
    def places(self) -> list[Attachment]:
        return self.person.attachments

    @property
    def towns(self) -> list[str]:
        """Each once, in the order of the places."""
        found = [_town(_structure(attachment)) for attachment in self.places]
        found += [practice.commune.name if practice.commune else practice.city for practice in self.practices]
        return list(dict.fromkeys(filter(None, found)))

    @property
    def rpps_end(self) -> str:
        return (self.professional.rpps or "")[-LAST_FIGURES:]

    @property
    def described(self) -> str:
        """« Soline Carbonnac, infirmière, Rodez, CH de la Boralde (déclaré, non confirmé), RPPS …1234 »."""
        places = [
            f"{attachment.place.name}{UNCONFIRMED if attachment.is_declared_only else ''}" for attachment in self.places
        ]
        number = f"RPPS …{self.rpps_end}" if self.rpps_end else "sans RPPS"
        told = [self.professional.display_name, self.occupation, *self.towns, *places, number]
        return ", ".join(filter(None, told))


def _structure(attachment: Attachment) -> Structure:
    unit = attachment.internal_organisation
    structure = unit.structure if unit else attachment.structure
    assert structure is not None  # noqa: S101, `attachment_to_one_place`
    return structure


def _town(structure: Structure) -> str:
    return structure.commune.name if structure.commune else structure.city


def identity_of(account: UUID) -> Identity | None:
    """None for an account that is no longer anybody's."""
    found = Professional.objects.select_related("profession").filter(account=account).first()
    return identities([found])[0] if found else None


def identities(people: Iterable[Professional]) -> list[Identity]:
    """Two queries, whatever the number."""
    chosen = list(people)
    attached = with_attachments(chosen, Attachment.objects.open().with_places())
    locations = PracticeLocation.objects.filter(professional__in=chosen, closed_on=None).select_related("commune")
    practices: dict[int, list[PracticeLocation]] = {}
    for location in locations.order_by("pk"):
        practices.setdefault(location.professional_id, []).append(location)
    return [Identity(person, practices.get(person.professional.pk, [])) for person in attached]


TELLING = ("occupation", "towns", "rpps_end")


def differences(one: Identity, others: Iterable[Identity]) -> set[str]:
    """What tells this person from at least one of the others."""
    compared = list(others)
    return {name for name in TELLING if any(getattr(one, name) != getattr(other, name) for other in compared)}
