"""The staging tables of the ROR import. `seq` is the rank of the resource in the whole reading."""

from contextlib import ExitStack
from datetime import datetime
from typing import Any

from django.utils import timezone
from psycopg.types.json import Jsonb

from directory.imports.fhir_files import Found
from directory.imports.ror_contacts import Contact
from directory.imports.ror_organizations import Organization
from directory.imports.ror_people import Practitioner, Role
from directory.imports.ror_services import Location, Service
from directory.imports.staging import Staging

PLACE = {
    **dict.fromkeys(("address", "address_complement", "postal_code", "city", "commune", "department"), "text"),
    "latitude": "float8",
    "longitude": "float8",
}
DATES = {"opened_on": "date", "ended_on": "date"}
READ = {
    **{"seq": "int", "file": "text", "rank": "int", "reference": "text"},
    **{"updated_at": "timestamptz", "updated_on": "date", "raw": "text"},
}
ORGANIZATION = {
    **dict.fromkeys(("reference", "level", "finess", "oi", "siren", "siret", "name", "alias", "unit_type"), "text"),
    **dict.fromkeys(("category", "category_label", "parent"), "text"),
    **PLACE,
    **DATES,
    "is_ended": "bool",
}
SERVICE = {
    **dict.fromkeys(("reference", "ror_id", "provider", "name", "category", "field", "patients"), "text"),
    **dict.fromkeys(("activities", "care_modes", "locations"), "varchar[]"),
    "hours": "jsonb",
    **dict.fromkeys(("is_sensitive", "is_ended"), "bool"),
    "ended_on": "date",
}
LOCATION = {"reference": "text", "name": "text", **PLACE}
PERSON = {
    **dict.fromkeys(("reference", "national_id", "rpps", "civility", "family_name", "given_name"), "text"),
    **dict.fromkeys(("profession", "profession_label"), "text"),
    "specialities": "varchar[]",
    "is_ended": "bool",
}
ROLE = {
    **dict.fromkeys(("reference", "practitioner", "place", "function"), "text"),
    "since": "date",
    **dict.fromkeys(("profession", "profession_label"), "text"),
    "is_active": "bool",
}
CONTACT = {"reference": "text", "channel": "text", "purpose": "text", "value": "text", "confidentiality": "smallint"}
# Every table that holds what resources say: the rows of a resource that is not to be applied are taken out of all.
SAYING = ("ror_organization", "ror_service", "ror_location", "ror_person", "ror_role", "ror_contact")


class RorStaging(ExitStack):
    """All of them, open together."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = self.enter_context(Staging("ror_read", READ))
        self.organizations = self._table("ror_organization", ORGANIZATION)
        self.services = self._table("ror_service", SERVICE)
        self.locations = self._table("ror_location", LOCATION)
        self.persons = self._table("ror_person", PERSON)
        self.roles = self._table("ror_role", ROLE)
        self.contacts = self._table("ror_contact", CONTACT)

    def _table(self, name: str, columns: dict[str, str]) -> Staging:
        return self.enter_context(Staging(name, {"seq": "int", **columns}))

    def add_read(self, seq: int, found: Found, reference: str, updated_at: datetime | None, raw: str) -> None:
        updated_on = timezone.localdate(updated_at) if updated_at else None
        where = (found.file, found.rank, reference)
        self.reads.add((seq, *where, updated_at, updated_on, raw.replace("\0", "␀")))

    def add_organization(self, seq: int, o: Organization) -> None:
        before, after = o[: o._fields.index("place")], o[o._fields.index("place") + 1 :]
        self.organizations.add((seq, *before, *o.place, *after))

    def add_service(self, seq: int, s: Service, ended_on: Any) -> None:
        hours = Jsonb([{"days": days.split(","), "start": start, "end": end} for days, start, end in s.hours])
        texts = (s.reference, s.ror_id, s.provider, s.name, s.category, s.field, s.patients)
        arrays = (list(s.activities), list(s.care_modes), list(s.locations))
        self.services.add((seq, *texts, *arrays, hours, s.is_sensitive, s.is_ended, ended_on))

    def add_location(self, seq: int, location: Location) -> None:
        self.locations.add((seq, location.reference, location.name, *location.place))

    def add_person(self, seq: int, person: Practitioner) -> None:
        self.persons.add((seq, *person[:8], list(person.specialities), person.is_ended))

    def add_role(self, seq: int, role: Role) -> None:
        self.roles.add((seq, *role))

    def add_contacts(self, seq: int, reference: str, contacts: list[Contact]) -> None:
        for contact in contacts:
            self.contacts.add((seq, reference, *contact))
