"""The spaces by the API: the same rule, services and sentences as the pages; versions for two who write at once."""

import uuid
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, JournalEntry
from delegations.scopes import Scope, Space
from delegations.services import end_delegation
from tests.delegations.people import Cast, account_of, person
from tests.factories import DelegationFactory
from tests.workspace.making import a_conversation, a_document, a_dossier, a_task, acting, an_event
from workspace.models import CircleMember, Dossier, Message, Participant, Task
from workspace.services.entries import write_entry

pytestmark = pytest.mark.django_db
DOORS = ("dossiers", "agenda", "tasks", "discussions")
PATIENT = {"family_name": "Cazalbou", "given_names": "Odile", "birth_date": "1938-04-02", "sex": "F"}
TOLD = {"informed_how": "oral", "informed_on": "2020-11-26"}
EVENT = {
    "kind": "visit",
    "title": "Visite",
    "starts_at": "2026-12-01T09:00:00+01:00",
    "ends_at": "2026-12-01T10:00:00+01:00",
}


class Api:
    """Somebody, in one account."""

    def __init__(self, user: Any, account: Account) -> None:
        self.client = APIClient()
        self.client.force_login(user)
        self.root = f"/api/v1/accounts/{account.pk}/"

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        return self._told(self.client.get(self.root + path, query), status)

    def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        return self._told(self.client.post(self.root + path, body or {}, format="json"), status)

    def patch(self, path: str, body: Any, status: int = 200, version: object = None) -> Any:
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return self._told(self.client.patch(self.root + path, body, format="json", headers=headers), status)

    def _told(self, response: Any, status: int) -> Any:
        assert response.status_code == status, response.content.decode()
        self.last = response
        return response.json()


@pytest.fixture
def api(cast: Cast) -> Api:
    return Api(cast.total, cast.account)


@pytest.fixture
def dossier(cast: Cast) -> Dossier:
    return a_dossier(acting(cast.total, cast.account, Space.DOSSIERS))


def contents(cast: Cast, dossier: Dossier) -> list[str]:
    """An address below each door, of something that is there."""
    who = acting(cast.total, cast.account, Space.DOSSIERS)
    entry = write_entry(who, dossier, "event", "Chute", "Sans gravité.", who.at, "circle")
    document = a_document(who, dossier)
    talk = a_conversation(acting(cast.total, cast.account, Space.DISCUSSIONS)).pk
    return [
        f"dossiers/{dossier.pk}/",
        f"dossiers/{dossier.pk}/circle/",
        f"dossiers/{dossier.pk}/entries/",
        f"dossiers/{dossier.pk}/entries/{entry.pk}/",
        f"dossiers/{dossier.pk}/documents/{document.pk}/",
        f"agenda/{an_event(acting(cast.total, cast.account, Space.AGENDA)).pk}/",
        f"tasks/{a_task(acting(cast.total, cast.account, Space.TASKS)).pk}/",
        f"discussions/{talk}/",
        f"discussions/{talk}/messages/",
        f"discussions/{talk}/participants/",
    ]


OPEN = {Scope.TOTAL: DOORS, Scope.DOSSIER: DOORS[:3], Scope.DISCUSSIONS: DOORS[3:]}


@pytest.mark.parametrize("scope", Scope)
def test_each_scope_opens_its_spaces_and_what_is_below(cast: Cast, dossier: Dossier, scope: Scope) -> None:
    holder = person()
    DelegationFactory(holder=account_of(holder), account=cast.account, scope=scope)
    api = Api(holder, cast.account)
    for door in DOORS:
        response = api.client.get(f"{api.root}{door}/")
        assert response.status_code == (200 if door in OPEN[scope] else 403)
        if door not in OPEN[scope]:
            assert "délégation" in response.json()["detail"]
    for path in contents(cast, dossier):
        response = api.client.get(api.root + path)
        assert response.status_code == (200 if path.split("/")[0] in OPEN[scope] else 404), path
        if response.streaming:
            response.getvalue()


@pytest.mark.parametrize("who", ["former", "referent", "attached", "stranger", "staff", "superuser"])
def test_nobody_else_finds_anything(cast: Cast, dossier: Dossier, who: str) -> None:
    user = getattr(cast, who)
    below = contents(cast, dossier)
    places = [cast.account] + ([account_of(user)] if hasattr(user, "account") else [])
    for account in places:
        api = Api(user, account)
        for path in below:
            assert "Cazalbou" not in str(api.get(path, 404))
        for door in DOORS:
            api.get(f"{door}/", 200 if account.user_id == user.pk else 403)


def test_revoked_is_felt_at_the_next_request(cast: Cast, dossier: Dossier, api: Api) -> None:
    api.get(f"dossiers/{dossier.pk}/")
    end_delegation(cast.referent, cast.delegation_of("total"), "Départ.", timezone.now())
    api.get(f"dossiers/{dossier.pk}/", 404)
    api.get("dossiers/", 403)
    api.post("tasks/", {"title": "Commander"}, 403)
    assert not Task.objects.exists()


def test_a_dossier_is_created_corrected_and_found(cast: Cast, api: Api) -> None:
    made = api.post("dossiers/", PATIENT | TOLD, 201)
    assert (made["account"], made["actor_name"], made["ground"]) == (
        str(cast.account.pk),
        "Hélène Vaysserat",
        "delegation",
    )
    path = f"dossiers/{made['id']}/"
    api.get(path)
    assert api.last["ETag"] == '"1"'
    changed = PATIENT | {"family_name": "Cazalbon"}
    assert api.patch(path, changed, 428)["type"].endswith("/precondition-required/")
    assert api.patch(path, changed, 412, version="x")["type"].endswith("/precondition-failed/")
    assert api.patch(path, changed, version=1)["version"] == 2
    assert "corriger cette identité" in api.patch(path, PATIENT, 412, version=1)["detail"]
    assert [one["id"] for one in api.post("dossiers/search/", {"q": "cazalbon"})["results"]] == [made["id"]]
    assert api.get("dossiers/")["count"] == 1
    assert api.post(f"{path}archive/")["archived_at"]
    assert api.get("dossiers/")["count"] == 0
    assert api.get("dossiers/", archived=1)["count"] == 1
    api.post(
        f"{path}entries/", {"kind": "event", "title": "x", "text": "y", "happened_at": "2020-11-26T10:00:00+01:00"}, 409
    )
    assert api.post(f"{path}restore/")["archived_at"] is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"ins": "123456789012345"}, "ins"),
        ({"birth_date": "2999-01-01"}, "birth_date"),
        ({"sex": "X"}, "sex"),
        ({"informed_how": "rumeur"}, "informed_how"),
        ({"nom": "Cazalbou"}, "nom"),
    ],
)
def test_what_does_not_suit_is_named(api: Api, wrong: dict[str, str], field: str) -> None:
    told = api.post("dossiers/", PATIENT | TOLD | wrong, 400)
    assert [error["field"] for error in told["errors"]] == [field]
    assert not Dossier.objects.exists()


def test_an_entry_is_written_and_corrected_by_its_account_alone(cast: Cast, dossier: Dossier, api: Api) -> None:
    body = {"title": "Passage", "text": "Elle va mieux.", "happened_at": "2026-11-25T09:00:00+01:00"}
    path = f"dossiers/{dossier.pk}/entries/"
    made = api.post(path, body | {"kind": "observation"}, 201)
    changed = body | {"text": "Elle va bien."}
    assert api.patch(f"{path}{made['id']}/", changed, version=1)["version"] == 2
    api.patch(f"{path}{made['id']}/", changed, 412, version=1)
    other = account_of(cast.stranger)
    api.post(f"dossiers/{dossier.pk}/circle/", TOLD | {"to": [str(other.pk)]})
    theirs = Api(cast.stranger, other)
    assert theirs.get(path)["results"][0]["text"] == "Elle va bien."
    theirs.patch(f"{path}{made['id']}/", changed, 403, version=2)


def test_nobody_brings_in_their_own_account(cast: Cast, dossier: Dossier, api: Api) -> None:
    mine = str(account_of(cast.total).pk)
    api.post(f"dossiers/{dossier.pk}/circle/", TOLD | {"to": [mine]}, 403)
    talk = a_conversation(acting(cast.total, cast.account, Space.DISCUSSIONS), account_of(cast.stranger))
    api.post(f"discussions/{talk.pk}/participants/", {"to": [mine], "see_what_came_before": True}, 403)
    key = str(uuid.uuid4())
    api.post("discussions/", {"title": "Relais", "to": [mine], "text": "Bonjour.", "client_key": key}, 403)
    assert not CircleMember.objects.filter(member=mine).exists()
    assert not Participant.objects.filter(member=mine).exists()


def test_a_member_leaves_and_the_last_one_does_not(cast: Cast, dossier: Dossier, api: Api) -> None:
    row = dossier.circle.get().pk
    api.post(f"dossiers/{dossier.pk}/circle/{row}/remove/", status=409)
    api.post(f"dossiers/{dossier.pk}/circle/", TOLD | {"to": [str(account_of(cast.stranger).pk)]})
    assert api.post(f"dossiers/{dossier.pk}/circle/{row}/remove/")["ended_kind"] == "left"
    api.get(f"dossiers/{dossier.pk}/", 404)


def test_an_event_is_added_changed_and_cancelled(api: Api) -> None:
    made = api.post("agenda/", EVENT, 201)
    path = f"agenda/{made['id']}/"
    assert api.patch(path, EVENT | {"title": "Réunion"}, version=1)["title"] == "Réunion"
    api.patch(path, EVENT, 412, version=1)
    api.post("agenda/", EVENT | {"ends_at": "2026-12-01T08:00:00+01:00"}, 400)
    api.post("agenda/", EVENT | {"dossier": str(uuid.uuid4())}, 400)
    assert api.get("agenda/", since="2026-11-30", until="2026-12-02")["count"] == 1
    api.get("agenda/", 400, since="2026-11-30", until="2029-12-02")
    assert api.post(f"{path}cancel/")["cancelled_at"]


def test_a_task_is_given_taken_done_and_reopened(cast: Cast, api: Api) -> None:
    stranger = str(account_of(cast.stranger).pk)
    api.post("tasks/", {"title": "Commander", "assignee": stranger}, 400)
    made = api.post("tasks/", {"title": "Commander"}, 201)
    path = f"tasks/{made['id']}/"
    assert api.post(f"{path}take/")["assignee_name"] == "Hélène Vaysserat"
    assert api.patch(path, {"title": "Commander demain"}, version=2)["version"] == 3
    assert api.post(f"{path}done/")["done_at"]
    assert api.post(f"{path}done/")["version"] == 4, "done twice changes nothing"
    assert api.get("tasks/", list="done")["count"] == 1
    assert api.post(f"{path}reopen/")["done_at"] is None
    assert api.post(f"{path}cancel/")["cancelled_at"]


def test_a_message_sent_twice_exists_once(cast: Cast, api: Api) -> None:
    body = {
        "title": "Relais",
        "to": [str(account_of(cast.stranger).pk)],
        "text": "Bonjour.",
        "client_key": uuid.uuid4(),
    }
    talk = api.post("discussions/", body, 201)
    path = f"discussions/{talk['id']}/"
    said = {"text": "Bien reçu.", "client_key": str(uuid.uuid4())}
    assert api.post(f"{path}messages/", said, 201) == api.post(f"{path}messages/", said, 201)
    assert Message.objects.count() == 2
    theirs = Api(cast.stranger, account_of(cast.stranger))
    assert theirs.get("discussions/")["results"][0]["unread"] == 2
    texts = [one["text"] for one in theirs.get(f"{path}messages/")["results"]]
    assert texts == ["Bonjour.", "Bien reçu."]
    first = Message.objects.order_by("pk").first()
    assert first is not None
    assert theirs.get(f"{path}messages/", after=first.pk)["count"] == 1
    assert theirs.post(f"{path}read/")["unread"] == 0
    api.post(f"{path}messages/", {"text": " \n", "client_key": str(uuid.uuid4())}, 400)
    api.get(path)
    read = api.last["ETag"].strip('"')
    assert api.patch(path, {"title": "Autre"}, version=read)["title"] == "Autre"
    api.patch(path, {"title": "Encore"}, 412, version=read)
    assert api.post(f"{path}mute/", {"on": True})["muted_at"]
    assert api.post(f"{path}archive/", {"on": True})["archived_at"]
    assert theirs.post("discussions/search/", {"q": "reçu"})["results"][0]["id"] == talk["id"]
    theirs.post(f"{path}leave/")
    theirs.get(path, 404)


def test_reading_is_in_the_journal_as_by_the_pages(cast: Cast, dossier: Dossier, api: Api) -> None:
    api.get(f"dossiers/{dossier.pk}/")
    verbs = JournalEntry.objects.filter(account=cast.account, actor=cast.total).values_list("verb", flat=True)
    assert {"space.opened", "dossier.opened"} <= set(verbs)
    Api(cast.stranger, cast.account).get("dossiers/", 403)
    assert JournalEntry.objects.filter(verb="space.refused", actor=cast.stranger).exists()
