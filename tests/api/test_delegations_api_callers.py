"""Requests and delegations through the API: who asks, by session or token, and what it costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, JournalEntry, User
from delegations.api.permissions import MayActByToken
from tests.api.calling import SPRING, client_of
from tests.api.conftest import Token, check_problem
from tests.api.schema import read
from tests.factories import (
    DelegationFactory,
    DelegationRequestFactory,
    UserFactory,
)

# --- Who asks ---------------------------------------------------------------------------------------------------------


def test_a_session_writes_with_its_csrf_token_alone(user: User, own: Account) -> None:
    row = DelegationFactory(holder=own)
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(user)

    check_problem(client.post(f"/api/v1/delegations/{row.pk}/revoke/"), 403, "forbidden")
    row.refresh_from_db()
    assert row.period.upper is None
    client.cookies["csrftoken"] = "a" * 32
    assert client.post(f"/api/v1/delegations/{row.pk}/revoke/", headers={"X-CSRFToken": "a" * 32}).status_code == 200


ACTS = [
    ("delegation-requests/{asked}/accept/", {}, True),
    ("delegation-requests/{asked}/refuse/", {"reason": "Non."}, False),
    ("delegation-requests/{asked}/claim/", {}, False),
    ("delegation-requests/{mine}/withdraw/", {}, False),
    ("delegations/{given}/revoke/", {"reason": "Fin."}, True),
    ("delegations/{given}/renew/", {"until": SPRING}, True),
    ("delegations/{given}/reduce/", {"scope": "dossier"}, True),
]


@pytest.fixture
def rows(own: Account) -> dict[str, int]:
    return {
        "asked": DelegationRequestFactory(account=own).pk,
        "mine": DelegationRequestFactory(requester=own).pk,
        "given": DelegationFactory(account=own, until=timezone.now() + timedelta(days=5)).pk,
    }


@pytest.fixture(params=ACTS, ids=[path for path, _, _ in ACTS])
def act(request: pytest.FixtureRequest, rows: dict[str, int]) -> tuple[str, dict[str, str], bool]:
    """An act that its caller may do: its address, what is sent, whether it gives or takes access."""
    path, body, touches_access = request.param
    return f"/api/v1/{path.format(**rows)}", body, touches_access


def test_a_token_that_only_reads_does_nothing(
    bare: APIClient, user: User, token_of: Token, act: tuple[str, dict[str, str], bool]
) -> None:
    path, body, _ = act
    before = JournalEntry.objects.count()

    refused = check_problem(bare.post(path, body, headers={"Authorization": token_of(user)}), 403, "forbidden")

    assert refused["detail"] == "Ce jeton ne permet que la lecture."
    assert JournalEntry.objects.count() == before


def test_a_token_that_may_write_acts(
    bare: APIClient, user: User, token_of: Token, act: tuple[str, dict[str, str], bool]
) -> None:
    path, body, _ = act

    assert bare.post(path, body, headers={"Authorization": token_of(user, may_write=True)}).status_code == 200


@override_settings(ACTS_BY_TOKEN=False)
def test_with_the_switch_off_a_token_neither_gives_nor_takes_access(
    bare: APIClient, user: User, token_of: Token, act: tuple[str, dict[str, str], bool]
) -> None:
    path, body, touches_access = act
    before = JournalEntry.objects.count()

    response = bare.post(path, body, headers={"Authorization": token_of(user, may_write=True)})

    if touches_access:
        assert check_problem(response, 403, "forbidden")["detail"] == MayActByToken.message
        assert JournalEntry.objects.count() == before
        response = client_of(user).post(path, body)
    assert response.status_code == 200


def test_a_token_asks(bare: APIClient, user: User, token_of: Token, home: Account) -> None:
    sent = {"account": str(home.pk), "scope": "total"}
    headers = {"Authorization": token_of(user, may_write=True)}

    with override_settings(ACTS_BY_TOKEN=False):
        assert bare.post("/api/v1/delegation-requests/", sent, headers=headers).status_code == 201


def test_a_person_without_an_account_reads_empty_lists(db: None) -> None:
    client = client_of(UserFactory(is_staff=True, is_superuser=True))
    DelegationFactory()
    DelegationRequestFactory()

    assert read(client, "delegations/")["results"] == read(client, "delegation-requests/")["results"] == []


@override_settings(DIRECTORY_THROTTLE="2/hour")
def test_acts_spend_the_budget_of_the_rest(api: APIClient, own: Account) -> None:
    rows = [DelegationFactory(holder=own) for _ in range(3)]

    found = [api.post(f"/api/v1/delegations/{row.pk}/revoke/").status_code for row in rows]

    assert found == [200, 200, 429]


# --- Queries ----------------------------------------------------------------------------------------------------------


def queries_of(api: APIClient, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert api.get(f"/api/v1/{path}").status_code == 200
    return len(queries)


def test_as_many_queries_for_one_row_as_for_twenty(api: APIClient, own: Account) -> None:
    def add(times: int) -> None:
        for _ in range(times):
            DelegationRequestFactory(account=own, claimed=True)
            DelegationRequestFactory(requester=own, accepted=True)
            DelegationFactory(account=own, by_referent=True)
            DelegationFactory(holder=own, ended=True)

    paths = ["delegation-requests/", "delegations/", f"accounts/{own.pk}/journal/"]
    add(1)
    one = [queries_of(api, path) for path in paths]
    add(9)
    several = [queries_of(api, path) for path in paths]

    assert several == one == [7, 7, 5]
