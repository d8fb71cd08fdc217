"""Conversations: the list, how one begins, who takes part, the title, the linked dossier, the search."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, JournalEntry, Notification, User
from accounts.states import AccountState
from delegations.periods import period
from delegations.scopes import Scope, Space
from tests.delegations.people import account_of, client_of, person, publish
from tests.factories import DelegationFactory, InternalOrganisationFactory, ProfessionalFactory, StructureFactory
from tests.workspace.making import a_conversation, a_dossier, acting
from workspace.access import participation_or_404
from workspace.models import Conversation, Message, Participant
from workspace.services.discussions_reading import short_moment
from workspace.services.messages import send_message
from workspace.services.participants import add_participants

pytestmark = pytest.mark.django_db


class World:
    """A person who holds everything on a unit, which talks with a pharmacy; and a listed structure."""

    def __init__(self) -> None:
        self.user = person("Hélène", "Vaysserat")
        self.own = account_of(self.user)
        self.unit: Account = InternalOrganisationFactory(account__state="open", name="Unité des Tilleuls").account
        self.pharmacy: Account = StructureFactory(open_account=True, name="Pharmacie du Pont").account
        self.listed: Account = StructureFactory(name="SSIAD du Lot").account
        self.pharmacist = person("Paulin", "Estorgues")
        DelegationFactory(holder=self.own, account=self.unit)
        DelegationFactory(holder=account_of(self.pharmacist), account=self.pharmacy, scope=Scope.DISCUSSIONS)
        publish()
        self.client = client_of(self.user)

    def url(self, route: str, account: Account | None = None, *more: object) -> str:
        return reverse(f"spaces:{route}", args=[(account or self.unit).pk, *more])

    def talk(self, title: str = "Relais à domicile", text: str = "Bonjour.", *others: Account) -> Conversation:
        return a_conversation(
            acting(self.user, self.unit, Space.DISCUSSIONS), *(others or (self.pharmacy,)), title=title, text=text
        )

    def begin(self, account: Account | None = None, **more: object) -> object:
        data = {"title": "Sortie lundi", "text": "Bonjour.", "to": [str(self.pharmacy.pk)], "client_key": uuid.uuid4()}
        return self.client.post(self.url("conversation_begin", account), data | more)

    def place(self, conversation: Conversation, user: User, account: Account) -> Participant:
        return participation_or_404(acting(user, account, Space.DISCUSSIONS), conversation.pk)


@pytest.fixture
def world(db: None) -> World:
    return World()


def body(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


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
    assert "Appelez-le avec les coordonnées de sa fiche" in page
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
