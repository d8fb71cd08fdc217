from collections.abc import Callable
from datetime import date

import pytest

from accounts.states import AccountState
from directory.models import (
    Attachment,
    ContactPoint,
    InternalOrganisation,
    Offer,
    Professional,
    RorLocation,
    RorRecord,
    RorRole,
    SearchEntry,
    Source,
    Structure,
)
from tests.directory.imports import resources as fhir
from tests.directory.imports.builders import finess_number, rpps_number
from tests.directory.imports.conftest import Told
from tests.factories import AttachmentFactory, ProfessionalFactory

pytestmark = pytest.mark.django_db
Ror = Callable[..., Told]
EG = fhir.eg("eg", finess_number(1))
UNIT = fhir.oi("u", "Organization/eg")
PERSON = fhir.practitioner("p", f"8{rpps_number(1)}")


def offer(key: str = "offre") -> Offer:
    return Offer.objects.get(ror_reference=f"HealthcareService/{key}")


def test_an_offer_says_what_it_is_and_who_provides_it(ror: Ror) -> None:
    ages = {"low": {"value": 15, "code": "a"}, "high": {"value": 150, "code": "a"}}
    patients = fhir.extension("ror-healthcareservice-patient-type", extension=[{"url": "ageRange", "valueRange": ages}])
    hours = [
        {"daysOfWeek": [day], "availableStartTime": "08:30:00", "availableEndTime": "17:00:00"}
        for day in ("tue", "mon", "fri")
    ]
    modes = [
        fhir.nos("TRE_R213-ModePriseEnCharge", "46", "Hospitalisation de jour"),
        fhir.nos("TRE_R253-Autre", "1", "Rien"),
    ]
    found = fhir.service("offre", "Organization/u", characteristic=modes, availableTime=hours, extension=[patients])
    assert ror(EG, UNIT, fhir.location("lieu"), found).status == 0
    kept = offer()
    assert (kept.ror_id, kept.name, kept.is_sensitive) == ("76/offre", "Offre offre", False)
    assert (kept.structure, kept.internal_organisation) == (None, InternalOrganisation.objects.get())
    assert (kept.category, kept.field, kept.activities) == ("Unité de court séjour", "MCO", ["Médecine polyvalente"])
    assert kept.care_modes == ["Hospitalisation de jour"]
    assert kept.hours == [{"days": ["mon", "tue", "fri"], "start": "08:30", "end": "17:00"}]
    assert kept.patients == "à partir de 15 ans"
    assert kept.location_references == ["Location/lieu"]
    assert (kept.record_updated_on, kept.source) == (date(2026, 3, 2), Source.ROR)
    place = RorLocation.objects.get()
    assert (place.name, place.address, place.commune_id) == ("Site du Lac", "7 rue du Lac", "12202")


def test_an_offer_of_a_structure_is_linked_to_it(ror: Ror) -> None:
    ror(fhir.service("offre", "https://ror.exemple/fhir/Organization/eg/_history/2"), EG)
    assert offer().structure == Structure.objects.get()


def test_an_offer_whose_provider_comes_later_is_linked_then(ror: Ror) -> None:
    assert ror(fhir.service("offre", "Organization/u"), "--extract").status == 0
    assert (offer().structure, offer().internal_organisation) == (None, None)
    assert ror(EG).status == 0
    assert ror(UNIT).run.changed == 1
    assert offer().internal_organisation == InternalOrganisation.objects.get()


def test_a_logical_reference_is_followed(ror: Ror) -> None:
    logical = {"identifier": fhir.finess(finess_number(1))}
    ror(EG, fhir.service("offre", "", providedBy=logical))
    assert offer().structure == Structure.objects.get()


@pytest.mark.parametrize("sensitive", [True, None])
def test_of_a_sensitive_unit_nothing_is_kept(ror: Ror, sensitive: bool | None) -> None:
    """A flag that is missing is read as true: what must never be shown is not shown on an omission."""
    contact = fhir.service_contact("1", "0565000001")
    hours = [{"daysOfWeek": ["mon"], "availableStartTime": "08:30:00", "availableEndTime": "17:00:00"}]
    told = ror(
        EG,
        fhir.service("offre", "Organization/eg", sensitive=sensitive, extension=[contact], availableTime=hours),
        PERSON,
        fhir.role("r", "Practitioner/p", "HealthcareService/offre"),
    )
    kept = offer()
    assert (told.status, kept.is_sensitive, kept.ror_id) == (0, True, "76/offre")
    assert len(told.remarks) == (0 if sensitive else 1)
    said = ("name", "category", "field", "patients", "provider_reference", "activities", "care_modes", "hours")
    assert not any(getattr(kept, name) for name in said)
    assert (kept.structure, kept.location_references, kept.record_updated_on) == (None, [], None)
    assert not Offer.objects.shown().exists()
    for kind in (ContactPoint, RorRole, Attachment):
        assert not kind.objects.exists()
    assert not SearchEntry.objects.filter(keywords__icontains="Offre").exists()


def test_an_offer_that_becomes_sensitive_is_wiped(ror: Ror) -> None:
    contact = fhir.service_contact("1", "0565000001")
    open_ = fhir.service("offre", "Organization/u", extension=[contact])
    role = fhir.role("r", "Practitioner/p", "HealthcareService/offre")
    ror(EG, UNIT, open_, PERSON, role)
    assert (ContactPoint.objects.count(), Attachment.objects.filter(until=None).count()) == (1, 1)
    hidden = fhir.at(fhir.service("offre", "Organization/u", sensitive=True), "2026-04-01T00:00:00Z")
    ror(hidden, "--extract")
    assert (offer().name, offer().internal_organisation) == ("", None)
    assert not ContactPoint.objects.exists()
    assert not RorRole.objects.exists()
    assert not Attachment.objects.filter(until=None).exists()
    ror(role, "--extract")
    assert not RorRole.objects.exists(), "who works there is not kept when told later either"


@pytest.mark.parametrize(
    ("own", "telecom", "level"), [("1", "1", 1), ("1", "2", 2), ("2", "1", 2), (None, "1", 3), ("1", None, 3)]
)
def test_contacts_of_an_offer_carry_the_strictest_level(ror: Ror, own: str, telecom: str, level: int) -> None:
    contact = fhir.service_contact(own, "0565000001", telecom)
    ror(EG, fhir.service("offre", "Organization/eg", extension=[contact]))
    found = ContactPoint.objects.get()
    assert (found.offer, found.channel, found.purpose, found.value) == (offer(), "phone", "Standard", "0565000001")
    assert found.confidentiality == level


def test_what_a_whole_file_no_longer_holds_of_offers_closes(ror: Ror) -> None:
    offers = [fhir.service(f"o{rank}", "Organization/u") for rank in range(60)]
    ror(EG, UNIT, *offers)
    assert ror(EG, UNIT, *offers[:59]).run.closed == 1
    assert offer("o59").closed_on == date(2026, 3, 2)
    assert ror(EG, UNIT).run.closed == 0, "a file without offers tells nothing of them"
    assert ror(EG, UNIT, *offers).run.reopened == 1
    assert offer("o59").closed_on is None


def test_an_offer_that_is_no_longer_active_closes(ror: Ror) -> None:
    ror(EG, fhir.service("offre", "Organization/eg"))
    sparse = fhir.resource("HealthcareService", "offre", active=False, identifier=[{"value": "76/offre"}])
    told = ror(fhir.at(sparse, "2026-04-01T00:00:00Z"), "--extract")
    assert (told.status, told.run.closed, offer().name) == (0, 1, "Offre offre")
    assert offer().closed_on


def test_a_practitioner_is_listed_with_the_profession_of_their_role(ror: Ror) -> None:
    ror(
        EG,
        UNIT,
        fhir.service("offre", "Organization/u"),
        PERSON,
        fhir.role("r", "Practitioner/p", "HealthcareService/offre"),
    )
    person = Professional.objects.get()
    assert (person.rpps, person.national_id) == (rpps_number(1), f"8{rpps_number(1)}")
    assert (person.family_name, person.given_name, person.civility) == ("VERTALLIER", "Odilon", "M")
    assert (person.profession_id, person.source, person.account.name) == ("60", Source.ROR, "Odilon VERTALLIER")
    attachment = Attachment.objects.get()
    assert (attachment.professional, attachment.internal_organisation) == (person, InternalOrganisation.objects.get())
    assert (attachment.source, attachment.structure) == (Source.ROR, None)
    assert SearchEntry.objects.get(kind="professional").detail


@pytest.mark.parametrize("order", [("p", "r", "o"), ("r", "o", "p"), ("o", "p", "r"), ("o", "r", "p"), ("r", "p", "o")])
def test_a_role_attaches_once_all_that_it_names_is_known(ror: Ror, order: tuple[str, ...]) -> None:
    parts = {
        "p": [PERSON],
        "r": [fhir.role("r", "Practitioner/p", "HealthcareService/offre")],
        "o": [EG, UNIT, fhir.service("offre", "Organization/u")],
    }
    for part in order:
        assert ror(*parts[part], "--extract").status == 0
    assert Attachment.objects.get().internal_organisation == InternalOrganisation.objects.get()


def test_a_role_of_the_annuaire_names_an_organisation(ror: Ror) -> None:
    role = fhir.role("r", "Practitioner/p", "", organization=fhir.to("Organization/eg"), healthcareService=[])
    ror(EG, PERSON, role)
    assert Attachment.objects.get().structure == Structure.objects.get()


def test_a_role_that_ends_ends_the_attachment_and_history_stays(ror: Ror) -> None:
    role = fhir.role("r", "Practitioner/p", "HealthcareService/offre")
    ror(EG, UNIT, fhir.service("offre", "Organization/u"), PERSON, role)
    told = ror(fhir.at(fhir.resource("PractitionerRole", "r", active=False), "2026-04-01T00:00:00Z"), "--extract")
    assert (told.status, Attachment.objects.get().until) == (0, date(2026, 4, 1))
    ror(fhir.at(role, "2026-05-01T00:00:00Z"))
    assert [item.until is None for item in Attachment.objects.order_by("pk")] == [False, True]


def test_a_role_that_a_whole_file_no_longer_holds_ends(ror: Ror) -> None:
    people = [fhir.practitioner(f"p{rank}", f"8{rpps_number(rank)}") for rank in range(60)]
    roles = [fhir.role(f"r{rank}", f"Practitioner/p{rank}", "HealthcareService/offre") for rank in range(60)]
    base = (EG, UNIT, fhir.service("offre", "Organization/u"))
    ror(*base, *people, *roles)
    assert ror(*base, *people).run.closed == 0, "a file without roles tells nothing of them"
    assert ror(*base, *people, *roles[:59], "--extract").run.closed == 0
    told = ror(*base, *people, *roles[:59])
    assert (told.status, Attachment.objects.filter(until=None).count()) == (0, 59)


def test_an_attachment_of_another_source_is_left_to_it(ror: Ror) -> None:
    person = ProfessionalFactory(rpps=rpps_number(1))
    ror(EG)
    AttachmentFactory(professional=person, structure=Structure.objects.get(), function="Cheffe")
    ror(fhir.service("offre", "Organization/eg"), PERSON, fhir.role("r", "Practitioner/p", "HealthcareService/offre"))
    assert [(item.source, item.function) for item in Attachment.objects.all()] == [(Source.RPPS, "Cheffe")]


@pytest.mark.parametrize("source", [Source.RPPS, Source.DECLARED, Source.DEMO])
def test_whom_another_source_gives_is_not_written_over(ror: Ror, source: Source) -> None:
    person = ProfessionalFactory(rpps=rpps_number(1), source=source, family_name="Vaysserat")
    told = ror(PERSON | {"telecom": [fhir.telecom("0565000001")]})
    person.refresh_from_db()
    assert (told.status, person.family_name, person.source) == (0, "Vaysserat", source)
    assert person.contacts.get().confidentiality == 1
    ror(fhir.at(PERSON | {"active": False}, "2026-04-01T00:00:00Z"))
    person.refresh_from_db()
    assert person.closed_on is None


def test_a_practitioner_who_left_closes(ror: Ror) -> None:
    ror(PERSON)
    ror(fhir.at(PERSON | {"active": False}, "2026-04-01T00:00:00Z"))
    person = Professional.objects.get()
    assert (person.closed_on, person.account.state) == (date(2026, 4, 1), AccountState.CLOSED)


def test_two_regions_may_hold_the_same_person(ror: Ror) -> None:
    ror(EG, PERSON, fhir.practitioner("bis", f"8{rpps_number(1)}"), fhir.service("offre", "Organization/eg"))
    ror(fhir.role("r", "Practitioner/bis", "HealthcareService/offre"), "--extract")
    assert Attachment.objects.get().professional == Professional.objects.get()
    assert RorRecord.objects.exclude(professional=None).count() == 2


def test_a_restricted_mailbox_stays_with_the_service_centre(ror: Ror) -> None:
    ror(PERSON | {"telecom": [fhir.telecom("odilon@exemple.mssante.fr", "2", "email")]})
    found = ContactPoint.objects.get()
    assert (found.professional, found.channel, found.confidentiality) == (Professional.objects.get(), "mss", 2)
    assert not ContactPoint.objects.public().exists()
