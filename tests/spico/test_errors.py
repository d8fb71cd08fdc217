from collections.abc import Iterator

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from spico import urls
from spico.pages.errors import server_error
from spico.web.errors import too_many


def refuses(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("Ce service ne vous est pas ouvert.")


def refuses_without_a_word(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def hides(request: HttpRequest) -> HttpResponse:
    raise Http404("No Dossier matches the given query.")


def breaks(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("un secret")


def suspects(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation("un détail")


class Site:
    urlpatterns = [
        *urls.urlpatterns,
        path("refus/", refuses),
        path("refus-muet/", refuses_without_a_word),
        path("absent/", hides),
        path("panne/", breaks),
        path("suspect/", suspects),
        path("trop/", too_many),
    ]
    handler400, handler403 = urls.handler400, urls.handler403
    handler404, handler500 = urls.handler404, urls.handler500


@pytest.fixture
def visitor(user: User) -> Iterator[Client]:
    """Signed in, and shown error pages as in production."""
    with override_settings(ROOT_URLCONF=Site):
        client = Client(raise_request_exception=False)
        client.force_login(user)
        yield client


@pytest.mark.parametrize(
    ("address", "status", "sentence"),
    [
        ("/nulle-part/", 404, "Cette page n’existe pas"),
        ("/absent/", 404, "Cette page n’existe pas"),
        ("/refus/", 403, "Ce service ne vous est pas ouvert."),
        ("/refus-muet/", 403, "Cette page ne vous est pas ouverte"),
        ("/suspect/", 400, "Demande incompréhensible"),
        ("/trop/", 429, "Trop de pages en peu de temps"),
        ("/panne/", 500, "Panne de notre côté"),
    ],
)
def test_an_error_says_what_happened_and_the_way_on(visitor: Client, address: str, status: int, sentence: str) -> None:
    response = visitor.get(address)
    page = response.content.decode()
    assert response.status_code == status
    assert sentence in page
    assert 'href="/"' in page
    assert "05\N{NO-BREAK SPACE}00" in page
    for hidden in ("No Dossier", "un secret", "un détail", "Traceback"):
        assert hidden not in page


def test_what_may_not_be_seen_and_what_does_not_exist_are_one_page(visitor: Client) -> None:
    def seen(address: str) -> str:
        page = visitor.get(address).content.decode()
        return page.split("csrfmiddlewaretoken")[0].split("hx-headers")[0] + page.split("<main")[1]

    assert seen("/absent/") == seen("/nulle-part/")


def test_a_breakdown_asks_nothing_of_the_database(
    visitor: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    request = RequestFactory().get("/panne/")
    with django_assert_num_queries(0):
        assert server_error(request).status_code == 500


def test_too_many_says_when_to_come_back(visitor: Client) -> None:
    assert visitor.get("/trop/")["Retry-After"] == "60"


def test_a_fragment_refused_is_one_alert(rf: RequestFactory) -> None:
    request = rf.get("/annuaire/", headers={"HX-Request": "true"})
    response = too_many(request, 30)
    page = response.content.decode()
    assert response.status_code == 429
    assert "30\N{NO-BREAK SPACE}secondes" in page
    assert "<html" not in page


def test_a_form_that_waited_too_long_is_told_so(user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    response = client.post("/mon-compte/apparence/", {"theme": "dark"})
    assert response.status_code == 403
    assert "Ce formulaire a trop attendu" in response.content.decode()
    user.refresh_from_db()
    assert user.theme == ""


def test_a_visitor_who_is_not_signed_in_gets_the_same_pages(db: None) -> None:
    with override_settings(ROOT_URLCONF=Site):
        response = Client().get("/nulle-part/")
    assert response.status_code == 404
    assert "Se connecter" in response.content.decode()
