from datetime import date

import pytest
from rest_framework.test import APIClient

from directory.models import InternalOrganisation, Professional, Structure
from tests.api.schema import check_against_schema, read
from tests.factories import AttachmentFactory, InternalOrganisationFactory, ProfessionalFactory


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

    body = read(api, "structures/12D780001/people/")

    assert [row["professional"]["family_name"] for row in body["results"]] == ["Alazard", "Bessodes"]
    assert body["count"] == 2
    attachments = body["results"][0]["attachments"]
    assert {attachment["unit"] and attachment["unit"]["id"] for attachment in attachments} == {None, pole.pk}
    assert {attachment["access"] for attachment in attachments} == {"none"}
    assert read(api, "structures/12D780001/")["people_count"] == 2


def test_the_people_of_a_unit_are_its_own(api: APIClient, hospital: Structure, pole: InternalOrganisation) -> None:
    below = InternalOrganisationFactory(structure=hospital, parent=pole)
    AttachmentFactory(professional__family_name="Alazard", internal_organisation=pole)
    AttachmentFactory(professional__family_name="Bessodes", internal_organisation=below)
    AttachmentFactory(professional__family_name="Carles", structure=hospital)

    body = read(api, f"units/{pole.pk}/people/")

    assert [row["professional"]["family_name"] for row in body["results"]] == ["Alazard"]
    assert read(api, f"units/{pole.pk}/")["people_count"] == 1


def test_people_come_page_by_page(api: APIClient, hospital: Structure) -> None:
    for _ in range(5):
        AttachmentFactory(structure=hospital)
    seen: list[int] = []
    path: str | None = "structures/12D780001/people/?page_size=2"
    while path:
        body = read(api, path)
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
