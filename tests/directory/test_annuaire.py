"""The search page: what its address says, what it shows, what it survives."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.http import urlencode

from accounts.models import User
from directory.jinja import shown_count
from directory.models import Commune
from directory.search import Count
from directory.search.projection import refresh
from directory.territory import map_shapes
from tests.factories import ProfessionalFactory, StructureFactory

URL = "/annuaire/"


@pytest.fixture
def client(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


@pytest.fixture
def region(db: None) -> None:
    espalion, toulouse = Commune.objects.get(pk="12096"), Commune.objects.get(pk="31555")
    StructureFactory(name="EHPAD Les Genêts", category_id="500", commune=espalion, department_id="12")
    StructureFactory(name="CHU de la Garonne", category_id="101", commune=toulouse, department_id="31")
    StructureFactory(name="Clinique du Viaur", commune=espalion, department_id="12", closed=True)
    ProfessionalFactory(given_name="Bénédicte", family_name="Lagarrousse", profession_id="60")
    for kind in ("structure", "unit", "professional"):
        refresh(kind)


def shown(client: Client, htmx: bool = False, **asked: object) -> str:
    headers = {"HX-Request": "true", "HX-Target": "answer"} if htmx else {}
    response = client.get(f"{URL}?{urlencode(asked, doseq=True)}", headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_only_establishments_are_ticked_at_first(client: Client, region: None) -> None:
    page = shown(client)
    assert 'value="structure" checked' in page
    assert 'value="unit" checked' not in page
    assert 'value="professional" checked' not in page
    assert "EHPAD Les Genêts" in page
    assert "Lagarrousse" not in page


def test_the_address_holds_the_whole_search(client: Client, region: None) -> None:
    asked = {"q": "genets", "kind": ["structure", "unit"], "department": "12", "commune": "12096", "category": "500"}
    page = shown(client, **asked)
    assert 'value="genets"' in page
    assert 'value="unit" checked' in page
    assert '<option value="12" selected>' in page
    assert '<option value="500" selected>' in page
    assert 'value="Espalion"' in page
    assert "1 résultat en Aveyron" in page


def test_the_fragment_is_the_same_part_of_the_page(client: Client, region: None) -> None:
    fragment = shown(client, htmx=True, q="e")
    assert fragment.strip() in shown(client, q="e")
    assert "<html" not in fragment


def test_going_back_in_history_gets_the_whole_page(client: Client, region: None) -> None:
    response = client.get(URL, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in response.content.decode()
    assert "HX-Request" in response.headers["Vary"]


def test_what_has_closed_is_found_only_when_asked_for(client: Client, region: None) -> None:
    assert "Clinique du" not in shown(client, q="viaur")
    page = shown(client, q="viaur", closed="1")
    assert "Clinique du <mark>Viaur</mark>" in page
    assert "Fermé" in page


def test_a_town_that_is_not_known_is_said_and_kept(client: Client, region: None) -> None:
    page = shown(client, town="Nullepart")
    assert "Cette commune n’est pas connue." in page
    assert 'value="Nullepart"' in page


def test_changing_the_town_wins_over_the_code_of_the_last_one(client: Client, region: None) -> None:
    assert "CHU de la Garonne" in shown(client, town="Toulouse", commune="12096")
    assert "EHPAD Les Genêts" in shown(client, town="Espalion", commune="12096")


def test_nothing_found_leads_to_the_kinds_that_would_match(client: Client, region: None) -> None:
    page = shown(client, q="lagarrousse")
    assert "Aucun établissement ne correspond" in page
    assert "kind=professional" in page


HOSTILE = [
    {"q": "a" * 10_000},
    {"q": "%"},
    {"q": "_"},
    {"q": "\\"},
    {"q": "'; DROP TABLE directory_structure; --"},
    {"q": "🦜👩‍⚕️"},
    {"q": "ehpad\0genets"},
    {"q": "\ud800".encode("utf-8", "surrogatepass")},
    {"q": "' | & ! ( ) : * <->"},
    {"q": "a b c d e f g h i j k l"},
    {"department": "zz"},
    {"department": "\0"},
    {"category": "\0"},
    {"profession": "'"},
    {"commune": "12\0 6"},
    {"commune": "x" * 1000},
    {"town": "\0"},
    {"town": "%" * 1000},
    {"page": "-1"},
    {"page": "0"},
    {"page": "9" * 400},
    {"page": "zz"},
    {"page": "²"},
    {"kind": "zz"},
    {"kind": ["structure"] * 500},
    {"closed": "\0"},
]


@pytest.mark.parametrize("asked", HOSTILE, ids=lambda asked: str(asked)[:40])
def test_whatever_is_asked_gives_a_normal_page(client: Client, region: None, asked: dict[str, object]) -> None:
    assert "<h1" in shown(client, **asked)
    assert shown(client, htmx=True, **asked)


def test_a_very_long_search_makes_no_very_long_page(client: Client, region: None) -> None:
    """Every link of the page repeats what was asked."""
    assert len(shown(client, q="é" * 10_000)) == len(shown(client, q="é" * 200))


def test_what_is_typed_is_escaped(client: Client, region: None) -> None:
    assert "<script>alert" not in shown(client, q="<script>alert(1)</script>", town="<script>alert(1)</script>")


def test_as_many_queries_for_one_answer_as_for_twenty(client: Client, region: None) -> None:
    for number in range(20):
        StructureFactory(name=f"Foyer Aubrac {number}", department_id="12")
    StructureFactory(name="Foyer unique Margeride", department_id="48")
    refresh("structure")
    shown(client, q="foyer")
    with CaptureQueriesContext(connection) as one:
        shown(client, q="foyer margeride")
    with CaptureQueriesContext(connection) as twenty:
        shown(client, q="foyer aubrac")
    assert len(twenty) <= len(one)


def test_communes_are_suggested_while_typing(client: Client, db: None) -> None:
    page = client.get("/annuaire/communes/?town=saint-gau").content.decode()
    assert '<option value="Saint-Gaudens">31 · 31800</option>' in page


def test_the_map_is_drawn_once_and_kept_by_the_browser(client: Client, db: None) -> None:
    response = client.get("/annuaire/carte.svg")
    assert response.headers["Content-Type"].startswith("image/svg+xml")
    assert "max-age" in response.headers["Cache-Control"]
    assert response.content.decode().count('<path id="d-') == 13


def test_too_many_pages_in_a_minute_are_refused_with_a_sentence(client: Client, region: None, settings: object) -> None:
    settings.DIRECTORY_THROTTLE = "3/min"  # type: ignore[attr-defined]
    assert [client.get(URL).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = client.get(URL)
    assert "Retry-After" in refused.headers
    assert "Trop de pages en peu de temps" in refused.content.decode()


def test_the_map_never_says_none_where_it_did_not_look() -> None:
    read_in_part = map_shapes({"12": Count(40, is_exact=False)}, "", lambda code: code)
    shown_by_code = {shape.code: shown_count(shape.count) for shape in read_in_part}
    assert shown_by_code["12"] == "40+"
    assert shown_by_code["31"] == "?"
    read_whole = map_shapes({"12": Count(40, is_exact=True)}, "", lambda code: code)
    assert {shape.code: shown_count(shape.count) for shape in read_whole}["31"] == "0"
