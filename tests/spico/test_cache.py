"""The cache against a server that takes calls and never says a word."""

import socket
import time
from collections.abc import Iterator

import pytest
from django.core.cache import BaseCache, caches
from pytest_django.fixtures import Settings

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
