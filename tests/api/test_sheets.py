from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.states import AccountState
from directory.models import (
    ContactPoint,
    Department,
    InternalOrganisation,
    Offer,
    PracticeLocation,
    Profession,
    RorLocation,
    Structure,
)
from tests.api.schema import read
from tests.factories import (
    AttachmentFactory,
    InternalOrganisationFactory,
    ProfessionalFactory,
    StructureFactory,
    UserFactory,
)

HIDDEN = "06 00 00 00 99"
PUBLIC = "05 00 00 00 12"


def contact_of(value: str, level: int, **owner: object) -> None:
    ContactPoint.objects.create(channel="phone", value=value, confidentiality=level, **owner)


def queries_of(api: APIClient, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert api.get(f"/api/v1/{path}").status_code == 200
    return len(queries)


def test_a_structure_says_who_it_is(api: APIClient, hospital: Structure) -> None:
    body = read(api, "structures/12D780001/")

    assert body["finess"] == "12D780001"
    assert body["name"] == "CH de la Boralde"
    assert body["siret"] == "26120000100012"
    assert body["legal_entity"] == {
        "number": "12E780001",
        "siren": "261200001",
        "name": "Établissement public de santé de la Boralde",
    }
    assert body["category"] == {"code": "355", "label": str(hospital.category)}
    assert body["commune"] == {"code": "12202", "label": "Rodez"}
    assert body["department"] == {"code": "12", "label": "Aveyron"}
    assert body["coordinates"] == {"latitude": 44.35, "longitude": 2.57}
    assert body["opened_on"] == "1998-04-01"
    assert body["closed_on"] is None
    assert body["account"] == {"id": str(hospital.account_id), "state": "listed"}
    assert body["source"] == "finess"
    assert body["source_date"] == "2026-11-16"
    assert body["url"] == "http://testserver/annuaire/structures/12D780001/"
    assert body["api_url"] == "http://testserver/api/v1/structures/12D780001/"


def test_a_structure_of_which_little_is_known_reads_as_well(api: APIClient) -> None:
    body = read(api, f"structures/{StructureFactory().finess}/")

    assert body["category"] is body["commune"] is body["coordinates"] is body["legal_entity"] is None
    assert body["units"] == body["offers"] == body["contacts"] == []
    assert body["people_count"] == 0


def test_a_closed_structure_reads_and_says_so(api: APIClient) -> None:
    body = read(api, f"structures/{StructureFactory(closed=True).finess}/")

    assert body["closed_on"] == "2026-03-31"
    assert body["account"]["state"] == AccountState.CLOSED


def test_units_come_in_reading_order_with_their_parent(api: APIClient, hospital: Structure) -> None:
    second = InternalOrganisationFactory(structure=hospital, name="B")
    first = InternalOrganisationFactory(structure=hospital, name="A")
    below = InternalOrganisationFactory(structure=hospital, name="Z", parent=first)
    InternalOrganisationFactory(structure=hospital, name="C", closed=True)
    InternalOrganisationFactory(name="D")

    units = read(api, "structures/12D780001/")["units"]

    assert [(unit["id"], unit["parent"]) for unit in units] == [
        (first.pk, None),
        (below.pk, first.pk),
        (second.pk, None),
    ]
    assert units[0]["account"] == {"id": str(first.account_id), "state": "listed"}


def test_a_structure_gives_its_public_contacts_alone(api: APIClient, hospital: Structure) -> None:
    contact_of(PUBLIC, 1, structure=hospital)
    contact_of(HIDDEN, 2, structure=hospital)
    contact_of(HIDDEN, 3, structure=hospital)

    body = read(api, "structures/12D780001/")

    assert [contact["value"] for contact in body["contacts"]] == [PUBLIC]
    assert HIDDEN not in str(body)


def test_an_offer_gives_its_places_and_its_public_contacts(api: APIClient, hospital: Structure) -> None:
    RorLocation.objects.create(ror_reference="Location/1", name="Site nord", address="2 rue haute", city="RODEZ")
    offer = Offer.objects.create(
        ror_id="OF-1", structure=hospital, name="Consultations", activities=["Cardiologie"],
        location_references=["Location/1", "Location/unknown"],
    )  # fmt: skip
    contact_of(PUBLIC, 1, offer=offer)
    contact_of(HIDDEN, 2, offer=offer)

    body = read(api, "structures/12D780001/")

    (shown,) = body["offers"]
    assert shown["id"] == "OF-1"
    assert shown["activities"] == ["Cardiologie"]
    assert [place["name"] for place in shown["locations"]] == ["Site nord"]
    assert [contact["value"] for contact in shown["contacts"]] == [PUBLIC]
    assert HIDDEN not in str(body)


def test_neither_a_sensitive_offer_nor_a_closed_one_is_shown(
    api: APIClient, hospital: Structure, pole: InternalOrganisation
) -> None:
    Offer.objects.create(ror_id="OF-SENSIBLE", is_sensitive=True)
    Offer.objects.create(ror_id="OF-FERMEE", structure=hospital, name="Ancienne", closed_on=date(2026, 1, 1))
    Offer.objects.create(ror_id="OF-FERMEE-2", internal_organisation=pole, closed_on=date(2026, 1, 1))

    assert read(api, "structures/12D780001/")["offers"] == []
    assert read(api, f"units/{pole.pk}/")["offers"] == []


def test_a_unit_says_where_it_stands(api: APIClient, hospital: Structure, pole: InternalOrganisation) -> None:
    service = InternalOrganisationFactory(structure=hospital, name="Service", parent=pole)
    unit = InternalOrganisationFactory(structure=hospital, name="Unité", parent=service)
    inner = InternalOrganisationFactory(structure=hospital, name="Lits", parent=unit)
    innermost = InternalOrganisationFactory(structure=hospital, name="Lits de nuit", parent=inner)
    InternalOrganisationFactory(structure=hospital, name="Close", parent=unit, closed=True)

    body = read(api, f"units/{unit.pk}/")

    assert body["structure"]["finess"] == "12D780001"
    assert [above["name"] for above in body["parents"]] == ["Pôle Aubrac", "Service"]
    assert [(below["id"], below["parent"]) for below in body["units"]] == [
        (inner.pk, unit.pk),
        (innermost.pk, inner.pk),
    ]
    assert body["parent"] == service.pk
    assert body["type"] is None
    assert read(api, f"units/{pole.pk}/")["type"] == {"code": "POLE", "label": "Pôle"}
    assert read(api, f"units/{pole.pk}/")["parents"] == []


def test_a_unit_gives_its_offers_and_public_contacts(api: APIClient, pole: InternalOrganisation) -> None:
    Offer.objects.create(ror_id="OF-2", internal_organisation=pole, name="Hospitalisation")
    contact_of(PUBLIC, 1, internal_organisation=pole)
    contact_of(HIDDEN, 2, internal_organisation=pole)

    body = read(api, f"units/{pole.pk}/")

    assert [offer["name"] for offer in body["offers"]] == ["Hospitalisation"]
    assert [contact["value"] for contact in body["contacts"]] == [PUBLIC]


def test_a_closed_unit_reads_and_says_so(api: APIClient) -> None:
    body = read(api, f"units/{InternalOrganisationFactory(closed=True).pk}/")

    assert body["closed_on"] == "2026-03-31"


def test_a_person_says_where_they_work_and_that_it_opens_nothing(
    api: APIClient, hospital: Structure, pole: InternalOrganisation
) -> None:
    profession = Profession.objects.get_or_create(code="60", defaults={"label": "Infirmier"})[0]
    person = ProfessionalFactory(profession=profession, specialities=["Stomathérapie"])
    AttachmentFactory(professional=person, structure=hospital, function="Infirmière", since=date(2025, 1, 6))
    AttachmentFactory(
        professional=person,
        internal_organisation=pole,
        since=date(2025, 2, 3),
        confirmed_by=UserFactory(),
        confirmed_at=datetime(2026, 2, 1, 8, tzinfo=UTC),
    )
    AttachmentFactory(professional=person, structure=StructureFactory(closed=True), until=date(2024, 12, 31))

    body = read(api, f"professionals/{person.pk}/")

    assert body["profession"] == {"code": "60", "label": "Infirmier"}
    assert body["specialities"] == ["Stomathérapie"]
    in_unit, in_structure, past = body["attachments"]
    assert in_structure["structure"]["finess"] == in_unit["structure"]["finess"] == "12D780001"
    assert in_structure["unit"] is None
    assert in_unit["unit"]["id"] == pole.pk
    assert (in_structure["function"], in_structure["since"]) == ("Infirmière", "2025-01-06")
    assert in_structure["confirmed_at"] is None
    assert in_unit["confirmed_at"] == "2026-02-01T09:00:00+01:00"
    assert past["until"] == "2024-12-31"
    assert past["structure"]["closed_on"] == "2026-03-31"
    assert {attachment["access"] for attachment in body["attachments"]} == {"none"}


def test_who_confirmed_an_attachment_and_who_signs_in_stay_inside(api: APIClient) -> None:
    person = ProfessionalFactory(signed_in=True)
    confirming = UserFactory(username="confirmatrice")
    AttachmentFactory(professional=person, confirmed_by=confirming, confirmed_at=datetime(2026, 2, 1, tzinfo=UTC))

    body = str(read(api, f"professionals/{person.pk}/"))

    assert "confirmatrice" not in body
    assert person.account.user.username not in body
    assert person.national_id not in body


def test_a_person_gives_their_open_surgeries_and_public_contacts(api: APIClient, aveyron: Department) -> None:
    person = ProfessionalFactory()
    practice = {"professional": person, "source": "rpps"}
    PracticeLocation.objects.create(key="1", name="Cabinet des Tilleuls", department=aveyron, **practice)
    PracticeLocation.objects.create(key="2", name="Cabinet clos", closed_on=date(2026, 1, 1), **practice)
    contact_of("maelle@mss.example", 1, professional=person)
    contact_of(HIDDEN, 3, professional=person)

    body = read(api, f"professionals/{person.pk}/")

    assert [place["name"] for place in body["practice_locations"]] == ["Cabinet des Tilleuls"]
    assert [contact["value"] for contact in body["contacts"]] == ["maelle@mss.example"]


def test_somebody_who_left_the_directory_reads_and_it_says_so(api: APIClient) -> None:
    person = ProfessionalFactory(closed_on=date(2026, 2, 28), rpps=None, title="Assistante sociale")

    body = read(api, f"professionals/{person.pk}/")

    assert body["closed_on"] == "2026-02-28"
    assert body["rpps"] is None
    assert body["title"] == "Assistante sociale"


def test_only_reading_is_needed_to_check_a_sheet(api: APIClient, hospital: Structure) -> None:
    response = api.head("/api/v1/structures/12D780001/")

    assert response.status_code == 200
    assert response.content == b""


def fill(structure: Structure, rows: int) -> InternalOrganisation:
    """One unit at the top that holds the others, each with an offer, a place, contacts and somebody."""
    top: InternalOrganisation = InternalOrganisationFactory(structure=structure)
    contact_of(PUBLIC, 1, structure=structure)
    for number in range(rows):
        code = f"{structure.finess}-{number}"
        RorLocation.objects.create(ror_reference=f"Location/{code}")
        InternalOrganisationFactory(structure=structure, parent=top)
        for provider in ({"structure": structure}, {"internal_organisation": top}):
            reference = [f"Location/{code}"]
            name = f"OF-{code}-{next(iter(provider))}"
            offer = Offer.objects.create(ror_id=name, location_references=reference, **provider)
            contact_of(PUBLIC, 1, offer=offer)
        person = ProfessionalFactory()
        AttachmentFactory(professional=person, internal_organisation=top)
        AttachmentFactory(professional=person, structure=structure)
    return top


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("structures/{finess}/", 9),
        ("structures/{finess}/people/", 6),
        ("units/{unit}/", 10),
        ("units/{unit}/people/", 6),
    ],
)
def test_as_many_queries_for_one_row_as_for_twenty(
    api: APIClient, hospital: Structure, path: str, expected: int
) -> None:
    small: Structure = StructureFactory()
    tops = {small: fill(small, 1), hospital: fill(hospital, 20)}

    queries = [queries_of(api, path.format(finess=one.finess, unit=top.pk)) for one, top in tops.items()]

    assert queries == [expected, expected]


def test_a_person_costs_as_many_queries_with_one_place_as_with_twenty(
    api: APIClient, pole: InternalOrganisation
) -> None:
    one, many = ProfessionalFactory(), ProfessionalFactory()
    for person, times in ((one, 1), (many, 20)):
        for number in range(times):
            AttachmentFactory(professional=person)
            unit = InternalOrganisationFactory(structure=pole.structure)
            AttachmentFactory(professional=person, internal_organisation=unit)
            PracticeLocation.objects.create(professional=person, key=str(number), source="rpps")
            contact_of(PUBLIC, 1, professional=person)

    queries = [queries_of(api, f"professionals/{person.pk}/") for person in (one, many)]

    assert queries == [6, 6]
