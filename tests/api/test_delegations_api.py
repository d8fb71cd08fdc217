"""Requests and delegations through the API: what is told, what is done, and to whom."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, JournalEntry
from delegations.access import may_open
from delegations.models import Delegation, DelegationRequest, EndKind
from delegations.scopes import Space
from tests.api.calling import SPRING, client_of
from tests.api.schema import check_against_schema, read
from tests.factories import (
    DelegationFactory,
    DelegationRequestFactory,
    ReferentFactory,
)

SPRING_ENDS = datetime.fromisoformat("2099-04-01T00:00:00+02:00")


def done(api: APIClient, path: str, body: Any = None, status: int = 200) -> Any:
    """A good answer to an act, as described."""
    response = api.post(f"/api/v1/{path}", body)
    assert response.status_code == status, response.content
    return check_against_schema(response, f"/api/v1/{path}", "post")


# --- Asking -----------------------------------------------------------------------------------------------------------


def test_asking_answers_with_the_row_and_its_address(api: APIClient, own: Account, home: Account) -> None:
    sent = {"account": str(home.pk), "scope": "total", "message": "Bonjour, je rejoins l’équipe."}
    response = api.post("/api/v1/delegation-requests/", sent)

    assert response.status_code == 201
    body = check_against_schema(response, "/api/v1/delegation-requests/", "post")
    made = DelegationRequest.objects.get()
    assert response.headers["Location"] == f"http://testserver/api/v1/delegation-requests/{made.pk}/"
    assert body["id"] == made.pk
    assert (body["account"], body["requester"]) == (str(home.pk), str(own.pk))
    assert (body["account_name"], body["requester_name"]) == (home.name, own.name)
    assert (body["scope"], body["remaining"], body["state"]) == ("total", "total", "pending")
    assert body["message"] == "Bonjour, je rejoins l’équipe."
    assert body["can"] == {"accept": [], "until": None, "refuse": False, "claim": False, "withdraw": True}
    assert body == read(api, f"delegation-requests/{made.pk}/")
    assert JournalEntry.objects.filter(verb="request.made", object_key=made.pk).count() == 1


def test_asking_takes_no_message(api: APIClient, home: Account) -> None:
    body = done(api, "delegation-requests/", {"account": str(home.pk), "scope": "dossier"}, 201)

    assert body["message"] == ""


def test_withdrawing_ends_one_s_own_request(api: APIClient, own: Account) -> None:
    asked = DelegationRequestFactory(requester=own)

    body = done(api, f"delegation-requests/{asked.pk}/withdraw/")

    assert body["state"] == "withdrawn"
    assert not body["can"]["withdraw"]
    assert body["decided_at"] and body["decided_by"]


# --- Answering --------------------------------------------------------------------------------------------------------


def test_a_referent_accepts_and_the_spaces_open(api: APIClient, own: Account) -> None:
    asked = DelegationRequestFactory(account=ReferentFactory(account=own).structure.account)
    assert not may_open(asked.requester.user, asked.account, Space.AGENDA, timezone.now())

    body = done(api, f"delegation-requests/{asked.pk}/accept/")

    assert body["state"] == "accepted"
    assert body["decided_by"] == own.user.display_name
    given = Delegation.objects.get()
    assert body["delegations"] == [given.pk]
    assert (given.scope, given.period.upper, given.granted_ground) == ("total", None, "referent")
    assert may_open(asked.requester.user, asked.account, Space.AGENDA, timezone.now())


def test_the_owner_of_an_account_accepts(api: APIClient, own: Account) -> None:
    asked = DelegationRequestFactory(account=own)

    assert read(api, f"delegation-requests/{asked.pk}/")["can"]["accept"] == ["total", "dossier", "discussions"]
    done(api, f"delegation-requests/{asked.pk}/accept/", {"scope": "discussions", "until": SPRING})

    assert Delegation.objects.get().granted_ground == "own"


def test_a_part_is_granted_until_the_end_of_a_day_and_the_rest_waits(api: APIClient, own: Account) -> None:
    asked = DelegationRequestFactory(account=ReferentFactory(account=own).structure.account)

    body = done(api, f"delegation-requests/{asked.pk}/accept/", {"scope": "dossier", "until": SPRING})

    assert (body["state"], body["remaining"]) == ("pending", "discussions")
    assert body["can"]["accept"] == ["discussions"]
    given = Delegation.objects.get()
    assert (given.scope, given.period.upper) == ("dossier", SPRING_ENDS)


@pytest.mark.parametrize("until", ["2099-04-01T00:00:00+02:00", "2099-03-31T22:00:00Z", "2099-03-31T22:00:00.000Z"])
def test_an_end_is_a_moment_too(api: APIClient, own: Account, until: str) -> None:
    asked = DelegationRequestFactory(account=own)

    done(api, f"delegation-requests/{asked.pk}/accept/", {"until": until})

    assert Delegation.objects.get().period.upper == SPRING_ENDS


def test_a_holder_gives_what_they_hold_and_reads_the_rest(api: APIClient, own: Account) -> None:
    held = DelegationFactory(holder=own, partial=True, until=SPRING_ENDS)
    asked = DelegationRequestFactory(account=held.account)
    can = read(api, f"delegation-requests/{asked.pk}/")["can"]
    assert can["accept"] == ["discussions"]
    assert datetime.fromisoformat(can["until"]) == SPRING_ENDS

    body = done(api, f"delegation-requests/{asked.pk}/accept/", {"until": SPRING})

    assert (body["state"], body["remaining"]) == ("pending", "dossier")
    assert body["can"]["accept"] == []
    assert read(api, f"delegation-requests/{asked.pk}/")["can"] == body["can"]


def test_refusing_says_why(api: APIClient, own: Account) -> None:
    asked = DelegationRequestFactory(account=own)

    body = done(api, f"delegation-requests/{asked.pk}/refuse/", {"reason": "L’équipe est complète."})

    assert (body["state"], body["reason"]) == ("refused", "L’équipe est complète.")
    assert client_of(asked.requester.user).get(f"/api/v1/delegation-requests/{asked.pk}/").json()["reason"]
    assert not Delegation.objects.exists()


def test_claiming_says_who_and_binds_nobody(api: APIClient, own: Account) -> None:
    asked = DelegationRequestFactory(account=own)

    body = done(api, f"delegation-requests/{asked.pk}/claim/")

    assert body["state"] == "pending"
    assert body["claimed_by"] == own.user.display_name
    assert body["can"]["accept"]


# --- Lists ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def requests_of_all_sorts(own: Account) -> dict[str, DelegationRequest]:
    other = ReferentFactory(account=own).structure.account
    return {
        "mine": DelegationRequestFactory(requester=own),
        "withdrawn": DelegationRequestFactory(requester=own, account=other, withdrawn=True),
        "to_answer": DelegationRequestFactory(account=own),
        "answered": DelegationRequestFactory(account=other, accepted=True),
        "hidden": DelegationRequestFactory(),
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"mine", "withdrawn", "to_answer", "answered"}),
        ("mine=1", {"mine", "withdrawn"}),
        ("to_answer=1", {"to_answer"}),
        ("to_answer=0&mine=&state=&account=", {"mine", "withdrawn", "to_answer", "answered"}),
        ("state=pending", {"mine", "to_answer"}),
        ("state=withdrawn&state=accepted", {"withdrawn", "answered"}),
        ("mine=1&state=pending", {"mine"}),
        ("mine=1&to_answer=1", set()),
        ("account={mine}", {"mine"}),
        ("account={hidden}", set()),
        ("account=00000000-0000-4000-8000-000000000000", set()),
    ],
)
def test_requests_are_those_that_one_may_see(
    api: APIClient, requests_of_all_sorts: dict[str, DelegationRequest], query: str, expected: set[str]
) -> None:
    rows = requests_of_all_sorts
    filled = query.format(**{name: row.account_id for name, row in rows.items()})

    body = read(api, f"delegation-requests/?{filled}")

    assert {found["id"] for found in body["results"]} == {rows[name].pk for name in expected}
    assert body["count"] == len(expected)


def test_the_newest_request_comes_first_page_by_page(api: APIClient, own: Account) -> None:
    now = timezone.now()
    rows = [DelegationRequestFactory(requester=own, asked_at=now - timedelta(days=days)) for days in (2, 3, 1)]

    first = read(api, "delegation-requests/?page_size=2&mine=1")
    second = read(api, "delegation-requests/?page_size=2&mine=1&page=2")

    assert [row["id"] for row in first["results"] + second["results"]] == [rows[2].pk, rows[0].pk, rows[1].pk]
    assert first["next"] == "http://testserver/api/v1/delegation-requests/?mine=1&page=2&page_size=2"
    assert (first["previous"], second["next"]) == (None, None)
    assert read(api, "delegation-requests/?page=9")["results"] == []


def test_delegations_are_those_that_one_may_see(api: APIClient, own: Account) -> None:
    mine = DelegationFactory(holder=own, partial=True)
    ended = DelegationFactory(holder=own, expired=True)
    on_me = DelegationFactory(account=own)
    DelegationFactory(account=ended.account)
    beside = DelegationFactory(account=mine.account)

    def keys(query: str = "") -> set[int]:
        return {row["id"] for row in read(api, f"delegations/{query}")["results"]}

    assert keys() == {mine.pk, ended.pk, on_me.pk, beside.pk}
    assert keys("?state=in_force") == {mine.pk, on_me.pk, beside.pk}
    assert keys("?state=ended") == {ended.pk}
    assert keys("?state=ended&state=in_force") == keys()
    assert keys(f"?account={own.pk}") == {on_me.pk}
    assert keys(f"?holder={own.pk}") == {mine.pk, ended.pk}
    assert keys(f"?holder={own.pk}&account={own.pk}") == set()


def test_a_delegation_says_what_it_is(api: APIClient, own: Account) -> None:
    asked = DelegationRequestFactory(requester=own)
    row = DelegationFactory(holder=own, account=asked.account, until=SPRING_ENDS, request=asked)

    body = read(api, f"delegations/{row.pk}/")

    assert (body["account"], body["holder"], body["scope"]) == (str(row.account_id), str(own.pk), "total")
    assert datetime.fromisoformat(body["period"]["from"]) == row.period.lower
    assert datetime.fromisoformat(body["period"]["until"]) == SPRING_ENDS
    assert (body["origin"], body["request"], body["state"]) == ("request", asked.pk, "in_force")
    assert (body["granted_by"], body["granted_ground"]) == ("le centre de service", "service_centre")
    assert (body["ended_kind"], body["ended_by"], body["ended_reason"]) == (None, "", "")
    assert body["can"] == {
        "revoke": True,
        "renew": False,
        "until": None,
        "reduce": ["dossier", "discussions"],
        "review": False,
        "ask_renewal": False,
    }


def test_a_delegation_that_ended_says_who_ended_it_and_why(api: APIClient, own: Account) -> None:
    expired, revoked = DelegationFactory(holder=own, expired=True), DelegationFactory(holder=own, ended=True)

    told = [read(api, f"delegations/{row.pk}/") for row in (expired, revoked)]

    assert [body["state"] for body in told] == ["ended", "ended"]
    assert [body["ended_kind"] for body in told] == [None, "revoked"]
    assert [body["ended_by"] for body in told] == ["", "le centre de service"]
    assert told[1]["ended_reason"]
    assert not any(body["can"]["revoke"] or body["can"]["reduce"] for body in told)


def test_who_granted_is_told_by_name(api: APIClient, own: Account) -> None:
    row = DelegationFactory(holder=own, by_referent=True)

    assert read(api, f"delegations/{row.pk}/")["granted_by"] == row.granted_by_account.name


# --- Ending, renewing, reducing ---------------------------------------------------------------------------------------


def test_giving_up_one_s_own_takes_no_reason(api: APIClient, own: Account) -> None:
    row = DelegationFactory(holder=own)

    body = done(api, f"delegations/{row.pk}/revoke/")

    assert (body["state"], body["ended_kind"]) == ("ended", EndKind.GIVEN_UP)
    assert not may_open(own.user, row.account, Space.AGENDA, timezone.now())


def test_revoking_is_felt_at_the_next_request(api: APIClient, own: Account) -> None:
    row = DelegationFactory(account=own)
    holder = client_of(row.holder.user)
    assert read(holder, f"delegations/{row.pk}/")["state"] == "in_force"

    body = done(api, f"delegations/{row.pk}/revoke/", {"reason": "Fin du remplacement."})

    assert (body["state"], body["ended_kind"], body["ended_by"]) == ("ended", "revoked", own.user.display_name)
    told = read(holder, f"delegations/{row.pk}/")
    assert (told["state"], told["ended_reason"]) == ("ended", "Fin du remplacement.")
    assert not may_open(row.holder.user, own, Space.AGENDA, timezone.now())


def test_renewing_answers_with_the_row_that_goes_on(api: APIClient, own: Account) -> None:
    row = DelegationFactory(account=own, until=timezone.now() + timedelta(days=5))

    body = done(api, f"delegations/{row.pk}/renew/", {"until": SPRING})

    assert body["id"] != row.pk
    assert (body["replaces"], body["state"]) == (row.pk, "in_force")
    assert datetime.fromisoformat(body["period"]["until"]) == SPRING_ENDS
    assert read(api, f"delegations/{row.pk}/")["ended_kind"] == "replaced"


def test_renewing_without_an_end_is_said(api: APIClient, own: Account) -> None:
    row = DelegationFactory(account=own, until=timezone.now() + timedelta(days=5))

    assert done(api, f"delegations/{row.pk}/renew/", {"until": None})["period"]["until"] is None


def test_reducing_answers_with_the_narrower_row(api: APIClient, own: Account) -> None:
    row = DelegationFactory(account=own, until=SPRING_ENDS)

    body = done(api, f"delegations/{row.pk}/reduce/", {"scope": "discussions"})

    assert (body["scope"], body["replaces"]) == ("discussions", row.pk)
    assert datetime.fromisoformat(body["period"]["until"]) == SPRING_ENDS
    assert not may_open(row.holder.user, own, Space.AGENDA, timezone.now())
    assert may_open(row.holder.user, own, Space.DISCUSSIONS, timezone.now())
