"""Conversations: the list, how one begins, the title, the search."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, JournalEntry, Notification
from accounts.states import AccountState
from delegations.periods import period
from delegations.scopes import Scope, Space
from tests.delegations.people import account_of, client_of, person, publish
from tests.factories import DelegationFactory, ProfessionalFactory
from tests.workspace.making import acting
from tests.workspace.talking import World, body
from workspace.access import participation_or_404
from workspace.models import Conversation, Message, Participant
from workspace.services.discussions_reading import short_moment
from workspace.services.participants import add_participants

pytestmark = pytest.mark.django_db


def status(response: object) -> int:
    return response.status_code  # type: ignore[attr-defined, no-any-return]


# --- The list --------------------------------------------------------------------------------------------------------


def test_the_list_says_title_people_hour_and_what_is_not_read(world: World) -> None:
    talk = world.talk()
    page = body(client_of(world.pharmacist).get(world.url("space", world.pharmacy, "discussions")))
    assert "Relais à domicile" in page
    assert '<p class="muted small">Unité des Tilleuls</p>' in page
    assert '<li class="unread">' in page
    assert '<span class="visually-hidden">non lus\xa0: </span>1</span>' in page
    client_of(world.pharmacist).get(world.url("conversation", world.pharmacy, talk.pk))
    page = body(client_of(world.pharmacist).get(world.url("space", world.pharmacy, "discussions")))
    assert '<li class="unread">' not in page


def test_unread_messages_are_counted_to_99(world: World) -> None:
    talk, who = world.talk(), acting(world.user, world.unit, Space.DISCUSSIONS)
    rows = [Message(conversation=talk, text="Mot", **who.written()) for _ in range(150)]
    last = Message.objects.bulk_create(rows)[-1]
    Conversation.objects.filter(pk=talk.pk).update(last_message_id=last.pk)
    page = body(client_of(world.pharmacist).get(world.url("space", world.pharmacy, "discussions")))
    assert "</span>99+</span>" in page


def test_an_empty_list_says_what_to_do(world: World) -> None:
    page = body(world.client.get(world.url("space", world.own, "discussions")))
    assert "Aucune conversation" in page
    assert world.url("conversation_begin", world.own) in page
    assert "Rien n’est rangé" in body(
        world.client.get(world.url("space", world.own, "discussions") + "?liste=archivees")
    )


def test_older_conversations_are_one_link_away(world: World) -> None:
    for number in range(45):
        world.talk(f"Conversation {number}")
    seen, address = [], world.url("space", None, "discussions")
    while address:
        page = world.client.get(address)
        seen += [line.conversation.pk for line in page.context["lines"]]
        address = page.context["older_url"]
    assert len(seen) == len(set(seen)) == 45


def test_the_list_asks_as_many_queries_for_1_and_for_20(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    counts, address = [], world.url("space", None, "discussions")
    for more in (1, 19):
        for number in range(more):
            world.talk(
                f"Conversation {more} {number}", "Bonjour.", world.pharmacy, ProfessionalFactory(signed_in=True).account
            )
        publish()
        with django_assert_max_num_queries(30) as seen:
            world.client.get(address)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_moments_are_said_as_people_say_them() -> None:
    now = timezone.make_aware(timezone.datetime(2026, 11, 26, 12))
    said = {
        days: short_moment(
            timezone.make_aware(timezone.datetime(2026, 11, 26, 9, 40)) - timezone.timedelta(days=days), now
        )
        for days in (0, 1, 2, 6, 7, 330)
    }
    assert said == {0: "9\xa0h\xa040", 1: "Hier", 2: "Mardi", 6: "Vendredi", 7: "19\xa0nov.", 330: "31\xa0déc.\xa02025"}


# --- Beginning -------------------------------------------------------------------------------------------------------


def test_a_conversation_begins_with_its_first_message(world: World) -> None:
    made = world.begin()
    talk = Conversation.objects.get()
    assert status(made) == 302
    assert made["Location"] == world.url("conversation", None, talk.pk)  # type: ignore[index]
    members = set(talk.participants.values_list("member", flat=True))
    assert members == {world.unit.pk, world.pharmacy.pk}
    verbs = list(JournalEntry.objects.filter(account=world.unit).order_by("pk").values_list("verb", flat=True))
    assert verbs[-3:] == ["conversation.begun", "participant.added", "message.sent"]
    assert Notification.objects.filter(recipient=world.pharmacist, kind="workspace.message").count() == 1


def test_begun_twice_with_one_key_is_one_conversation(world: World) -> None:
    key = uuid.uuid4()
    first, second = (world.begin(client_key=key) for _ in range(2))
    assert first["Location"] == second["Location"]  # type: ignore[index]
    assert Conversation.objects.count() == Message.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": " "}, "Donnez un titre à la conversation."),
        ({"title": "x" * 151}, "150 caractères au plus"),
        ({"to": []}, "Choisissez au moins un destinataire."),
        ({"to": [str(uuid.uuid4())]}, "n’est pas dans l’annuaire"),
        ({"text": "\u200b "}, "Écrivez un message."),
        ({"text": "x" * 10_001}, "raccourcissez-le"),
    ],
)
def test_what_does_not_suit_is_said_and_nothing_typed_is_lost(
    world: World, changes: dict[str, object], sentence: str
) -> None:
    refused = world.begin(**changes)
    page = body(refused)
    assert status(refused) == 400
    assert sentence in page
    assert not Conversation.objects.exists()
    if "title" not in changes:
        assert 'value="Sortie lundi"' in page
    if "to" not in changes:
        assert "Pharmacie du Pont" in page


def test_a_listed_account_is_not_written_to(world: World) -> None:
    refused = world.begin(to=[str(world.listed.pk)])
    assert status(refused) == 409
    assert "n’utilise pas encore SPICO" in body(refused)
    page = body(world.client.get(world.url("conversation_begin") + f"?a={world.listed.pk}"))
    assert "Téléphonez, avec les coordonnées de sa fiche" in page
    assert 'name="to" value="' + str(world.listed.pk) + '" id="c-1" disabled' in page


@pytest.mark.parametrize("state", [AccountState.FROZEN, AccountState.CLOSED])
def test_a_frozen_or_closed_account_is_not_written_to(world: World, state: AccountState) -> None:
    Account.objects.filter(pk=world.pharmacy.pk).update(state=state)
    refused = world.begin()
    assert status(refused) == 409
    assert "on ne peut plus lui écrire" in body(refused)
    assert not Conversation.objects.exists()


def test_acting_for_another_nobody_brings_in_their_own(world: World) -> None:
    """Rule 4, for one's own account and for those that one may act in."""
    DelegationFactory(holder=world.own, account=world.pharmacy)
    for account in (world.own, world.pharmacy):
        refused = world.begin(to=[str(account.pk)])
        assert status(refused) == 403
        assert "l’accès doit finir avec votre délégation" in body(refused)
    assert status(world.begin(world.own)) == 302


def test_recipients_are_looked_for_and_what_was_typed_stays(world: World) -> None:
    page = body(world.begin(look="1", find="ssiad", title="Un titre", text="Un texte."))
    assert "SSIAD du Lot" in page
    assert 'value="Un titre"' in page
    assert "Un texte." in page
    assert "Pharmacie du Pont" in page
    assert "Donnez un titre" not in body(world.begin(look="1", find="ssiad", title=""))
    assert "Rien dans l’annuaire" in body(world.begin(look="1", find="zzzzqqq"))


def test_changing_account_keeps_what_was_typed(world: World) -> None:
    page = body(world.client.get(world.url("conversation_begin")))
    other = world.url("conversation_begin", world.own)
    assert f'formaction="{other}"' in page
    changed = world.begin(world.own, change="1", title="Un titre")
    assert status(changed) == 200
    assert 'value="Un titre"' in body(changed)
    assert not Conversation.objects.exists()


def test_only_who_has_the_discussions_begins(world: World) -> None:
    DelegationFactory(holder=account_of(world.pharmacist), account=world.unit, scope=Scope.DOSSIER)
    refused = client_of(world.pharmacist).post(world.url("conversation_begin"), {"title": "x", "text": "y"})
    assert refused.status_code == 404


def test_write_stands_on_the_pages_of_the_directory(world: World) -> None:
    for account, said in ((world.pharmacy, "Au nom de"), (world.listed, "n’utilise pas encore SPICO")):
        page = body(world.client.get(reverse("directory:structure", args=[account.structure.finess])))
        assert '<h2 id="h-ecrire"' in page
        assert said in page
    page = body(world.client.get(reverse("directory:structure", args=[world.pharmacy.structure.finess])))
    own, unit = (page.index(f'<option value="{account.pk}">') for account in (world.own, world.unit))
    assert own < unit
    mine = body(world.client.get(world.own.professional.get_absolute_url()))
    assert "h-ecrire" not in mine


def test_write_leads_to_the_account_one_writes_for(world: World) -> None:
    address = reverse("spaces:write_to")
    chosen = world.client.get(address, {"de": world.unit.pk, "a": world.pharmacy.pk})
    assert chosen["Location"] == world.url("conversation_begin") + f"?a={world.pharmacy.pk}"
    own = world.client.get(address, {"a": world.pharmacy.pk})
    assert own["Location"] == world.url("conversation_begin", world.own) + f"?a={world.pharmacy.pk}"
    assert "checked" in body(world.client.get(own["Location"]))
    for wrong in ({"a": "x"}, {"de": "x", "a": world.pharmacy.pk}):
        assert world.client.get(address, wrong).status_code == 404


# --- Title -----------------------------------------------------------------------------------------------------------


def test_any_participant_changes_the_title(world: World) -> None:
    talk, client = world.talk(), client_of(world.pharmacist)
    address = world.url("conversation_title", world.pharmacy, talk.pk)
    done = client.post(address, {"title": "Relais\u202e de\nlundi", "seen": talk.title})
    talk.refresh_from_db()
    assert (done.status_code, talk.title) == (302, "Relais de lundi")
    assert JournalEntry.objects.filter(verb="conversation.titled", account=world.pharmacy).count() == 1


def test_of_two_who_change_the_title_the_second_sees_the_first(world: World) -> None:
    talk = world.talk()
    address = world.url("conversation_title", None, talk.pk)
    Conversation.objects.filter(pk=talk.pk).update(title="Celui d’avant")
    late = world.client.post(address, {"title": "Le mien", "seen": "Relais à domicile"})
    page = body(late)
    assert late.status_code == 409
    assert 'value="Le mien"' in page
    assert "Celui d’avant" in page
    again = world.client.post(address, {"title": "Le mien", "seen": "Celui d’avant"})
    assert again.status_code == 302


def test_the_title_of_a_solicitation_stays(world: World) -> None:
    who = acting(world.user, world.unit, Space.DISCUSSIONS)
    other = Conversation.objects.create(title="Avis sur une escarre", origin="solicitation", **who.written())
    Participant.objects.create(conversation=other, member=world.unit, period=period(who.at, None), **who.written())
    for response in (
        world.client.get(world.url("conversation_title", None, other.pk)),
        world.client.post(world.url("conversation_title", None, other.pk), {"title": "Autre", "seen": other.title}),
    ):
        assert response.status_code == 409
        assert "vient de son formulaire" in body(response)
    assert "Modifier le titre" not in body(world.client.get(world.url("conversation", None, other.pk)))


# --- Search ----------------------------------------------------------------------------------------------------------


def found(world: World, text: str, account: Account | None = None) -> list[str]:
    response = world.client.post(world.url("conversations_search", account), {"q": text})
    return [one.line.conversation.title for one in response.context["answer"].found]


def test_conversations_are_found_by_title_people_and_words(world: World) -> None:
    world.talk("Relais à domicile", "La visite d’Étienne est prévue vendredi.")
    world.talk("Planning des gardes", "Bonjour.", account_of(person("Naïma", "Belhartoun")))
    publish()
    assert found(world, "DOMICILE") == ["Relais à domicile"]
    assert found(world, "etienne vendredi") == ["Relais à domicile"]
    assert found(world, "visit") == ["Relais à domicile"]
    assert found(world, "belhartoun") == ["Planning des gardes"]
    assert found(world, "pharmacie") == ["Relais à domicile"]
    assert found(world, "inconnu") == []
    page = body(world.client.post(world.url("conversations_search"), {"q": "etienne"}))
    assert "Dans un message\xa0: «\xa0" in page
    assert "d’Étienne" in page


def test_search_finds_only_what_the_account_sees(world: World) -> None:
    talk, late = world.talk("Relais", "Le mot hibiscus."), person("Soline", "Carbonnac")
    publish()
    who = acting(world.user, world.unit, Space.DISCUSSIONS)
    add_participants(who, participation_or_404(who, talk.pk), [account_of(late).pk], see_what_came_before=False)
    assert found(world, "hibiscus") == ["Relais"]
    assert found(world, "hibiscus", world.own) == []
    theirs = client_of(late).post(world.url("conversations_search", account_of(late)), {"q": "hibiscus"})
    assert theirs.context["answer"].found == []
    client_of(world.pharmacist).post(world.url("conversation_leave", world.pharmacy, talk.pk))
    gone = client_of(world.pharmacist).post(world.url("conversations_search", world.pharmacy), {"q": "hibiscus"})
    assert gone.context["answer"].found == []


@pytest.mark.parametrize("text", ["", "   ", "de la", "'", "a' | b:*", "\\", "!!", "x" * 5_000, "\x00", "( & )"])
def test_anything_may_be_looked_for(world: World, text: str) -> None:
    world.talk()
    assert world.client.post(world.url("conversations_search"), {"q": text}).status_code == 200


def test_what_is_looked_for_stands_in_no_address_and_no_journal(world: World) -> None:
    world.talk(text="hibiscus")
    assert found(world, "hibiscus")
    entry = JournalEntry.objects.get(verb="conversation.searched")
    assert entry.details == {"found": 1}
    page = body(world.client.get(world.url("conversations_search") + "?q=hibiscus"))
    assert "hibiscus" not in page


def test_common_words_are_found_in_the_newest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from workspace.services import discussions_search  # noqa: PLC0415

    monkeypatch.setattr(discussions_search, "OFTEN", 0)
    for number in range(3):
        world.talk(f"Conversation {number}", "Passage demain.")
    assert found(world, "passage") == ["Conversation 2", "Conversation 1", "Conversation 0"]


def test_search_asks_as_many_queries_for_1_and_for_20(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    counts = []
    for more in (1, 18):
        for number in range(more):
            world.talk(f"Conversation {more} {number}", "Le mot hibiscus.")
        with django_assert_max_num_queries(40) as seen:
            assert found(world, "hibiscus")
        counts.append(len(seen))
    assert counts[0] == counts[1]
