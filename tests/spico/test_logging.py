"""What the logs say, and above all what they never do."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from celery.signals import setup_logging
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path, reverse
from pytest_django.fixtures import Settings

from spico.celery import app as celery_app
from spico.web.logging import REQUEST_ID, logging_config

TERM = "Dupont-Secrète"
USERNAME = "jeanne.dupont@example.org"
ADDRESS = "203.0.113.77"
NEVER = (TERM, "Dupont", "Secr", USERNAME, "jeanne", ADDRESS, "inconnu/", "annuaire/", "connexion/")


@login_not_required
def stumble(request: HttpRequest) -> HttpResponse:
    """A page that fails on what it was asked, as `int(request.GET["q"])` does."""
    asked = request.GET["q"]
    try:
        raise KeyError(asked)
    except KeyError as error:
        raise ValueError(f"cannot use {asked!r} of {request.META['REMOTE_ADDR']}") from error


@login_not_required
def speak(request: HttpRequest) -> HttpResponse:
    structlog.stdlib.get_logger("spico.tests").info("spoken", count=3)
    return HttpResponse("ok")


urlpatterns = [
    path("erreur/", stumble, name="stumble"),
    path("parole/", speak, name="speak"),
    path("", include("spico.urls")),
]


class Log:
    """What was written, as text and line by line."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture(params=[True, False], ids=["json", "console"])
def any_log(request: pytest.FixtureRequest) -> Iterator[Log]:
    yield from written(as_json=request.param)


@pytest.fixture
def log() -> Iterator[Log]:
    yield from written(as_json=True)


def written(as_json: bool) -> Iterator[Log]:
    """Everything that reaches the root logger, formatted as the settings would."""
    log = Log()
    formatter = logging_config(as_json)["formatters"]["structured"]
    handler = logging.StreamHandler(log.stream)
    handler.setFormatter(formatter.pop("()")(**formatter))
    logging.getLogger().addHandler(handler)
    yield log
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def visitor(settings: Settings) -> Client:
    settings.ROOT_URLCONF = __name__
    settings.AXES_ENABLED = True
    return Client(
        raise_request_exception=False,
        enforce_csrf_checks=False,
        REMOTE_ADDR=ADDRESS,
        HTTP_X_FORWARDED_FOR=ADDRESS,
        HTTP_REFERER=f"http://testserver/annuaire/?q={TERM}",
    )


def sign_in(visitor: Client) -> HttpResponse:
    return visitor.post(reverse("accounts:sign_in"), {"username": USERNAME, "password": TERM})


def forge(visitor: Client) -> HttpResponse:
    visitor.handler.enforce_csrf_checks = True
    return visitor.post(reverse("accounts:sign_in") + f"?q={TERM}", {"username": USERNAME})


VISITS: dict[str, tuple[Callable[[Client], HttpResponse], int]] = {
    "a page": (lambda visitor: visitor.get("/parole/", {"q": TERM}), 200),
    "not found": (lambda visitor: visitor.get(f"/inconnu/{TERM}/", {"q": TERM}), 404),
    "wrong method": (lambda visitor: visitor.post("/healthz", {"q": TERM}), 405),
    "strange host": (lambda visitor: visitor.get("/parole/", {"q": TERM}, HTTP_HOST=f"{ADDRESS}.example"), 400),
    "wrong password": (sign_in, 200),
    "forged post": (forge, 403),
}


@pytest.mark.django_db
@pytest.mark.parametrize("visit", VISITS)
def test_nothing_personal_is_logged(any_log: Log, visitor: Client, visit: str) -> None:
    act, status = VISITS[visit]
    response = act(visitor)
    assert response.status_code == status
    assert any_log.text.count("duration_ms") == 1
    assert [word for word in NEVER if word in any_log.text] == []


@pytest.mark.django_db
def test_an_error_is_its_type_and_its_places(log: Log, visitor: Client) -> None:
    response = visitor.get("/erreur/", {"q": TERM})
    assert response.status_code == 500
    assert [word for word in NEVER if word in log.text] == []
    failure, request = log.lines
    assert failure["level"] == "error"
    assert [link["type"] for link in failure["exception"]] == ["builtins.ValueError", "builtins.KeyError"]
    assert failure["exception"][0]["frames"][-1].endswith(" stumble")
    assert failure["request_id"] == request["request_id"] == response.headers["X-Request-ID"]
    assert failure["status"] == request["status"] == 500


def test_one_line_a_request_names_the_route(log: Log, visitor: Client) -> None:
    visitor.get("/parole/", {"q": TERM})
    spoken, request = log.lines
    assert spoken["count"] == 3
    assert request.pop("duration_ms") >= 0
    assert request.pop("timestamp").endswith("Z")
    assert request == {
        "event": "request",
        "level": "info",
        "logger": "spico.request",
        "method": "GET",
        "route": "speak",
        "status": 200,
        "request_id": spoken["request_id"],
    }


def test_probes_that_are_content_are_not_logged(log: Log, visitor: Client) -> None:
    visitor.get("/healthz")
    assert log.text == ""


@pytest.mark.django_db
def test_a_portal_that_is_not_ready_is_one_line_of_its_own(log: Log, visitor: Client, settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:9/0"
    visitor.get("/readyz")
    (line,) = log.lines
    assert line["status"] == 503


def test_a_method_is_one_that_exists(log: Log, visitor: Client) -> None:
    visitor.generic(TERM.upper(), "/parole/")
    assert log.lines[-1]["method"] == "other"


def test_the_number_of_a_proxy_is_taken_over(visitor: Client) -> None:
    assert visitor.get("/healthz", headers={"X-Request-ID": "proxy-0123456789"})["X-Request-ID"] == "proxy-0123456789"
    assert structlog.contextvars.get_contextvars() == {}


@pytest.mark.parametrize(
    "strange", ["court", "a" * 65, "avec espace", "ligne\ncassée", "accentué-é", "<script>alert</script>"]
)
def test_a_strange_number_is_replaced(visitor: Client, strange: str) -> None:
    given = visitor.get("/healthz", headers={"X-Request-ID": strange})["X-Request-ID"]
    assert given != strange
    assert REQUEST_ID.fullmatch(given)


def test_a_foreign_sentence_is_kept_without_what_fills_it(any_log: Log) -> None:
    logging.getLogger("somebody").warning("AXES: failure by %s from %s", USERNAME, ADDRESS)
    logging.getLogger("somebody").warning(f"failure by {USERNAME} from {ADDRESS}")
    assert "AXES: failure by %s from %s" in any_log.text
    assert "(message retenu)" in any_log.text
    assert "test_logging.test_a_foreign_sentence" in any_log.text
    assert [word for word in NEVER if word in any_log.text] == []


def test_of_a_task_its_name_and_number_are_kept(log: Log) -> None:
    task = {"id": "0123", "name": "directory.tasks.index", "exc": TERM, "args": [USERNAME], "runtime": 0.2}
    logging.getLogger("celery.app.trace").error("Task %(name)s[%(id)s] raised: %(exc)s", task)
    (line,) = log.lines
    assert (line["task"], line["task_id"], line["seconds"]) == ("directory.tasks.index", "0123", 0.2)
    assert [word for word in NEVER if word in log.text] == []


def test_celery_keeps_our_handlers() -> None:
    before = list(logging.getLogger().handlers)
    assert setup_logging.receivers
    celery_app.log.setup_logging_subsystem()
    assert logging.getLogger().handlers == before
