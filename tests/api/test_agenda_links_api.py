"""Links to an agenda, and taking out whom a holder brought in: by the API, as by the pages."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from accounts.models import JournalEntry, User
from accounts.tokens import create_token
from delegations.models import Delegation
from delegations.scopes import Scope, Space
from delegations.services import end_delegation
from delegations.services.ending import reduce_delegation
from tests.api.test_workspace_api import Api
from tests.delegations.people import Cast, account_of, publish
from tests.factories import DelegationFactory, StructureFactory
from tests.workspace.making import a_conversation, a_dossier, acting
from workspace.models import CalendarFeed, CircleMember, Participant

pytestmark = pytest.mark.django_db
LINKS = "agenda/links/"


@pytest.fixture
def api(cast: Cast) -> Api:
    return Api(cast.total, cast.account)


def reads(address: str) -> int:
    return Client().get(address.partition("8000")[2]).status_code


# --- Links ------------------------------------------------------------------------------------------------------------


def test_a_link_is_made_listed_replaced_and_revoked(cast: Cast, api: Api) -> None:
    made = api.post(LINKS, status=201)
    assert reads(made["address"]) == 200
    assert api.post(LINKS, status=409)["detail"].startswith("Vous avez déjà un lien pour cet agenda")
    [listed] = api.get(LINKS)["results"]
    assert (listed["id"], listed["account"], listed["is_open"]) == (made["id"], str(cast.account.pk), True)
    assert "address" not in listed
    new = api.post(LINKS, {"replace": True}, 201)
    assert (reads(made["address"]), reads(new["address"])) == (404, 200)
    for _ in range(2):
        told = api.post(f"{LINKS}{new['id']}/revoke/")
        assert (told["is_open"], bool(told["revoked_at"])) == (False, True)
    assert reads(new["address"]) == 404
    assert api.get(LINKS)["count"] == 0
    assert JournalEntry.objects.filter(verb="feed.revoked").count() == 2


def test_a_link_of_an_agenda_that_closed_is_revoked_from_ones_own(cast: Cast, api: Api) -> None:
    made = api.post(LINKS, status=201)
    end_delegation(cast.referent, cast.delegation_of("total"), "Départ.", timezone.now())
    api.get(LINKS, 404)
    api.post(f"{LINKS}{made['id']}/revoke/", status=404)
    own = Api(cast.total, account_of(cast.total))
    assert [(one["id"], one["is_open"]) for one in own.get(LINKS)["results"]] == [(made["id"], False)]
    assert own.post(f"{LINKS}{made['id']}/revoke/")["revoked_at"]


@pytest.mark.parametrize("who", ["partial", "former", "referent", "attached", "stranger", "staff", "superuser"])
def test_nobody_else_makes_or_sees_or_revokes_it(cast: Cast, api: Api, who: str) -> None:
    made = api.post(LINKS, status=201)
    other = Api(getattr(cast, who), cast.account)
    other.get(LINKS, 404)
    other.post(LINKS, status=404)
    other.post(f"{LINKS}{made['id']}/revoke/", status=404)
    assert CalendarFeed.objects.filter(revoked_at=None).count() == 1


def test_somebody_else_of_the_same_account_revokes_only_their_own(cast: Cast, api: Api) -> None:
    made = api.post(LINKS, status=201)
    DelegationFactory(holder=account_of(cast.stranger), account=cast.account, scope=Scope.DOSSIER)
    other = Api(cast.stranger, cast.account)
    assert other.get(LINKS)["count"] == 0
    other.post(f"{LINKS}{made['id']}/revoke/", status=404)
    assert reads(made["address"]) == 200


def by_token(user: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {create_token(user, 'export', may_write=True)[1]}")
    return client


def test_where_tokens_give_no_access_they_make_no_link(cast: Cast, api: Api, settings: Settings) -> None:
    settings.ACTS_BY_TOKEN = False
    client = by_token(cast.total)
    assert client.get(api.root + LINKS).status_code == 200
    assert client.post(api.root + LINKS, {}, format="json").status_code == 403
    settings.ACTS_BY_TOKEN = True
    assert client.post(api.root + LINKS, {}, format="json").status_code == 201


def test_as_many_queries_for_one_link_as_for_twenty(cast: Cast, api: Api) -> None:
    counts = []
    for rows in (1, 19):
        accounts = [StructureFactory(open_account=True).account for _ in range(rows)]
        for account in accounts:
            DelegationFactory(holder=account_of(cast.total), account=account)
        publish()
        for account in accounts:
            Api(cast.total, account).post(LINKS, status=201)
        api.get(LINKS)
        with CaptureQueriesContext(connection) as asked:
            api.get(LINKS)
        counts.append(len(asked))
    assert counts[0] == counts[1]


# --- Whom a holder brought in -----------------------------------------------------------------------------------------


class Left(Api):
    def __init__(self, user: User, row: Delegation) -> None:
        super().__init__(user, row.account)
        self.root = f"/api/v1/delegations/{row.pk}/"

    def out(self, member: Any = None, status: int = 200) -> Any:
        return self.post("take-out/", {"member": member}, status)


@pytest.fixture
def row(cast: Cast) -> Delegation:
    """Its holder brought a stranger into a conversation and a circle."""
    other = account_of(cast.stranger)
    a_conversation(acting(cast.total, cast.account, Space.DISCUSSIONS), other, title="Sortie de Mme Cazalbou")
    a_dossier(acting(cast.total, cast.account, Space.DOSSIERS), other)
    return cast.delegation_of("total")


def places(cast: Cast) -> tuple[bool, bool]:
    at, other = timezone.now(), account_of(cast.stranger)
    talks, circles = Participant.objects.present(at), CircleMember.objects.present(at)
    return talks.filter(member=other).exists(), circles.filter(member=other).exists()


def test_the_referent_who_revoked_takes_out_and_is_told_what_is_left(cast: Cast, row: Delegation) -> None:
    referent = Left(cast.referent, row)
    assert referent.get("brought-in/")["may_take_out"] is False
    referent.out(status=403)
    end_delegation(cast.referent, row, "Départ.", timezone.now())
    told = referent.get("brought-in/")
    assert told["may_take_out"] is True
    assert [(one["name"], one["conversations"], one["dossiers"]) for one in told["results"]] == [
        ("Rémi Aubrespin", 1, 1)
    ]
    assert "Cazalbou" not in str(told)
    referent.post("take-out/", {}, 400)
    referent.out("tous", 400)
    assert places(cast) == (True, True)
    assert referent.out() == {"results": [], "may_take_out": False}
    assert places(cast) == (False, False)
    referent.out(status=409)


def test_after_a_reduction_they_are_taken_out_of_what_closed(cast: Cast, row: Delegation) -> None:
    narrower = reduce_delegation(cast.referent, row, Scope.DOSSIER, timezone.now())
    Left(cast.referent, narrower).out(str(account_of(cast.stranger).pk))
    assert places(cast) == (False, True)


@pytest.mark.parametrize("who", ["former", "attached", "stranger", "staff", "superuser"])
def test_others_do_not_see_the_delegation(cast: Cast, row: Delegation, who: str) -> None:
    left = Left(getattr(cast, who), row)
    left.get("brought-in/", 404)
    left.out(status=404)
    assert places(cast) == (True, True)
