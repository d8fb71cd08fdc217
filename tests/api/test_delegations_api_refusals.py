"""What the API refuses of whoever asks or answers: the status, a sentence, and nothing written."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.states import AccountState
from delegations.api.parameters import LAST_YEAR
from delegations.api.views import UNKNOWN_ACCOUNT
from delegations.models import Delegation, DelegationRequest
from delegations.services import end_delegation
from delegations.services.common import UNKNOWN_SCOPE
from spico.web.api import MISSING
from tests.api.calling import client_of
from tests.api.conftest import ListAccount, check_problem
from tests.api.refusing import ASK, HUGE, refused, wish
from tests.factories import (
    DelegationFactory,
    DelegationRequestFactory,
    ReferentFactory,
    StructureFactory,
    UserFactory,
)

NOWHERE = "00000000-0000-4000-8000-000000000000"


# --- Asking -----------------------------------------------------------------------------------------------------------


def test_nobody_asks_themselves(api: APIClient, own: Account, listed_account: ListAccount) -> None:
    assert "déjà ouvert" in refused(api, ASK, wish(listed_account(own)), 400)


def test_nothing_is_asked_of_a_closed_account(api: APIClient, listed_account: ListAccount) -> None:
    closed = listed_account(StructureFactory(closed=True).account)

    assert "est fermé" in refused(api, ASK, wish(closed), 409)


def test_nothing_is_asked_of_a_frozen_account(api: APIClient, home: Account) -> None:
    Account.objects.filter(pk=home.pk).update(state=AccountState.FROZEN)

    assert "est gelé" in refused(api, ASK, wish(home), 409)


def test_a_second_request_waits_for_the_answer_to_the_first(api: APIClient, own: Account, home: Account) -> None:
    DelegationRequestFactory(requester=own, account=home)

    assert "déjà une demande en attente" in refused(api, ASK, wish(home, "discussions"), 409)


@pytest.mark.parametrize("scope", ["total", "dossier", "discussions"])
def test_what_is_already_open_is_not_asked(api: APIClient, own: Account, home: Account, scope: str) -> None:
    DelegationFactory(holder=own, account=home)

    assert "déjà ouvert avec ce périmètre" in refused(api, ASK, wish(home, scope), 409, "scope")


def test_whoever_is_not_listed_asks_nothing(db: None, home: Account) -> None:
    client = client_of(UserFactory(service_centre=True))

    assert "aucune fiche de l’annuaire" in refused(client, ASK, wish(home), 403)


def test_an_account_that_is_not_listed_does_not_exist(api: APIClient) -> None:
    hidden = StructureFactory(open_account=True).account

    assert refused(api, ASK, wish(hidden), 400, "account") == UNKNOWN_ACCOUNT
    assert refused(api, ASK, {"account": NOWHERE, "scope": "total"}, 400, "account") == UNKNOWN_ACCOUNT


@pytest.mark.parametrize(
    "scope", ["", "Total", "tasks", "tout", " total\x00", 1, None, True, ["total"], {"total": 1}, "\ud800"]
)
def test_a_scope_that_does_not_exist_is_refused(api: APIClient, home: Account, scope: Any) -> None:
    assert refused(api, ASK, {"account": str(home.pk), "scope": scope}, 400, "scope") == UNKNOWN_SCOPE


@pytest.mark.parametrize("account", ["", "abc", 12, -1, True, [NOWHERE], {}, f"{NOWHERE}\x00", HUGE, 1e300])
def test_an_account_is_named_by_its_id(api: APIClient, account: Any) -> None:
    assert refused(api, ASK, {"account": account, "scope": "total"}, 400, "account")


def test_what_is_missing_is_named(api: APIClient) -> None:
    problem = check_problem(api.post(f"/api/v1/{ASK}", {}), 400, "invalid-request")

    assert problem["errors"] == [{"field": name, "message": MISSING} for name in ("account", "scope")]


def test_a_message_of_ten_kilobytes_is_too_long(api: APIClient, home: Account) -> None:
    assert "Raccourcissez le message" in refused(api, ASK, wish(home, message="é" * 10_000), 400, "message")


@pytest.mark.parametrize("message", ["a\x00b", "\ud83d", 5, None, ["a"], {"a": "b"}, False])
def test_a_message_is_a_text_that_can_be_kept(api: APIClient, home: Account, message: Any) -> None:
    assert refused(api, ASK, wish(home, message=message), 400, "message")


# --- Answering --------------------------------------------------------------------------------------------------------


ANSWERS = [("accept", {}), ("refuse", {"reason": "Non."}), ("claim", {})]
answers = pytest.mark.parametrize(("act", "body"), ANSWERS, ids=[act for act, _ in ANSWERS])


@answers
def test_nobody_answers_their_own_request(api: APIClient, own: Account, act: str, body: Any) -> None:
    referent = ReferentFactory(account=own)
    mine = DelegationRequestFactory(requester=own, account=referent.structure.account)

    assert refused(api, f"{ASK}{mine.pk}/{act}/", body, 403) == "Personne ne répond à sa propre demande."


@answers
@pytest.mark.parametrize("state", ["accepted", "refused", "withdrawn", "expired"])
def test_nobody_answers_twice(api: APIClient, own: Account, act: str, body: Any, state: str) -> None:
    old = DelegationRequestFactory(account=own, **{state: True})

    assert refused(api, f"{ASK}{old.pk}/{act}/", body, 409).endswith("Rien n’a changé.")


@answers
def test_whoever_lost_the_right_meanwhile_finds_nothing(api: APIClient, own: Account, act: str, body: Any) -> None:
    held = DelegationFactory(holder=own)
    waiting = DelegationRequestFactory(account=held.account)
    assert api.get(f"/api/v1/{ASK}{waiting.pk}/").json()["can"]["accept"]

    end_delegation(own.user, held, "", timezone.now())

    refused(api, f"{ASK}{waiting.pk}/{act}/", body, 404)


@answers
def test_a_holder_of_nothing_that_is_asked_finds_nothing(api: APIClient, own: Account, act: str, body: Any) -> None:
    held = DelegationFactory(holder=own, partial=True)
    waiting = DelegationRequestFactory(account=held.account, dossier=True)

    refused(api, f"{ASK}{waiting.pk}/{act}/", body, 404)


@pytest.mark.parametrize("state", ["accepted", "refused", "withdrawn", "expired"])
def test_only_what_waits_is_withdrawn(api: APIClient, own: Account, state: str) -> None:
    mine = DelegationRequestFactory(requester=own, **{state: True})

    assert refused(api, f"{ASK}{mine.pk}/withdraw/", {}, 409).endswith("Rien n’a changé.")


def test_only_the_asker_withdraws(api: APIClient, asked: DelegationRequest) -> None:
    assert "Seule la personne" in refused(api, f"{ASK}{asked.pk}/withdraw/", {}, 403)


def test_nobody_gives_more_than_is_asked(api: APIClient, own: Account) -> None:
    waiting = DelegationRequestFactory(account=own, dossier=True)

    for scope in ("total", "discussions"):
        sentence = refused(api, f"{ASK}{waiting.pk}/accept/", {"scope": scope}, 400, "scope")
        assert sentence.startswith("C’est plus que ce qui est demandé")


def test_nobody_gives_wider_nor_longer_than_they_hold(api: APIClient, own: Account) -> None:
    held = DelegationFactory(holder=own, partial=True, until=timezone.now() + timedelta(days=30))
    path = f"{ASK}{DelegationRequestFactory(account=held.account).pk}/accept/"

    for scope in ("total", "dossier"):
        sentence = refused(api, path, {"scope": scope}, 400, "scope")
        assert sentence.startswith("Vous ne pouvez pas accorder plus")
    for body in ({}, {"until": None}, {"until": "2099-01-01"}, {"scope": "discussions", "until": "2099-01-01"}):
        assert refused(api, path, body, 400, "until").startswith("Vous ne pouvez pas accorder plus longtemps")


@pytest.fixture(params=["accept", "renew"])
def path_to_an_end(request: pytest.FixtureRequest, asked: DelegationRequest, given: Delegation) -> Iterator[str]:
    yield {"accept": f"{ASK}{asked.pk}/accept/", "renew": f"delegations/{given.pk}/renew/"}[request.param]


@pytest.mark.parametrize(
    "until",
    [
        *("", "demain", "31/03/2099", "2099-02-30", "2099-13-01", "2099-1-1", "20990331", "2099-W13-1", "٢٠٩٩-٠٣-٣١"),
        *("2099-03-31T25:00:00Z", "2099-03-31T12:00:00+99:00", "2099-03-31T12:00:00", "2099-03-31\x00", 4076870400),
        *(f"{LAST_YEAR + 1}-01-01", "9999-12-31", "9999-12-31T23:59:59-12:00", True, ["2099-03-31"], {}),
    ],
)
def test_an_end_that_cannot_be_is_refused(api: APIClient, path_to_an_end: str, until: Any) -> None:
    refused(api, path_to_an_end, {"until": until}, 400, "until")


@pytest.mark.parametrize(
    "until", ["2020-03-31", "0001-01-01", "2020-03-31T12:00:00Z", "0001-01-01T00:00:00+14:00", "1900-01-01T00:00:00Z"]
)
def test_nothing_ends_before_it_begins(api: APIClient, path_to_an_end: str, until: str) -> None:
    refused(api, path_to_an_end, {"until": until}, 400, "until")


@pytest.mark.parametrize("scope", ["", "tasks", 1, None, "total\x00"])
def test_a_scope_that_does_not_exist_is_neither_given_nor_kept(
    api: APIClient, asked: DelegationRequest, given: Delegation, scope: Any
) -> None:
    for path in (f"{ASK}{asked.pk}/accept/", f"delegations/{given.pk}/reduce/"):
        assert refused(api, path, {"scope": scope}, 400, "scope") == UNKNOWN_SCOPE


@pytest.mark.parametrize("reason", ["", "   ", "\n", "a" * 501, "é" * 10_000, "a\x00", None, 3, ["a"]])
def test_a_reason_is_a_short_text(api: APIClient, asked: DelegationRequest, given: Delegation, reason: Any) -> None:
    for path in (f"{ASK}{asked.pk}/refuse/", f"delegations/{given.pk}/revoke/"):
        assert refused(api, path, {"reason": reason}, 400, "reason")


def test_a_reason_is_asked_of_whoever_refuses_or_revokes(
    api: APIClient, asked: DelegationRequest, given: Delegation
) -> None:
    assert refused(api, f"{ASK}{asked.pk}/refuse/", {}, 400, "reason")
    assert refused(api, f"delegations/{given.pk}/revoke/", {}, 400, "reason")
