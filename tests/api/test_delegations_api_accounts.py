"""« Pourquoi ai-je accès ? » and the journal of an account, through the API."""

from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, JournalEntry, User
from delegations.access import may_open
from delegations.api.accounts import NOT_YOURS
from delegations.explaining import CLOSED, OWN, explain
from delegations.scopes import Space
from delegations.services import accept
from tests.api.conftest import ListAccount, check_problem
from tests.api.schema import check_against_schema, read
from tests.delegations.people import opens_space
from tests.factories import (
    AttachmentFactory,
    DelegationFactory,
    DelegationRequestFactory,
    ReferentFactory,
    StructureFactory,
    UserFactory,
)

# --- What is open, and why --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "situation", ["nothing", "attached", "partial", "dossier", "total", "ended", "referent", "asked"]
)
def test_the_answer_is_that_of_the_rule(
    api: APIClient, user: User, own: Account, home: Account, situation: str
) -> None:
    match situation:
        case "attached":
            AttachmentFactory(professional=own.professional, structure=home.structure)
        case "referent":
            ReferentFactory(account=own, structure=home.structure)
        case "asked":
            DelegationRequestFactory(requester=own, account=home)
        case "partial" | "dossier" | "ended":
            DelegationFactory(holder=own, account=home, **{situation: True})
        case "total":
            DelegationFactory(holder=own, account=home)
    now = timezone.now()

    body = read(api, f"accounts/{home.pk}/access/")

    told = explain(user, home, now)
    assert body["account"] == str(home.pk)
    assert list(body["spaces"]) == [space.value for space in Space]
    for space, answer in body["spaces"].items():
        assert answer["allowed"] == may_open(user, home, space, now)
        assert answer["because"] == told.of(space).because
        through = told.of(space).delegation
        assert answer["delegation"] == (through.pk if through else None)
        assert (answer["delegation"] is not None) == answer["allowed"]
    assert body["can"] == {"ask": situation not in ("total", "asked")}


def test_one_s_own_account_is_one_s_own(api: APIClient, own: Account, listed_account: ListAccount) -> None:
    body = read(api, f"accounts/{listed_account(own).pk}/access/")

    assert all(answer == {"allowed": True, "because": OWN, "delegation": None} for answer in body["spaces"].values())
    assert body["can"] == {"ask": False}


def test_a_closed_account_says_that_it_opens_nothing(api: APIClient, listed_account: ListAccount) -> None:
    closed = listed_account(StructureFactory(closed=True).account)

    body = read(api, f"accounts/{closed.pk}/access/")

    assert {answer["because"] for answer in body["spaces"].values()} == {CLOSED}
    assert body["can"] == {"ask": False}


def test_an_account_that_is_not_listed_does_not_exist(api: APIClient, own: Account) -> None:
    hidden = DelegationFactory(holder=own).account

    for key in (hidden.pk, uuid4()):
        for what in ("access", "journal"):
            response = api.get(f"/api/v1/accounts/{key}/{what}/")
            if what == "journal" and key == hidden.pk:
                assert response.status_code == 200  # whoever answers for it reads its journal all the same
            else:
                check_problem(response, 404, "not-found")
    check_problem(api.get("/api/v1/accounts/12/access/"), 404, "not-found")


# --- The journal ------------------------------------------------------------------------------------------------------


def test_the_journal_says_who_acted_on_what_ground_newest_first(
    api: APIClient, user: User, own: Account, home: Account
) -> None:
    ReferentFactory(account=own, structure=home.structure)
    asked = DelegationRequestFactory(account=home)
    given = accept(user, asked, timezone.now())
    opens_space(given.holder.user, home, Space.AGENDA)

    body = read(api, f"accounts/{home.pk}/journal/")

    verbs = [entry["verb"] for entry in body["results"]]
    assert verbs == ["space.opened", "request.accepted", "delegation.granted", "request.made", "referent.appointed"]
    assert body["count"] == 5
    opened, _, granted, _, appointed = body["results"]
    assert (appointed["actor"], appointed["actor_name"]) == (None, "le centre de service")
    assert (opened["actor"], opened["actor_name"]) == (str(given.holder_id), given.holder.name)
    assert (opened["ground"], opened["delegation"]) == ("delegation", given.pk)
    assert opened["object"] == {"kind": "space", "key": "agenda"}
    assert (granted["actor"], granted["ground"]) == (str(own.pk), "referent")
    assert granted["object"] == {"kind": "delegation", "key": str(given.pk)}
    assert granted["details"]["holder"] == str(given.holder_id)
    assert asked.message not in str(body)


def test_the_journal_is_read_page_by_page(api: APIClient, own: Account) -> None:
    for _ in range(3):
        DelegationRequestFactory(account=own)

    first = read(api, f"accounts/{own.pk}/journal/?page_size=2")
    second = read(api, f"accounts/{own.pk}/journal/?page_size=2&page=2")

    keys = [entry["id"] for entry in first["results"] + second["results"]]
    assert keys == list(JournalEntry.objects.filter(account=own).order_by("-at", "-pk").values_list("pk", flat=True))
    assert first["next"] and second["next"] is None
    check_problem(api.get(f"/api/v1/accounts/{own.pk}/journal/?page=0"), 400, "invalid-request")


@pytest.mark.parametrize(("how", "status"), [("total", 200), ("partial", 403), ("ended", 403)])
def test_a_journal_is_read_by_whoever_oversees_the_account(
    api: APIClient, own: Account, home: Account, how: str, status: int
) -> None:
    DelegationFactory(holder=own, account=home, **({} if how == "total" else {how: True}))

    response = api.get(f"/api/v1/accounts/{home.pk}/journal/")

    assert response.status_code == status
    check_against_schema(response, f"/api/v1/accounts/{home.pk}/journal/")


def test_a_total_delegation_on_a_person_does_not_give_their_journal(
    api: APIClient, own: Account, listed_account: ListAccount
) -> None:
    person = listed_account(DelegationFactory(holder=own, on_a_person=True).account)

    check_problem(api.get(f"/api/v1/accounts/{person.pk}/journal/"), 403, "forbidden")


def test_whoever_may_not_read_a_journal_is_told_who_does(api: APIClient, home: Account) -> None:
    body = check_problem(api.get(f"/api/v1/accounts/{home.pk}/journal/"), 403, "forbidden")

    assert body["detail"] == NOT_YOURS


def test_no_staff_nor_superuser_reads_a_journal_here(db: None, home: Account) -> None:
    client = APIClient()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    check_problem(client.get(f"/api/v1/accounts/{home.pk}/journal/"), 403, "forbidden")


def test_an_act_of_nobody_is_that_of_the_portal(api: APIClient, own: Account) -> None:
    DelegationRequestFactory(account=own, expired=True)

    expired = read(api, f"accounts/{own.pk}/journal/")["results"][0]

    assert (expired["verb"], expired["ground"]) == ("request.expired", "system")
    assert (expired["actor"], expired["actor_name"]) == (None, "SPICO")


def test_reading_writes_nothing(api: APIClient, own: Account, home: Account) -> None:
    before = JournalEntry.objects.count()

    read(api, f"accounts/{home.pk}/access/")
    read(api, f"accounts/{own.pk}/journal/")

    assert JournalEntry.objects.count() == before
