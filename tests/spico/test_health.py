"""The two answers for whoever watches the portal, asked of services that are there, gone or mute."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from spico.web import health

SECRET = "very-secret-password"


@pytest.fixture
def mute() -> Iterator[int]:
    """The port of a server that takes calls and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def move_database(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    moved = connection.copy()
    moved.settings_dict["PORT"] = port
    monkeypatch.setattr(health, "connection", moved)


def readiness(client: Client) -> HttpResponse:
    """The answer of `readyz`, which never takes long and never tells a secret."""
    started = time.monotonic()
    response = client.get("/readyz")
    assert time.monotonic() - started < 2
    assert SECRET not in response.content.decode()
    assert "127.0.0.1" not in response.content.decode()
    return response


def test_being_alive_asks_nobody(client: Client) -> None:
    """Without the mark of database tests, a query would fail this one."""
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_only_reading_is_answered(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.django_db
def test_ready_when_everything_answers(client: Client) -> None:
    response = readiness(client)
    assert response.json() == {"status": "ok", "database": "ok", "migrations": "ok", "queue": "ok"}
    assert response.status_code == 200


@pytest.mark.django_db
def test_a_database_that_is_gone(client: Client, monkeypatch: pytest.MonkeyPatch, closed: int) -> None:
    move_database(monkeypatch, closed)
    response = readiness(client)
    assert response.status_code == 503
    assert response.json() == {
        "status": "indisponible",
        "database": "injoignable",
        "migrations": "inconnu",
        "queue": "ok",
    }


@pytest.mark.django_db
def test_a_queue_that_is_gone(client: Client, settings: Settings, closed: int) -> None:
    settings.CELERY_BROKER_URL = f"redis://:{SECRET}@127.0.0.1:{closed}/0"
    response = readiness(client)
    assert response.status_code == 503
    assert response.json() == {"status": "indisponible", "database": "ok", "migrations": "ok", "queue": "injoignable"}


@pytest.mark.django_db
def test_services_that_do_not_answer_are_not_waited_for(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch, mute: int
) -> None:
    move_database(monkeypatch, mute)
    settings.CELERY_BROKER_URL = f"redis://:{SECRET}@127.0.0.1:{mute}/0"
    response = readiness(client)
    assert response.status_code == 503
    assert response.json()["database"] == "pas de réponse en une seconde"
    assert response.json()["queue"] in {"pas de réponse en une seconde", "injoignable"}


@contextmanager
def without_a_migration() -> Iterator[None]:
    """Rename one migration that was applied, on a connection of its own because the view asks on one of its own."""
    rename = "UPDATE django_migrations SET name = %s WHERE app = 'accounts' AND name = %s"
    database = connection.copy()
    with database.cursor() as cursor:
        cursor.execute(rename, ["forgotten", "0001_initial"])
        try:
            yield
        finally:
            cursor.execute(rename, ["0001_initial", "forgotten"])
    database.close()


@pytest.mark.django_db
def test_migrations_that_wait_are_said(client: Client) -> None:
    with without_a_migration():
        response = readiness(client)
    assert response.status_code == 503
    assert "migrations à appliquer" in response.content.decode()
    assert response.json() == {
        "status": "indisponible",
        "database": "ok",
        "migrations": "migrations à appliquer",
        "queue": "ok",
    }
