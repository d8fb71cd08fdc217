from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.states import AccountState
from directory.models import (
    Commune,
    ContactPoint,
    Department,
    EstablishmentCategory,
    InternalOrganisation,
    Offer,
    PracticeLocation,
    Profession,
    Professional,
    RorLocation,
    Structure,
    UnitType,
)
from tests.api.schema import check_against_schema
from tests.factories import (
    AttachmentFactory,
    InternalOrganisationFactory,
    LegalEntityFactory,
    ProfessionalFactory,
    StructureFactory,
    UserFactory,
)

HIDDEN = "06 00 00 00 99"
PUBLIC = "05 00 00 00 12"


@pytest.fixture
def hospital(aveyron: Department) -> Structure:
    commune = Commune.objects.get_or_create(insee_code="12202", defaults={"name": "Rodez", "department": aveyron})[0]
    category = EstablishmentCategory.objects.get_or_create(code="355", defaults={"label": "Centre Hospitalier"})[0]
    structure: Structure = StructureFactory(
        finess="12D780001",
        siret="26120000100012",
        name="CH de la Boralde",
        legal_entity=LegalEntityFactory(number="12E780001", siren="261200001"),
        category=category,
        address="1 rue des Genêts",
        postal_code="12000",
        city="RODEZ",
        commune=commune,
        department=aveyron,
        latitude=44.35,
        longitude=2.57,
        phone="0500000012",
        opened_on=date(1998, 4, 1),
    )
    return structure


@pytest.fixture
def pole(hospital: Structure) -> InternalOrganisation:
    kind = UnitType.objects.get_or_create(code="POLE", defaults={"label": "Pôle"})[0]
    unit: InternalOrganisation = InternalOrganisationFactory(structure=hospital, name="Pôle Aubrac", type=kind)
    return unit


def get(api: APIClient, path: str) -> dict[str, object]:
    response = api.get(f"/api/v1/{path}")
    assert response.status_code == 200, response.content
    body: dict[str, object] = check_against_schema(response, f"/api/v1/{path}")
    return body


def contact_of(value: str, level: int, **owner: object) -> None:
    ContactPoint.objects.create(channel="phone", value=value, confidentiality=level, **owner)


def queries_of(api: APIClient, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert api.get(f"/api/v1/{path}").status_code == 200
    return len(queries)


def test_a_structure_says_who_it_is(api: APIClient, hospital: Structure) -> None:
    body = get(api, "structures/12D780001/")

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
    body = get(api, f"structures/{StructureFactory().finess}/")

    assert body["category"] is body["commune"] is body["coordinates"] is body["legal_entity"] is None
    assert body["units"] == body["offers"] == body["contacts"] == []
    assert body["people_count"] == 0


def test_a_closed_structure_reads_and_says_so(api: APIClient) -> None:
    body = get(api, f"structures/{StructureFactory(closed=True).finess}/")

    assert body["closed_on"] == "2026-03-31"
    assert body["account"]["state"] == AccountState.CLOSED


def test_units_come_in_reading_order_with_their_parent(api: APIClient, hospital: Structure) -> None:
    second = InternalOrganisationFactory(structure=hospital, name="B")
    first = InternalOrganisationFactory(structure=hospital, name="A")
    below = InternalOrganisationFactory(structure=hospital, name="Z", parent=first)
    InternalOrganisationFactory(structure=hospital, name="C", closed=True)
    InternalOrganisationFactory(name="D")

    units = get(api, "structures/12D780001/")["units"]

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

    body = get(api, "structures/12D780001/")

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

    body = get(api, "structures/12D780001/")

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

    assert get(api, "structures/12D780001/")["offers"] == []
    assert get(api, f"units/{pole.pk}/")["offers"] == []


def test_a_unit_says_where_it_stands(api: APIClient, hospital: Structure, pole: InternalOrganisation) -> None:
    service = InternalOrganisationFactory(structure=hospital, name="Service", parent=pole)
    unit = InternalOrganisationFactory(structure=hospital, name="Unité", parent=service)
    inner = InternalOrganisationFactory(structure=hospital, name="Lits", parent=unit)
    innermost = InternalOrganisationFactory(structure=hospital, name="Lits de nuit", parent=inner)
    InternalOrganisationFactory(structure=hospital, name="Close", parent=unit, closed=True)

    body = get(api, f"units/{unit.pk}/")

    assert body["structure"]["finess"] == "12D780001"
    assert [above["name"] for above in body["parents"]] == ["Pôle Aubrac", "Service"]
    assert [(below["id"], below["parent"]) for below in body["units"]] == [
        (inner.pk, unit.pk),
        (innermost.pk, inner.pk),
    ]
    assert body["parent"] == service.pk
    assert body["type"] is None
    assert get(api, f"units/{pole.pk}/")["type"] == {"code": "POLE", "label": "Pôle"}
    assert get(api, f"units/{pole.pk}/")["parents"] == []


def test_a_unit_gives_its_offers_and_public_contacts(api: APIClient, pole: InternalOrganisation) -> None:
    Offer.objects.create(ror_id="OF-2", internal_organisation=pole, name="Hospitalisation")
    contact_of(PUBLIC, 1, internal_organisation=pole)
    contact_of(HIDDEN, 2, internal_organisation=pole)

    body = get(api, f"units/{pole.pk}/")

    assert [offer["name"] for offer in body["offers"]] == ["Hospitalisation"]
    assert [contact["value"] for contact in body["contacts"]] == [PUBLIC]


def test_a_closed_unit_reads_and_says_so(api: APIClient) -> None:
    body = get(api, f"units/{InternalOrganisationFactory(closed=True).pk}/")

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

    body = get(api, f"professionals/{person.pk}/")

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

    body = str(get(api, f"professionals/{person.pk}/"))

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

    body = get(api, f"professionals/{person.pk}/")

    assert [place["name"] for place in body["practice_locations"]] == ["Cabinet des Tilleuls"]
    assert [contact["value"] for contact in body["contacts"]] == ["maelle@mss.example"]


def test_somebody_who_left_the_directory_reads_and_it_says_so(api: APIClient) -> None:
    person = ProfessionalFactory(closed_on=date(2026, 2, 28), rpps=None, title="Assistante sociale")

    body = get(api, f"professionals/{person.pk}/")

    assert body["closed_on"] == "2026-02-28"
    assert body["rpps"] is None
    assert body["title"] == "Assistante sociale"


def test_the_people_of_a_structure_are_each_named_once(
    api: APIClient, hospital: Structure, pole: InternalOrganisation
) -> None:
    both = ProfessionalFactory(family_name="Alazard")
    AttachmentFactory(professional=both, structure=hospital)
    AttachmentFactory(professional=both, internal_organisation=pole)
    AttachmentFactory(professional__family_name="Bessodes", internal_organisation=pole)
    AttachmentFactory(professional__family_name="Carles", structure=hospital, until=date(2026, 1, 1))
    AttachmentFactory(professional__family_name="Delmas", structure=hospital, professional__closed_on=date(2026, 1, 1))
    AttachmentFactory(professional__family_name="Espinasse")

    body = get(api, "structures/12D780001/people/")

    assert [row["professional"]["family_name"] for row in body["results"]] == ["Alazard", "Bessodes"]
    assert body["count"] == 2
    attachments = body["results"][0]["attachments"]
    assert {attachment["unit"] and attachment["unit"]["id"] for attachment in attachments} == {None, pole.pk}
    assert {attachment["access"] for attachment in attachments} == {"none"}
    assert get(api, "structures/12D780001/")["people_count"] == 2


def test_the_people_of_a_unit_are_its_own(api: APIClient, hospital: Structure, pole: InternalOrganisation) -> None:
    below = InternalOrganisationFactory(structure=hospital, parent=pole)
    AttachmentFactory(professional__family_name="Alazard", internal_organisation=pole)
    AttachmentFactory(professional__family_name="Bessodes", internal_organisation=below)
    AttachmentFactory(professional__family_name="Carles", structure=hospital)

    body = get(api, f"units/{pole.pk}/people/")

    assert [row["professional"]["family_name"] for row in body["results"]] == ["Alazard"]
    assert get(api, f"units/{pole.pk}/")["people_count"] == 1


def test_people_come_page_by_page(api: APIClient, hospital: Structure) -> None:
    for _ in range(5):
        AttachmentFactory(structure=hospital)
    seen: list[int] = []
    path: str | None = "structures/12D780001/people/?page_size=2"
    while path:
        body = get(api, path) if "?" not in path else api.get(f"/api/v1/{path}").json()
        assert body["count"] == 5
        seen += [row["professional"]["id"] for row in body["results"]]
        path = body["next"] and body["next"].removeprefix("http://testserver/api/v1/")

    people = Professional.objects.filter(attachments__isnull=False)
    assert seen == list(people.order_by("family_name", "given_name", "pk").values_list("pk", flat=True))
    assert len(set(seen)) == 5


def test_a_page_leads_back_and_keeps_its_size(api: APIClient, hospital: Structure) -> None:
    for _ in range(3):
        AttachmentFactory(structure=hospital)

    body = api.get("/api/v1/structures/12D780001/people/?page=2&page_size=1").json()

    here = "http://testserver/api/v1/structures/12D780001/people/"
    assert body["previous"] == f"{here}?page=1&page_size=1"
    assert body["next"] == f"{here}?page=3&page_size=1"
    last = api.get("/api/v1/structures/12D780001/people/?page=9999").json()
    assert (last["results"], last["next"], last["count"]) == ([], None, 3)


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


@pytest.mark.parametrize("page", ["structures/12D780001/people/", "units/{unit}/people/"])
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("page=-1", "Indiquez au moins 1."),
        ("page=0", "Indiquez au moins 1."),
        ("page=deux", "Indiquez un nombre entier."),
        (f"page={'9' * 2000}", "Indiquez un nombre entier."),
        (f"page={'9' * 30}", "Indiquez au plus 9999."),
        ("page_size=0", "Indiquez au moins 1."),
        ("page_size=101", "Indiquez au plus 100."),
        ("page_size=%00", "Indiquez un nombre entier."),
    ],
)
def test_a_page_that_cannot_be_is_refused_in_words(
    api: APIClient, pole: InternalOrganisation, page: str, query: str, message: str
) -> None:
    path = f"/api/v1/{page.format(unit=pole.pk)}"
    response = api.get(f"{path}?{query}")

    assert response.status_code == 400
    body = check_against_schema(response, path)
    assert body["errors"] == [{"field": query.partition("=")[0], "message": message}]


def test_empty_parameters_are_as_absent(api: APIClient, hospital: Structure) -> None:
    assert api.get("/api/v1/structures/12D780001/people/?page=&page_size=").status_code == 200
