"""Conversations: who takes part, and the linked dossier."""

import uuid

import pytest

from accounts.models import JournalEntry, Notification
from delegations.scopes import Space
from tests.delegations.people import account_of, client_of, person, publish
from tests.workspace.making import a_dossier, acting
from tests.workspace.talking import World, body
from workspace.access import participation_or_404
from workspace.services.messages import send_message
from workspace.services.participants import add_participants

pytestmark = pytest.mark.django_db


# --- Participants ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "seen"), [("oui", 2), ("non", 1)])
def test_who_is_added_sees_what_was_said(world: World, before: str, seen: int) -> None:
    talk, other = world.talk(), person("Soline", "Carbonnac")
    publish()
    address = world.url("participants", None, talk.pk)
    added = world.client.post(address, {"to": [str(account_of(other).pk)], "before": before, "add": "1"})
    assert added.status_code == 302
    empty = body(client_of(other).get(world.url("conversation", account_of(other), talk.pk)))
    assert ("les prochains messages apparaîtront ici" in empty) == (before == "non")
    who = acting(world.user, world.unit, Space.DISCUSSIONS)
    send_message(who, participation_or_404(who, talk.pk), "La suite.", uuid.uuid4())
    page = client_of(other).get(world.url("conversation", account_of(other), talk.pk))
    assert len(page.context["thread"].rows) == seen
    assert ("Bonjour." in body(page)) == (before == "oui")
    assert Notification.objects.filter(recipient=other).exists()


def test_the_question_is_asked_and_the_choice_kept(world: World) -> None:
    talk, other = world.talk(), account_of(person("Soline", "Carbonnac"))
    publish()
    refused = world.client.post(world.url("participants", None, talk.pk), {"to": [str(other.pk)], "add": "1"})
    assert refused.status_code == 400
    assert "Dites s’ils voient ce qui précède" in body(refused)
    assert "Soline Carbonnac" in body(refused)
    assert talk.participants.count() == 2


def test_who_did_not_see_the_beginning_shows_it_to_nobody(world: World) -> None:
    talk, middle, last = world.talk(text="Le secret."), person("Soline", "Carbonnac"), person("Rémi", "Aubrespin")
    publish()
    who = acting(world.user, world.unit, Space.DISCUSSIONS)
    add_participants(who, participation_or_404(who, talk.pk), [account_of(middle).pk], see_what_came_before=False)
    late = acting(middle, account_of(middle), Space.DISCUSSIONS)
    add_participants(late, participation_or_404(late, talk.pk), [account_of(last).pk], see_what_came_before=True)
    assert "Le secret." not in body(client_of(last).get(world.url("conversation", account_of(last), talk.pk)))


def test_rule_4_holds_when_adding(world: World) -> None:
    talk = world.talk()
    address = world.url("participants", None, talk.pk)
    refused = world.client.post(address, {"to": [str(world.own.pk)], "before": "oui", "add": "1"})
    assert refused.status_code == 403
    assert "l’accès doit finir avec votre délégation" in body(refused)
    there = world.client.post(address, {"to": [str(world.pharmacy.pk)], "before": "oui", "add": "1"})
    assert there.status_code == 409
    assert "participe déjà" in body(there)
    assert talk.participants.count() == 2


def test_an_account_takes_out_whom_it_brought_in(world: World) -> None:
    talk = world.talk()
    theirs = talk.participants.get(member=world.pharmacy)
    mine = talk.participants.get(member=world.unit)
    by_them = client_of(world.pharmacist).post(world.url("participant_remove", world.pharmacy, talk.pk, mine.pk))
    assert by_them.status_code == 403
    done = world.client.post(world.url("participant_remove", None, talk.pk, theirs.pk))
    assert done.status_code == 302
    theirs.refresh_from_db()
    assert (theirs.ended_kind, theirs.ended_for) == ("removed", world.unit)
    assert client_of(world.pharmacist).get(world.url("conversation", world.pharmacy, talk.pk)).status_code == 404
    assert world.client.post(world.url("participant_remove", None, talk.pk, theirs.pk)).status_code == 404


def test_leaving_ends_reading_and_nothing_is_lost(world: World) -> None:
    talk = world.talk()
    left = client_of(world.pharmacist).post(world.url("conversation_leave", world.pharmacy, talk.pk))
    assert left.status_code == 302
    assert client_of(world.pharmacist).get(world.url("conversation", world.pharmacy, talk.pk)).status_code == 404
    page = body(world.client.get(world.url("conversation", None, talk.pk)))
    assert "Aucun autre participant" in page
    assert "Personne d’autre ne peut plus lire cette conversation" in page


@pytest.mark.parametrize(
    ("route", "column"), [("conversation_mute", "muted_at"), ("conversation_archive", "archived_at")]
)
def test_silence_and_putting_away_are_the_account_s(world: World, route: str, column: str) -> None:
    talk = world.talk()
    for on in ("1", "1", "0"):
        world.client.post(world.url(route, None, talk.pk), {"on": on})
        row = talk.participants.get(member=world.unit)
        assert (getattr(row, column) is not None) == (on == "1")
    assert getattr(talk.participants.get(member=world.pharmacy), column) is None
    assert (
        JournalEntry.objects.filter(
            verb=route.replace("conversation_mute", "conversation.muted").replace(
                "conversation_archive", "conversation.archived"
            )
        ).count()
        == 2
    )


def test_what_is_put_away_stands_in_its_own_list(world: World) -> None:
    talk = world.talk()
    world.client.post(world.url("conversation_archive", None, talk.pk), {"on": "1"})
    door = world.url("space", None, "discussions")
    assert "Relais à domicile" not in body(world.client.get(door))
    assert "Relais à domicile" in body(world.client.get(door + "?liste=archivees"))


@pytest.mark.parametrize(
    "route", ["conversation", "messages_after", "conversation_title", "conversation_dossier", "participants"]
)
def test_the_conversation_of_another_account_is_not_there(world: World, route: str) -> None:
    """One may act in both accounts: it is the account of the address that takes part, or not."""
    talk = world.talk()
    assert world.client.get(world.url(route, world.own, talk.pk)).status_code == 404
    assert world.client.post(world.url(route, world.own, talk.pk), {}).status_code in (404, 405)


# --- The linked dossier ----------------------------------------------------------------------------------------------


def test_a_linked_dossier_opens_to_its_circle_alone(world: World) -> None:
    talk = world.talk()
    dossier = a_dossier(acting(world.user, world.unit, Space.DOSSIERS), family_name="Cazalbou")
    done = world.client.post(world.url("conversation_dossier", None, talk.pk), {"dossier": str(dossier.pk)})
    assert done.status_code == 302
    assert "Ouvrir le dossier lié" in body(world.client.get(world.url("conversation", None, talk.pk)))
    theirs = body(client_of(world.pharmacist).get(world.url("conversation", world.pharmacy, talk.pk)))
    assert "Un dossier est lié" in theirs
    assert "Cazalbou" not in theirs
    assert str(dossier.pk) not in theirs
    entry = JournalEntry.objects.get(verb="conversation.linked")
    assert entry.details == {"dossier": str(dossier.pk)}


def test_only_a_dossier_that_one_opens_is_linked(world: World) -> None:
    talk, other = world.talk(), person("Rémi", "Aubrespin")
    publish()
    theirs = a_dossier(acting(other, account_of(other), Space.DOSSIERS))
    address = world.url("conversation_dossier", None, talk.pk)
    answers = [world.client.post(address, {"dossier": str(key)}) for key in (theirs.pk, uuid.uuid4())]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert "Cazalbou" not in body(answers[0])
    talk.refresh_from_db()
    assert talk.dossier_id is None


def test_discussions_alone_link_no_dossier(world: World) -> None:
    talk = world.talk()
    refused = client_of(world.pharmacist).get(world.url("conversation_dossier", world.pharmacy, talk.pk))
    assert refused.status_code == 403
    assert "ne vous sont pas ouverts" in body(refused)
