"""What the API refuses about delegations: the status, a sentence, and nothing written."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, JournalEntry, Notification, User
from accounts.states import AccountState
from delegations.api.parameters import LAST_YEAR, UNKNOWN_STATE
from delegations.api.views import UNKNOWN_ACCOUNT
from delegations.models import Delegation, DelegationRequest
from delegations.services import end_delegation
from delegations.services.common import UNKNOWN_SCOPE
from spico.web.api import LARGEST_BODY, MISSING, NOT_AN_OBJECT, UNEXPECTED
from spico.web.problems import PROBLEM_TYPES, UNREADABLE_BODY
from tests.api.conftest import ListAccount, check_problem
from tests.api.schema import check_against_schema
from tests.factories import (
    AttachmentFactory,
    DelegationFactory,
    DelegationRequestFactory,
    ProfessionalFactory,
    ReferentFactory,
    StructureFactory,
    UserFactory,
)

ASK = "delegation-requests/"
NAMES = {400: "invalid-request", 403: "forbidden", 404: "not-found", 409: "conflict"}
NOWHERE = "00000000-0000-4000-8000-000000000000"
HUGE = "9" * 40


def written() -> tuple[Any, ...]:
    """All that an act could write."""
    return (
        list(Delegation.objects.order_by("pk").values()),
        list(DelegationRequest.objects.order_by("pk").values()),
        JournalEntry.objects.count(),
        Notification.objects.count(),
    )


def send(api: APIClient, path: str, body: bytes, media_type: str = "application/json") -> Any:
    return api.generic("POST", f"/api/v1/{path}", body, content_type=media_type)


def refused(api: APIClient, path: str, body: Any, status: int, field: str = "") -> str:
    """The sentence of a refusal that wrote nothing and that the schema describes."""
    before = written()
    response = send(api, path, json.dumps(body).encode())
    problem = check_problem(response, status, NAMES[status])
    check_against_schema(response, f"/api/v1/{path}", "post")
    assert written() == before
    if field:
        (error,) = problem["errors"]
        assert error["field"] == field
        return str(error["message"])
    assert "errors" not in problem
    return str(problem["detail"])


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


@pytest.fixture
def own(user: User) -> Account:
    return user.account


@pytest.fixture
def home(listed_account: ListAccount) -> Account:
    return listed_account(StructureFactory(open_account=True).account)


@pytest.fixture
def asked(own: Account) -> DelegationRequest:
    """A request for everything, that the caller may answer as the owner of the account."""
    request: DelegationRequest = DelegationRequestFactory(account=own)
    return request


@pytest.fixture
def given(own: Account) -> Delegation:
    """A delegation on the caller's account, for ten days more."""
    row: Delegation = DelegationFactory(account=own, until=timezone.now() + timedelta(days=10))
    return row


# --- Asking -----------------------------------------------------------------------------------------------------------


def wish(account: Account, scope: str = "total", **more: Any) -> dict[str, Any]:
    return {"account": str(account.pk), "scope": scope, **more}


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


# --- Bodies -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def act_paths(asked: DelegationRequest, given: Delegation) -> list[str]:
    acts = [f"{ASK}{asked.pk}/{act}/" for act in ("accept", "refuse", "withdraw", "claim")]
    return [ASK, *acts, *(f"delegations/{given.pk}/{act}/" for act in ("revoke", "renew", "reduce"))]


@pytest.mark.parametrize(
    "body",
    [b"{", b'{"scope": ', b"\x00", b"\xff\xfe", b"NaN", b"[" * 30_000, b'{"a": ' * 5_000, b'{"scope": ' + b"9" * 5_000],
    ids=lambda body: repr(body[:10]),
)
def test_a_body_that_is_not_json_is_refused_by_every_act(api: APIClient, act_paths: list[str], body: bytes) -> None:
    before = written()

    for path in act_paths:
        problem = check_problem(send(api, path, body), 400, "invalid-request")
        assert problem["detail"] == UNREADABLE_BODY
    assert written() == before


@pytest.mark.parametrize("body", [b"[]", b'"total"', b"1", b"null", b'[{"scope": "total"}]', b"false"])
def test_a_body_that_is_no_object_is_refused_by_every_act(api: APIClient, act_paths: list[str], body: bytes) -> None:
    before = written()

    for path in act_paths:
        assert check_problem(send(api, path, body), 400, "invalid-request")["detail"] == NOT_AN_OBJECT
    assert written() == before


def test_a_name_that_nobody_expects_is_refused_by_every_act(api: APIClient, act_paths: list[str]) -> None:
    """Whoever writes « util » for « until » must not give for ever."""
    for path in act_paths:
        assert refused(api, path, {"util": "2027-03-31"}, 400, "util") == UNEXPECTED


def test_a_name_that_is_half_a_character_is_refused(api: APIClient, asked: DelegationRequest) -> None:
    assert refused(api, f"{ASK}{asked.pk}/accept/", {"\ud83d": 1}, 400, "?") == UNEXPECTED


def test_a_body_that_is_too_long_is_not_read(api: APIClient, act_paths: list[str]) -> None:
    before = written()
    body = b'{"message": "' + b"a" * LARGEST_BODY + b'"}'

    for path in act_paths:
        problem = check_problem(send(api, path, body), 413, "content-too-large")
        assert problem["detail"] == PROBLEM_TYPES[413].detail
    assert written() == before


def test_only_json_is_taken(api: APIClient, act_paths: list[str]) -> None:
    before = written()

    for path in act_paths:
        sent = send(api, path, b"scope=total", "application/x-www-form-urlencoded")
        check_problem(sent, 415, "unsupported-media-type")
    assert written() == before


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


# --- Delegations ------------------------------------------------------------------------------------------------------


CHANGES = [("revoke", {"reason": "Fin."}), ("renew", {"until": "2099-03-31"}), ("reduce", {"scope": "dossier"})]
changes = pytest.mark.parametrize(("act", "body"), CHANGES, ids=[act for act, _ in CHANGES])


@changes
@pytest.mark.parametrize("how", ["ended", "expired"])
def test_what_has_ended_does_not_change(api: APIClient, own: Account, act: str, body: Any, how: str) -> None:
    row = DelegationFactory(account=own, **{how: True})

    assert refused(api, f"delegations/{row.pk}/{act}/", body, 409) == "Cette délégation a déjà pris fin."


def test_what_was_revoked_is_not_revoked_again(api: APIClient, given: Delegation) -> None:
    path = f"delegations/{given.pk}/revoke/"
    assert api.post(f"/api/v1/{path}", {"reason": "Fin."}).status_code == 200

    assert refused(api, path, {"reason": "Fin."}, 409) == "Cette délégation a déjà pris fin."


@changes
def test_a_partial_holder_changes_nothing_of_the_others(api: APIClient, own: Account, act: str, body: Any) -> None:
    """They see them, since they answer for the account; ending takes more."""
    mine = DelegationFactory(holder=own, partial=True)
    other = DelegationFactory(account=mine.account, until=timezone.now() + timedelta(days=10))
    assert api.get(f"/api/v1/delegations/{other.pk}/").json()["can"]["revoke"] is False

    refused(api, f"delegations/{other.pk}/{act}/", body, 403)


def test_nobody_renews_their_own(api: APIClient, own: Account) -> None:
    mine = DelegationFactory(holder=own, until=timezone.now() + timedelta(days=10))

    sentence = refused(api, f"delegations/{mine.pk}/renew/", {"until": "2099-03-31"}, 403)
    assert sentence.startswith("Personne ne prolonge sa propre délégation")


def test_what_has_no_end_is_not_renewed(api: APIClient, own: Account) -> None:
    row = DelegationFactory(account=own)

    assert "n’a pas de date de fin" in refused(api, f"delegations/{row.pk}/renew/", {"until": "2099-03-31"}, 409)


def test_renewing_says_until_when(api: APIClient, given: Delegation) -> None:
    assert refused(api, f"delegations/{given.pk}/renew/", {}, 400, "until") == MISSING


def test_what_is_reduced_gets_narrower(api: APIClient, own: Account) -> None:
    row = DelegationFactory(account=own, dossier=True)

    for scope in ("total", "dossier", "discussions"):
        refused(api, f"delegations/{row.pk}/reduce/", {"scope": scope}, 400, "scope")


# --- Rows of others ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["", "accept/", "refuse/", "withdraw/", "claim/"])
def test_the_requests_of_others_do_not_exist(api: APIClient, act: str) -> None:
    others = DelegationRequestFactory()
    body = {"reason": "Non."} if act == "refuse/" else {}
    method = api.post if act else api.get

    for key in (others.pk, others.pk + 1000, 0, HUGE):
        before = written()
        problem = check_problem(method(f"/api/v1/{ASK}{key}/{act}", body or None), 404, "not-found")
        assert problem["detail"] == PROBLEM_TYPES[404].detail
        assert written() == before


@pytest.mark.parametrize(("act", "body"), [("", None), *((f"{act}/", body) for act, body in CHANGES)])
def test_the_delegations_of_others_do_not_exist(api: APIClient, act: str, body: Any) -> None:
    others = DelegationFactory(until=timezone.now() + timedelta(days=10))
    method = api.post if act else api.get

    for key in (others.pk, others.pk + 1000, 0, HUGE):
        before = written()
        problem = check_problem(method(f"/api/v1/delegations/{key}/{act}", body), 404, "not-found")
        assert problem["detail"] == PROBLEM_TYPES[404].detail
        assert written() == before


@pytest.mark.parametrize("is_superuser", [False, True])
def test_the_service_centre_acts_by_the_administration_alone(db: None, is_superuser: bool) -> None:
    """Neither staff nor superuser sees or moves the rows of others here."""
    client = client_of(UserFactory(is_staff=True, is_superuser=is_superuser))
    waiting, row = DelegationRequestFactory(), DelegationFactory()

    refused(client, f"{ASK}{waiting.pk}/accept/", {}, 404)
    refused(client, f"delegations/{row.pk}/revoke/", {"reason": "Fin."}, 404)


def test_somebody_attached_sees_no_more_than_a_stranger(user: User, api: APIClient) -> None:
    structure = StructureFactory(open_account=True)
    AttachmentFactory(professional=user.account.professional, structure=structure)
    waiting, row = DelegationRequestFactory(account=structure.account), DelegationFactory(account=structure.account)

    refused(api, f"{ASK}{waiting.pk}/accept/", {}, 404)
    refused(api, f"delegations/{row.pk}/revoke/", {"reason": "Fin."}, 404)


# --- Parameters -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("delegation-requests/?state=open", "state"),
        ("delegation-requests/?state=pending&state=%00", "state"),
        ("delegation-requests/?account=12", "account"),
        ("delegation-requests/?account=%00", "account"),
        ("delegation-requests/?mine=peut-%C3%AAtre", "mine"),
        ("delegation-requests/?to_answer=2", "to_answer"),
        ("delegation-requests/?page=0", "page"),
        ("delegation-requests/?page_size=101", "page_size"),
        ("delegations/?state=pending", "state"),
        ("delegations/?holder=moi", "holder"),
        ("delegations/?account=%F0%9F%9A%91", "account"),
        (f"delegations/?page={HUGE}", "page"),
    ],
)
def test_a_parameter_that_cannot_be_is_named(api: APIClient, query: str, field: str) -> None:
    response = api.get(f"/api/v1/{query}")

    (error,) = check_problem(response, 400, "invalid-request")["errors"]
    assert error["field"] == field
    assert error["message"].endswith(".")
    assert field != "state" or error["message"] == UNKNOWN_STATE
    check_against_schema(response, f"/api/v1/{query.partition('?')[0]}")


def test_a_professional_who_left_asks_nothing(home: Account) -> None:
    gone = ProfessionalFactory(signed_in=True).account
    Account.objects.filter(pk=gone.pk).update(state=AccountState.CLOSED)

    assert "aucune fiche de l’annuaire" in refused(client_of(gone.user), ASK, wish(home), 403)
