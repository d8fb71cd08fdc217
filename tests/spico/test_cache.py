"""The cache against a server that takes calls and never says a word; what a browser may keep."""

import socket
import time
from collections.abc import Iterator

import pytest
from django.core.cache import BaseCache, caches
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from spico.web import cache as module
from spico.web.cache import PatientCache

TIMEOUT = 0.2


@pytest.fixture
def mute() -> Iterator[BaseCache]:
    """A cache as in production, less patient, whose server is mute."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        limits = {"SOCKET_CONNECT_TIMEOUT": TIMEOUT, "SOCKET_TIMEOUT": TIMEOUT, "IGNORE_EXCEPTIONS": True}
        yield PatientCache(address, {"OPTIONS": limits})


def seconds_of(cache: BaseCache, calls: int) -> float:
    started = time.monotonic()
    for number in range(calls):
        assert cache.get(f"key-{number}", "default") == "default"
        cache.set(f"key-{number}", 1)
        assert cache.get_many([f"key-{number}"]) == {}
    return time.monotonic() - started


def test_a_mute_server_is_waited_for_once(mute: BaseCache) -> None:
    assert TIMEOUT / 2 < seconds_of(mute, calls=10) < 3 * TIMEOUT


def test_it_is_asked_again_after_the_silence(mute: BaseCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SILENCE_SECONDS", 0.0)
    assert seconds_of(mute, calls=1) > 2 * TIMEOUT


def test_a_key_that_is_not_there_is_no_silence(settings: Settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "spico.web.cache.PatientCache", "LOCATION": settings.REDIS_URL}}
    with pytest.raises(ValueError, match="not found"):
        caches["default"].incr("a key that nobody made")
    caches["default"].set("a key of the tests", "said", 5)
    assert caches["default"].get("a key of the tests") == "said"


@pytest.mark.parametrize(
    "path", ["/", "/mon-compte/", "/annuaire/", "/annuaire/structures/00D000000/", "/api/v1/docs/"]
)
def test_a_browser_keeps_no_page_of_who_is_signed_in(client: Client, user: User, path: str) -> None:
    client.force_login(user)
    kept = client.get(path).headers["Cache-Control"]
    assert "no-store" in kept
    assert "private" in kept


@pytest.mark.django_db
def test_what_is_the_same_for_everybody_may_be_kept(client: Client) -> None:
    response = client.get("/static/spico.css")
    response.close()
    assert "no-store" not in response.headers["Cache-Control"]


def test_a_view_that_says_what_may_be_kept_is_obeyed(client: Client, user: User) -> None:
    client.force_login(user)
    assert "max-age=86400" in client.get("/annuaire/carte.svg").headers["Cache-Control"]
