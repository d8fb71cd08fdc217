from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from directory.models import Commune, Department, EstablishmentCategory, Profession, Structure
from tests.api.conftest import check_problem
from tests.api.schema import check_against_schema
from tests.factories import StructureFactory
from tests.soak import examples

DIRECTORY = "/api/v1/directory/"
Listed = Callable[..., None]


@pytest.fixture
def ehpad(listed: Listed) -> Structure:
    structure: Structure = StructureFactory(finess="12D780001", name="EHPAD Bénédicte")
    listed(
        "structure",
        "12D780001",
        structure.name,
        detail="EHPAD · Rodez",
        numbers=["12D780001"],
        departments=["12"],
        communes=["12202"],
        facets=["500"],
        account=structure.account,
    )
    return structure


@pytest.fixture
def region(ehpad: Structure, listed: Listed, aveyron: Department) -> None:
    """One of each kind, and one closed."""
    listed("unit", "7", "Unité Bénédicte", departments=["12"])
    listed("professional", "8", "Bénédicte Vaysserat", departments=["31"], facets=["60"])
    listed("structure", "12D780009", "EHPAD Bénédicte ancien", departments=["12"], is_closed=True)
    Department.objects.get_or_create(code="31", defaults={"name": "Haute-Garonne", "region": "76"})
    Commune.objects.get_or_create(insee_code="12202", defaults={"name": "Rodez", "department": aveyron})
    EstablishmentCategory.objects.get_or_create(code="500", defaults={"label": "EHPAD"})
    Profession.objects.get_or_create(code="60", defaults={"label": "Infirmier"})


def find(api: APIClient, query: str) -> dict[str, Any]:
    response = api.get(f"{DIRECTORY}?{query}")
    assert response.status_code == 200, response.content
    body: dict[str, Any] = check_against_schema(response, DIRECTORY)
    return body


def keys(body: dict[str, Any]) -> list[str]:
    return [hit["id"] for hit in body["results"]]


def test_a_hit_says_what_it_is_and_why_it_is_there(api: APIClient, ehpad: Structure) -> None:
    body = find(api, "q=benedicte")

    (hit,) = body["results"]
    reason = hit["match"].pop("reason")
    assert reason
    assert hit == {
        "kind": "structure",
        "id": "12D780001",
        "label": "EHPAD Bénédicte",
        "detail": "EHPAD · Rodez",
        "department": "12",
        "is_closed": False,
        "match": {"tier": "words"},
        "url": "http://testserver/annuaire/structures/12D780001/",
        "api_url": "http://testserver/api/v1/structures/12D780001/",
        "account": str(ehpad.account_id),
    }
    assert (body["count"], body["count_is_exact"], body["next"], body["previous"]) == (1, True, None, None)


def test_what_a_hit_leads_to_is_there(api: APIClient, ehpad: Structure) -> None:
    (hit,) = find(api, "q=benedicte")["results"]

    assert api.get(hit["api_url"]).json()["finess"] == hit["id"]
    assert api.get(hit["url"]).status_code == 200


def test_without_kind_everything_is_looked_for(api: APIClient, region: None) -> None:
    assert set(keys(find(api, "q=benedicte"))) == {"12D780001", "7", "8"}
    assert set(keys(find(api, ""))) == {"12D780001", "7", "8"}


def test_only_the_kinds_asked_for_are_found(api: APIClient, region: None) -> None:
    assert keys(find(api, "q=benedicte&kind=unit")) == ["7"]
    assert set(keys(find(api, "q=benedicte&kind=unit&kind=professional"))) == {"7", "8"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("department=31", {"8"}),
        ("department=12&kind=unit", {"7"}),
        ("commune=12202", {"12D780001"}),
        ("category=500", {"12D780001"}),
        ("profession=60", {"8"}),
        ("q=vaysserat&department=12", set()),
        ("closed=1&kind=structure", {"12D780001", "12D780009"}),
        ("closed=0&kind=structure", {"12D780001"}),
        ("q=12D780001", {"12D780001"}),
    ],
)
def test_filters_narrow_the_search(api: APIClient, region: None, query: str, found: set[str]) -> None:
    assert set(keys(find(api, query))) == found


def test_a_closed_hit_says_so(api: APIClient, region: None) -> None:
    hits = find(api, "q=ancien&closed=1")["results"]

    assert [(hit["id"], hit["is_closed"]) for hit in hits] == [("12D780009", True)]


def test_a_spelling_is_labelled_as_approximate(api: APIClient, region: None) -> None:
    (hit,) = find(api, "q=vayserat&kind=professional")["results"]

    assert hit["match"]["tier"] == "spelling"


def test_results_come_page_by_page_each_once(api: APIClient, listed: Listed) -> None:
    for number in range(7):
        listed("unit", str(number + 1), f"Unité des Tilleuls {number}")
    seen: list[str] = []
    path = f"{DIRECTORY}?q=tilleuls&page_size=3"
    while path:
        body = api.get(path).json()
        assert body["count"] == 7
        seen += keys(body)
        path = body["next"]

    assert sorted(seen) == [str(number) for number in range(1, 8)]


def test_the_links_keep_the_search(api: APIClient, region: None) -> None:
    body = find(api, "q=b%C3%A9n%C3%A9dicte&kind=unit&kind=professional&page_size=1")

    assert body["next"] is not None
    following = api.get(body["next"]).json()
    assert {*keys(body), *keys(following)} == {"7", "8"}
    assert keys(api.get(following["previous"]).json()) == keys(body)


def test_beyond_the_last_page_there_is_nothing(api: APIClient, region: None) -> None:
    body = find(api, "q=benedicte&page=3")

    assert (body["results"], body["next"], body["count"]) == ([], None, 3)


def test_empty_parameters_are_as_absent(api: APIClient, region: None) -> None:
    empty = "q=&department=&commune=&category=&profession=&closed=&page=&page_size="

    assert keys(find(api, empty)) == keys(find(api, ""))


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("page=-1", "page", "Indiquez au moins 1."),
        ("page=10000", "page", "Indiquez au plus 9999."),
        ("page=1.5", "page", "Indiquez un nombre entier."),
        ("page_size=abc", "page_size", "Indiquez un nombre entier."),
        ("page_size=1000", "page_size", "Indiquez au plus 100."),
        ("department=zz", "department", "Ce département n’existe pas."),
        ("department=%00", "department", "Ce département n’existe pas."),
        (f"department={'1' * 5000}", "department", "Ce département n’existe pas."),
        ("commune=99999", "commune", "Cette commune n’est pas connue."),
        ("category=%27", "category", "Cette catégorie n’existe pas."),
        ("profession=zz", "profession", "Cette profession n’existe pas."),
        ("closed=peut-etre", "closed", "Répondez par 1 ou 0."),
    ],
)
def test_what_cannot_be_is_refused_and_named(api: APIClient, db: None, query: str, field: str, message: str) -> None:
    response = api.get(f"{DIRECTORY}?{query}")

    check_problem(response, 400, "invalid-request")
    body = check_against_schema(response, DIRECTORY)
    assert body["errors"] == [{"field": field, "message": message}]


@pytest.mark.parametrize("query", ["kind=zz", "kind=", "kind=unit&kind=zz", "kind=%00"])
def test_a_kind_that_nobody_registered_is_refused_with_those_that_exist(api: APIClient, query: str) -> None:
    body = check_problem(api.get(f"{DIRECTORY}?{query}"), 400, "invalid-request")

    (error,) = body["errors"]
    assert error["field"] == "kind"
    assert "structure, unit, professional" in error["message"]


def test_each_value_that_cannot_be_is_named(api: APIClient) -> None:
    body = check_problem(api.get(f"{DIRECTORY}?page=0&kind=zz&closed=x"), 400, "invalid-request")

    assert {error["field"] for error in body["errors"]} == {"page", "kind", "closed"}


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_000,
        "é " * 5000,
        "\x00",
        "a\x00b",
        "🚑",
        "%",
        "_",
        "\\",
        "'",
        '"',
        "';--",
        "&|!():*<->",
        "\u202e",
        "12D 780 001",
    ],
)
def test_any_text_is_a_normal_search(api: APIClient, region: None, text: str) -> None:
    find(api, urlencode({"q": text}))


def test_bytes_that_are_not_utf8_are_a_normal_search(api: APIClient, region: None) -> None:
    find(api, "q=%ff%fe%ed%a0%80")


@pytest.mark.django_db
@pytest.mark.soak
@examples(60)
@given(
    parameters=st.lists(
        st.tuples(
            st.sampled_from(
                ["q", "kind", "department", "commune", "category", "profession", "closed", "page", "page_size", "x"]
            ),
            st.one_of(
                st.text(max_size=40),
                st.sampled_from(["1", "12", "structure", "unit", "benedicte", "-1", "", "9" * 30, "true", "null"]),
            ),
        ),
        max_size=8,
    )
)
def test_nothing_that_is_asked_breaks_the_search(
    api: APIClient, region: None, parameters: list[tuple[str, str]]
) -> None:
    encoded = urlencode(parameters, errors="replace")
    with override_settings(DIRECTORY_THROTTLE=""):
        response = api.get(f"{DIRECTORY}?{encoded}")

    assert response.status_code in (200, 400)
    check_against_schema(response, DIRECTORY)


def test_as_many_queries_for_one_result_as_for_twenty(api: APIClient, listed: Listed) -> None:
    for number in range(20):
        listed("unit", str(number + 1), f"Unité {'des Tilleuls' if number else 'du Causse'}")

    def queries(text: str, count: int) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert find(api, f"q={text}")["count"] == count
        return len(asked)

    queries("causse", 1)
    assert queries("causse", 1) == queries("tilleuls", 19)
