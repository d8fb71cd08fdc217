from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory, override_settings
from rest_framework.test import APIClient

from accounts.models import User
from spico.web import throttle
from spico.web.throttle import Rate, rates, throttled
from tests.api.conftest import Token, check_problem
from tests.factories import StructureFactory, UserFactory

NOON = datetime.fromisoformat("2026-11-23T12:00:00+00:00")
VALKEY = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": settings.REDIS_URL,
        "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1},
        "KEY_PREFIX": "tests",
    }
}
UNREACHABLE = {"default": VALKEY["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def ask(user: User, times: int = 1) -> int | None:
    """Asks so many times; the answer to the last one."""
    request = RequestFactory().get("/annuaire/")
    request.user = user
    return [throttled(request) for _ in range(times)][-1]


def test_two_hundred_and_forty_requests_a_minute_and_no_more(user: User, clock: time_machine.Traveller) -> None:
    assert ask(user, 240) is None
    assert ask(user) == 61


def test_a_refused_request_costs_nothing(user: User, clock: time_machine.Traveller) -> None:
    ask(user, 240)
    waits = {ask(user) for _ in range(50)}

    assert len(waits) == 1
    clock.shift(61)
    assert ask(user) is None


def test_whoever_waits_as_told_goes_on(user: User, clock: time_machine.Traveller) -> None:
    clock.shift(20)
    ask(user, 240)
    wait = ask(user)
    assert wait is not None

    clock.shift(wait)
    assert ask(user) is None


def test_nobody_has_two_budgets_by_straddling_two_minutes(user: User, clock: time_machine.Traveller) -> None:
    clock.shift(59)
    ask(user, 240)

    clock.shift(2)
    assert ask(user, 10) is not None


def test_three_thousand_requests_an_hour_and_no_more(user: User, clock: time_machine.Traveller) -> None:
    for _ in range(15):
        assert ask(user, 200) is None
        clock.shift(120)

    wait = ask(user)

    assert wait is not None
    assert 1000 < wait <= 1802


def test_another_person_is_not_concerned(user: User, clock: time_machine.Traveller) -> None:
    ask(user, 241)

    assert ask(UserFactory()) is None


def test_nobody_has_no_budget_of_their_own(rf: RequestFactory) -> None:
    request = rf.get("/connexion/")
    request.user = type("Nobody", (), {"pk": None})()

    assert throttled(request) is None


@override_settings(DIRECTORY_THROTTLE="2/min")
def test_pages_and_api_spend_the_same_budget(user: User, client: Client, token_of: Token, bare: APIClient) -> None:
    finess = StructureFactory().finess
    client.force_login(user)
    token = {"HTTP_AUTHORIZATION": token_of(user)}

    assert client.get(f"/annuaire/structures/{finess}/").status_code == 200
    assert bare.get(f"/api/v1/structures/{finess}/", **token).status_code == 200
    response = bare.get(f"/api/v1/structures/{finess}/", **token)
    page = client.get(f"/annuaire/structures/{finess}/")

    body = check_problem(response, 429, "too-many-requests")
    assert page.status_code == 429
    assert body["detail"].startswith("Vous avez fait beaucoup de demandes en peu de temps\u00a0: réessayez dans ")
    assert 0 < int(response.headers["Retry-After"]) <= 90
    assert response.headers["Retry-After"] in body["detail"] or "minute" in body["detail"]


@override_settings(DIRECTORY_THROTTLE="1/hour")
def test_reading_the_schema_and_the_errors_takes_nothing(api: APIClient) -> None:
    for path in ("schema/", "schema/", "docs/", "docs/", "problems/not-found/", "problems/not-found/"):
        assert api.get(f"/api/v1/{path}").status_code == 200

    assert api.get("/api/v1/units/1/").status_code == 404
    assert api.get("/api/v1/units/1/").status_code == 429


@override_settings(DIRECTORY_THROTTLE="1/hour")
def test_nobody_spends_the_budget_of_somebody(api: APIClient, bare: APIClient) -> None:
    for _ in range(3):
        check_problem(bare.get("/api/v1/units/1/"), 401, "authentication-required")

    assert api.get("/api/v1/units/1/").status_code == 404


@override_settings(DIRECTORY_THROTTLE="")
def test_no_rate_is_no_limit(user: User) -> None:
    assert ask(user, 400) is None


@override_settings(CACHES=UNREACHABLE)
def test_a_cache_that_does_not_answer_refuses_nobody(user: User, clock: time_machine.Traveller) -> None:
    assert ask(user, 3) is None


@override_settings(CACHES=VALKEY, DIRECTORY_THROTTLE="5/min,100/hour")
def test_valkey_counts_as_the_memory_does(user: User, clock: time_machine.Traveller) -> None:
    cache.delete_pattern("throttle:*")

    assert ask(user, 5) is None
    assert ask(user, 3) == 72
    clock.shift(72)
    assert ask(user) is None
    assert all(cache.ttl(key) for key in cache.iter_keys("throttle:*"))
    cache.delete_pattern("throttle:*")


def test_a_counter_that_vanishes_between_two_looks_refuses_nobody(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(key: str, *args: object) -> int:
        raise ValueError(key)

    monkeypatch.setattr(cache, "incr", missing)
    monkeypatch.setattr(cache, "add", lambda *args: False)

    assert ask(user, 3) is None


@pytest.mark.parametrize(
    ("before", "used", "elapsed", "wait"),
    [
        (0, 10, 0, 0),
        (0, 11, 0, 66),
        (0, 11, 50, 16),
        (10, 1, 0, 6),
        (10, 1, 6, 0),
        (10, 5, 30, 0),
        (10, 6, 30, 6),
    ],
)
def test_the_wait_is_until_there_is_room(before: int, used: int, elapsed: float, wait: float) -> None:
    assert Rate(limit=10, period=60).wait(before, used, elapsed) == pytest.approx(wait)


@pytest.mark.parametrize("text", ["240", "240/century", "x/min", "240/min;3000/hour", "0/min", "-1/min"])
def test_a_rate_that_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DIRECTORY_THROTTLE"):
        rates(text)


@pytest.mark.parametrize(
    ("seconds", "end"),
    [(1, "1\u00a0seconde."), (59, "59\u00a0secondes."), (60, "1\u00a0minute."), (61, "2\u00a0minutes.")],
)
def test_the_wait_is_said_in_words(seconds: int, end: str) -> None:
    assert throttle.sentence(seconds).endswith(f"réessayez dans {end}")
