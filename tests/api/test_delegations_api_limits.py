"""What the API refuses of bodies, parameters, delegations and rows of others: a sentence, and nothing written."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, User
from accounts.states import AccountState
from delegations.api.parameters import UNKNOWN_STATE
from delegations.models import Delegation, DelegationRequest
from spico.web.api import LARGEST_BODY, MISSING, NOT_AN_OBJECT, UNEXPECTED
from spico.web.problems import PROBLEM_TYPES, UNREADABLE_BODY
from tests.api.calling import client_of
from tests.api.conftest import ListAccount, check_problem
from tests.api.refusing import ASK, HUGE, refused, send, wish, written
from tests.api.schema import check_against_schema
from tests.factories import (
    AttachmentFactory,
    DelegationFactory,
    DelegationRequestFactory,
    ProfessionalFactory,
    StructureFactory,
    UserFactory,
)

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


@pytest.mark.parametrize("body", [b"{", b'{"account": ' + b"[" * 30_000 + b"]" * 30_000 + b"}"], ids=["cut", "deep"])
def test_a_body_that_is_not_json_is_refused_where_the_session_is_checked(user: User, body: bytes) -> None:
    """The check of the CSRF token reads the body, before the view does."""
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(user)
    token = browser.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32

    refusal = browser.generic("POST", f"/api/v1/{ASK}", body, "application/json", HTTP_X_CSRFTOKEN=token)

    assert check_problem(refusal, 400, "invalid-request")["detail"] == UNREADABLE_BODY


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


# --- Parameters -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        *("directory/", "delegations/", "delegation-requests/", "accounts/{own}/journal/"),
        *(f"accounts/{{own}}/{space}/" for space in ("dossiers", "agenda", "tasks", "discussions")),
        "structures/{finess}/people/",
    ],
)
def test_a_list_refuses_a_parameter_that_it_does_not_have(
    api: APIClient, own: Account, listed_account: ListAccount, path: str
) -> None:
    """Whoever writes « acount » for « account » must not take every row for their answer."""
    address = "/api/v1/" + path.format(own=listed_account(own).pk, finess=StructureFactory().finess)
    assert api.get(address, {"page": 1, "page_size": 5}).status_code == 200

    problem = check_problem(api.get(address, {"acount": own.pk, "page": 1}), 400, "invalid-request")

    (error,) = problem["errors"]
    assert error["field"] == "acount"
    assert error["message"].startswith("Ce paramètre n’existe pas ici") and "page, page_size" in error["message"]


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
