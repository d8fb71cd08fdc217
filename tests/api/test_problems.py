import json
import logging

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory, force_authenticate

from accounts.models import User
from directory.api.views import UnitView
from spico.web.api import ApiView
from spico.web.problems import PROBLEM_TYPES, Refusal
from tests.api.conftest import check_problem

HUGE = "9" * 40


class LineSerializer(serializers.Serializer):
    city = serializers.CharField(error_messages={"required": "Dites la ville."})


class NoteSerializer(serializers.Serializer):
    title = serializers.CharField(error_messages={"required": "Donnez un titre."})
    lines = LineSerializer(many=True)


class Notebook(ApiView):
    """A view that receives, as later ones will."""

    http_method_names = ["post"]
    raised: Exception | None = None

    def post(self, request: Request) -> Response:
        if self.raised:
            raise self.raised
        NoteSerializer(data=request.data).is_valid(raise_exception=True)
        return Response({})


def send(user: User, body: str = "{}", media_type: str = "application/json", **options: object) -> HttpResponse:
    request = APIRequestFactory().post("/api/v1/notebook/?q=secret", body, content_type=media_type)
    force_authenticate(request, user)
    answer: HttpResponse = Notebook.as_view(**options)(request)
    return answer


@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1/", "/api/v1/nowhere/", "/api/v2/directory/", "/api/v1/schema/more/"]
)
def test_an_unknown_route_is_a_problem(api: APIClient, bare: APIClient, path: str) -> None:
    check_problem(api.get(path), 404, "not-found")
    check_problem(bare.get(path), 404, "not-found")


@pytest.mark.parametrize(
    "path",
    [
        "structures/120000001/",
        "structures/120000001/people/",
        "structures/12/",
        "structures/12000000%00/",
        "structures/'%20or%201=1/",
        "structures/%F0%9F%9A%91/",
        "units/0/",
        f"units/{HUGE}/",
        f"units/{HUGE}/people/",
        "units/-1/",
        "units/abc/",
        "professionals/0/",
        f"professionals/{HUGE}/",
        "problems/unknown/",
    ],
)
def test_what_does_not_exist_is_a_problem(api: APIClient, path: str) -> None:
    body = check_problem(api.get(f"/api/v1/{path}"), 404, "not-found")

    assert body["detail"] == "Il n’y a rien à cette adresse."


def test_an_address_without_its_last_slash_leads_to_the_right_one(api: APIClient) -> None:
    response = api.get("/api/v1/units/1")

    assert response.status_code == 301
    assert response.headers["Location"] == "/api/v1/units/1/"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_the_directory_is_only_read(api: APIClient, method: str) -> None:
    response = getattr(api, method)("/api/v1/units/1/")

    body = check_problem(response, 405, "method-not-allowed")
    assert body["detail"] == f"La méthode {method.upper()} n’est pas permise à cette adresse."
    assert response.headers["Allow"] == "GET, HEAD"


def test_only_json_is_given(api: APIClient) -> None:
    check_problem(api.get("/api/v1/units/1/", HTTP_ACCEPT="text/csv"), 406, "not-acceptable")
    check_problem(api.get("/api/v1/schema/", HTTP_ACCEPT="text/csv"), 406, "not-acceptable")


def test_a_browser_is_answered_in_json(api: APIClient) -> None:
    response = api.get("/api/v1/units/1/", HTTP_ACCEPT="text/html,application/xhtml+xml,*/*;q=0.8")

    check_problem(response, 404, "not-found")


def test_the_format_is_no_parameter(api: APIClient) -> None:
    check_problem(api.get("/api/v1/units/1/?format=html"), 404, "not-found")
    check_problem(api.get("/api/v1/units/1/?format=html", HTTP_ACCEPT="application/json"), 404, "not-found")


def test_the_address_of_a_problem_leaves_out_what_was_searched(api: APIClient) -> None:
    response = api.get("/api/v1/directory/?q=Vaysserat&page=-1")

    assert check_problem(response, 400, "invalid-request")["instance"] == "/api/v1/directory/"
    assert "Vaysserat" not in response.content.decode()


def test_each_wrong_value_is_named_by_its_path(user: User) -> None:
    body = check_problem(send(user, '{"lines": [{"city": "Rodez"}, {}]}'), 400, "invalid-request")

    assert body["errors"] == [
        {"field": "title", "message": "Donnez un titre."},
        {"field": "lines.1.city", "message": "Dites la ville."},
    ]


@pytest.mark.parametrize("body", ["{", "", "\x00", '{"title": '])
def test_a_body_that_is_not_json_is_refused_in_words(user: User, body: str) -> None:
    found = check_problem(send(user, body), 400, "invalid-request")

    assert "errors" in found or found["detail"] == "Le corps de la demande ne se lit pas comme du JSON."


@pytest.mark.parametrize("media_type", ["text/xml", "application/x-www-form-urlencoded", "nonsense"])
def test_only_json_is_received(user: User, media_type: str) -> None:
    check_problem(send(user, "<a/>", media_type), 415, "unsupported-media-type")


def test_a_refusal_keeps_our_sentence_and_drops_that_of_the_library(user: User) -> None:
    ours = send(user, raised=exceptions.PermissionDenied("Cette délégation est terminée."))
    theirs = send(user, raised=exceptions.PermissionDenied())
    django = send(user, raised=PermissionDenied("no such permission"))

    assert check_problem(ours, 403, "forbidden")["detail"] == "Cette délégation est terminée."
    assert check_problem(theirs, 403, "forbidden")["detail"] == PROBLEM_TYPES[403].detail
    assert check_problem(django, 403, "forbidden")["detail"] == PROBLEM_TYPES[403].detail


def test_a_conflict_says_what_changed_and_names_the_value_if_one_is_at_fault(user: User) -> None:
    plain = check_problem(send(user, raised=Refusal(409, "Cette demande a été retirée.")), 409, "conflict")
    named = check_problem(send(user, raised=Refusal(409, "Ce périmètre est déjà ouvert.", "scope")), 409, "conflict")

    assert plain["detail"] == "Cette demande a été retirée."
    assert "errors" not in plain
    assert named["errors"] == [{"field": "scope", "message": "Ce périmètre est déjà ouvert."}]


def test_a_refusal_without_a_type_of_its_own_is_still_a_problem(user: User) -> None:
    class Gone(exceptions.APIException):
        status_code = 410

    body = json.loads(send(user, raised=Gone("English")).content)

    assert body["type"] == "about:blank"
    assert body["title"] == "Erreur 410"
    assert "English" not in body.values()


def test_a_breakdown_says_nothing_of_its_cause(
    api: APIClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(self: UnitView, request: Request, pk: int) -> Response:
        raise RuntimeError("password=tilleul")

    monkeypatch.setattr(UnitView, "get", break_down)
    api.raise_request_exception = False
    with caplog.at_level(logging.ERROR, "django.request"):
        response = api.get("/api/v1/units/1/")

    body = check_problem(response, 500, "server-error")
    assert body["detail"] == PROBLEM_TYPES[500].detail
    assert "tilleul" not in response.content.decode()


def test_a_refusal_made_before_the_views_is_a_problem(api: APIClient) -> None:
    check_problem(api.get("/api/v1/units/1/", HTTP_HOST="evil.example"), 400, "invalid-request")


def test_outside_the_api_errors_stay_pages(api: APIClient) -> None:
    response = api.get("/annuaire/unites/0/")

    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/html")


def test_the_length_of_a_problem_is_its_own(api: APIClient) -> None:
    response = api.get("/api/v1/nowhere/")

    assert response.headers["Content-Length"] == str(len(response.content))


@pytest.mark.parametrize("status", PROBLEM_TYPES)
def test_the_type_of_a_problem_leads_to_what_to_do(api: APIClient, status: int) -> None:
    known = PROBLEM_TYPES[status]
    response = api.get(known.uri)

    assert response.json() == {"type": known.uri, "title": known.title, "advice": known.advice}


def test_answers_are_for_one_person_alone(api: APIClient) -> None:
    response = api.get("/api/v1/problems/not-found/")

    assert response.headers["Cache-Control"] == "private, no-store"
    assert {"Authorization", "Cookie"} <= set(response.headers["Vary"].split(", "))
    assert response.headers["Content-Type"] == "application/json"
