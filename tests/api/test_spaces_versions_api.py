"""What two people may edit of a conversation, what an entry said before, the dossier of a conversation: by the API."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import JournalEntry
from delegations.scopes import Scope, Space
from tests.api.test_workspace_api import TOLD, Api
from tests.delegations.people import Cast, account_of
from tests.workspace.making import a_conversation, a_dossier, acting
from workspace.models import Conversation, ConversationOrigin, Dossier
from workspace.services.discussions import begin_conversation
from workspace.services.entries import correct_entry, write_entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(cast: Cast) -> Api:
    return Api(cast.total, cast.account)


@pytest.fixture
def talk(cast: Cast) -> Conversation:
    return a_conversation(
        acting(cast.total, cast.account, Space.DISCUSSIONS), account_of(cast.stranger), title="Relais"
    )


@pytest.fixture
def dossier(cast: Cast) -> Dossier:
    return a_dossier(acting(cast.total, cast.account, Space.DOSSIERS))


def tag(api: Api) -> str:
    return str(api.last["ETag"]).strip('"')


# --- The title --------------------------------------------------------------------------------------------------------


def test_a_title_is_changed_by_whoever_has_read_it_last(cast: Cast, api: Api, talk: Conversation) -> None:
    path, theirs = f"discussions/{talk.pk}/", Api(cast.stranger, account_of(cast.stranger))
    api.get(path)
    read = tag(api)
    assert "Relais" not in read
    assert theirs.get(path)["title"] == "Relais"
    assert tag(theirs) == read
    assert api.patch(path, {"title": "Autre"}, 428)["type"].endswith("/precondition-required/")
    assert theirs.patch(path, {"title": "Sortie"}, version=read)["title"] == "Sortie"
    assert tag(theirs) != read
    for seen in (read, "x", "1", ""):
        told = api.patch(path, {"title": "Autre"}, 412, version=seen)
        assert "Quelqu’un vient de changer ce titre" in told["detail"]
    talk.refresh_from_db()
    assert talk.title == "Sortie"
    api.get(path)
    assert api.patch(path, {"title": "Autre"}, version=tag(api))["title"] == "Autre"


def test_a_title_is_sent_alone(api: Api, talk: Conversation) -> None:
    api.get(f"discussions/{talk.pk}/")
    told = api.patch(f"discussions/{talk.pk}/", {"title": "Autre", "seen": "Relais"}, 400, version=tag(api))
    assert [error["field"] for error in told["errors"]] == ["seen"]


def test_the_title_of_a_solicitation_stays(cast: Cast, api: Api) -> None:
    who, origin = acting(cast.total, cast.account, Space.DISCUSSIONS), ConversationOrigin.SOLICITATION
    to = [account_of(cast.stranger).pk]
    talk = begin_conversation(who, "Avis", to, "Bonjour.", uuid.uuid4(), origin=origin)
    api.get(f"discussions/{talk.pk}/")
    api.patch(f"discussions/{talk.pk}/", {"title": "Autre"}, 409, version=tag(api))


# --- The dossier of a conversation ------------------------------------------------------------------------------------


def test_a_dossier_is_linked_and_unlinked_and_opens_to_nobody(
    cast: Cast, api: Api, talk: Conversation, dossier: Dossier
) -> None:
    path, theirs = f"discussions/{talk.pk}/", Api(cast.stranger, account_of(cast.stranger))
    assert api.post(f"{path}dossier/", {"dossier": str(dossier.pk)})["dossier"] == str(dossier.pk)
    assert theirs.get(path)["dossier"] == str(dossier.pk)
    theirs.get(f"dossiers/{dossier.pk}/", 404)
    assert api.post(f"{path}dossier/", {"dossier": None})["dossier"] is None
    assert api.post(f"{path}dossier/", {"dossier": None})["dossier"] is None
    assert JournalEntry.objects.filter(verb="conversation.linked").count() == 2


def test_what_one_does_not_open_is_not_linked(cast: Cast, api: Api, talk: Conversation, dossier: Dossier) -> None:
    path = f"discussions/{talk.pk}/dossier/"
    others = a_dossier(acting(cast.stranger, account_of(cast.stranger), Space.DOSSIERS))
    details = {api.post(path, {"dossier": str(key)}, 400)["errors"][0]["message"] for key in (others.pk, uuid.uuid4())}
    assert len(details) == 1
    api.post(path, {}, 400)
    assert "ne vous sont pas ouverts" in Api(cast.partial, cast.account).post(path, {"dossier": None}, 403)["detail"]
    talk.refresh_from_db()
    assert talk.dossier_id is None


# --- What an entry said -----------------------------------------------------------------------------------------------


def test_former_versions_are_read_but_those_for_their_account_alone(cast: Cast, api: Api, dossier: Dossier) -> None:
    who, other = acting(cast.total, cast.account, Space.DOSSIERS), account_of(cast.stranger)
    entry = write_entry(who, dossier, "observation", "Passage", "Pour nous.", who.at, "account")
    for number, (text, readers) in enumerate([("Pour tous.", "circle"), ("Relu.", "circle")], 1):
        correct_entry(who, entry, number, "Passage", text, who.at - timedelta(days=1), readers)
    path = f"dossiers/{dossier.pk}/entries/{entry.pk}/versions/"
    assert [(one["number"], one["text"]) for one in api.get(path)["results"]] == [
        (3, "Relu."),
        (2, "Pour tous."),
        (1, "Pour nous."),
    ]
    assert api.last.json()["results"][0]["actor_name"] == "Hélène Vaysserat"
    theirs = Api(cast.stranger, other)
    theirs.get(path, 404)
    api.post(f"dossiers/{dossier.pk}/circle/", TOLD | {"to": [str(other.pk)]})
    assert [one["number"] for one in theirs.get(path)["results"]] == [3, 2]
    Api(cast.partial, cast.account).get(path, 404)
    hidden = write_entry(who, dossier, "observation", "Passage", "Pour nous.", who.at, "account")
    theirs.get(f"dossiers/{dossier.pk}/entries/{hidden.pk}/versions/", 404)


def test_as_many_queries_for_one_version_as_for_twenty(cast: Cast, api: Api, dossier: Dossier) -> None:
    who, counts = acting(cast.total, cast.account, Space.DOSSIERS), []
    entry = write_entry(who, dossier, "event", "Chute", "0", who.at, "circle")
    path = f"dossiers/{dossier.pk}/entries/{entry.pk}/versions/"
    for _ in range(2):
        api.get(path)
        with CaptureQueriesContext(connection) as asked:
            api.get(path)
        counts.append(len(asked))
        for number in range(1, 20):
            if len(counts) == 1:
                correct_entry(who, entry, number, "Chute", str(number), who.at, "circle")
    assert counts[0] == counts[1]


@pytest.mark.parametrize("scope", Scope)
def test_each_scope_reads_the_versions_that_its_spaces_hold(cast: Cast, dossier: Dossier, scope: Scope) -> None:
    who = acting(cast.total, cast.account, Space.DOSSIERS)
    entry = write_entry(who, dossier, "event", "Chute", "Sans gravité.", who.at, "circle")
    holder = {Scope.TOTAL: cast.total, Scope.DISCUSSIONS: cast.partial}.get(scope)
    if holder:
        status = 200 if scope == Scope.TOTAL else 404
        Api(holder, cast.account).get(f"dossiers/{dossier.pk}/entries/{entry.pk}/versions/", status)
