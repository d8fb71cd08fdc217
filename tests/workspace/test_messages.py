"""Messages: written once, told without a word, read by whoever may, and nothing typed lost."""

import uuid
from datetime import timedelta

import pytest
from django.db.models import Value
from django.db.models.functions import Concat, Lower
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, JournalEntry, Notification, OutgoingMail, User
from accounts.states import AccountState
from delegations.errors import Refused
from delegations.models import Delegation
from delegations.periods import period
from delegations.scopes import Scope, Space
from delegations.services import end_delegation
from tests.delegations.people import account_of, client_of, make_cast, person, publish
from tests.factories import DelegationFactory, InternalOrganisationFactory
from tests.workspace.making import a_conversation, acting
from workspace.access import participation_or_404
from workspace.models import Conversation, Message, Participant, ReadMark
from workspace.services.messages import send_message
from workspace.services.participants import archive, mute

pytestmark = pytest.mark.django_db


class Talk:
    """Between a person (`mine`) and a unit, in which two colleagues have the discussions."""

    def __init__(self) -> None:
        self.me, self.one, self.two, self.stranger = (
            person("Rémi", "Aubrespin"),
            person("Hélène", "Vaysserat"),
            person("Paulin", "Estorgues"),
            person("Maïlis", "Tournemirande"),
        )
        self.mine = account_of(self.me)
        self.unit: Account = InternalOrganisationFactory(
            account__state=AccountState.OPEN, name="Unité des Tilleuls"
        ).account
        DelegationFactory(holder=account_of(self.one), account=self.unit)
        DelegationFactory(holder=account_of(self.two), account=self.unit, scope=Scope.DISCUSSIONS)
        publish()
        self.conversation = a_conversation(acting(self.me, self.mine, Space.DISCUSSIONS), self.unit)
        self.sees_both = (self.mine, self.unit)

    def send(self, user: User, account: Account, text: str, key: uuid.UUID | None = None) -> Message:
        who = acting(user, account, Space.DISCUSSIONS)
        return send_message(who, participation_or_404(who, self.conversation.pk), text, key or uuid.uuid4())

    def address(self, account: Account, route: str = "conversation") -> str:
        return reverse(f"spaces:{route}", args=[account.pk, self.conversation.pk])

    def post(self, client: Client, account: Account, text: str, **more: object) -> object:
        return client.post(self.address(account), {"text": text, "client_key": str(uuid.uuid4()), **more})


@pytest.fixture
def talk(db: None) -> Talk:
    return Talk()


def body(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def test_a_message_shows_the_account_and_who_wrote_it(talk: Talk) -> None:
    client = client_of(talk.one)
    sent = client.post(talk.address(talk.unit), {"text": "Nous passons vendredi.", "client_key": str(uuid.uuid4())})
    message = Message.objects.latest("pk")
    assert (sent.status_code, sent["Location"]) == (302, f"{talk.address(talk.unit)}#m-{message.pk}")
    page = body(client_of(talk.me).get(talk.address(talk.mine)))
    assert "<strong>Unité des Tilleuls</strong>, écrit par Hélène Vaysserat" in page
    assert f'id="m-{message.pk}"' in page
    assert f'data-last="{message.pk}"' in page
    ours = body(client.get(talk.address(talk.unit)))
    assert "Signé «\xa0Unité des Tilleuls, écrit par Hélène Vaysserat\xa0»" in ours
    assert f'<li id="m-{message.pk}" class="ours">' in ours


def test_ones_own_messages_are_not_in_violet(talk: Talk) -> None:
    page = body(client_of(talk.me).get(talk.address(talk.mine)))
    assert 'class="ours ours-own"' in page
    assert "who-name" not in page.partition('id="messages"')[2]


def test_a_message_moves_the_conversation_and_the_journal_keeps_it(talk: Talk) -> None:
    message = talk.send(talk.two, talk.unit, "Bien reçu.")
    talk.conversation.refresh_from_db()
    assert talk.conversation.last_message_id == message.pk
    assert talk.conversation.last_message_at == message.created_at
    entry = JournalEntry.objects.get(verb="message.sent")
    assert (entry.actor, entry.account, entry.object_key) == (talk.two, talk.unit, str(message.pk))
    assert entry.details == {"conversation": str(talk.conversation.pk)}
    assert ReadMark.objects.get(user=talk.two, account=talk.unit).message_id == message.pk


def test_the_same_key_is_written_once(talk: Talk) -> None:
    key = uuid.uuid4()
    first, second = (talk.send(talk.one, talk.unit, "Bien reçu.", key) for _ in range(2))
    assert first == second
    assert Message.objects.filter(text="Bien reçu.").count() == 1
    assert JournalEntry.objects.filter(verb="message.sent").count() == 1


def test_a_key_used_elsewhere_is_refused_with_a_sentence(talk: Talk) -> None:
    key = uuid.uuid4()
    talk.send(talk.one, talk.unit, "Bien reçu.", key)
    other = a_conversation(acting(talk.me, talk.mine, Space.DISCUSSIONS), account_of(talk.one))
    own = account_of(talk.one)
    client = client_of(talk.one)
    address = reverse("spaces:conversation", args=[own.pk, other.pk])
    refused = client.post(address, {"text": "Autre chose.", "client_key": str(key)})
    assert refused.status_code == 409
    assert "Autre chose." in body(refused)


@pytest.mark.parametrize("key", ["", "pas-une-clé", "1"])
def test_a_message_without_its_key_is_sent_all_the_same(talk: Talk, key: str) -> None:
    response = client_of(talk.me).post(talk.address(talk.mine), {"text": "Sans clé.", "client_key": key})
    assert response.status_code == 302
    assert Message.objects.filter(text="Sans clé.").count() == 1


@pytest.mark.parametrize("text", ["", "   \n\t ", "\u200b\u2060", "\u202e", "\x00\x07", "\u00a0\u3000"])
def test_a_message_that_says_nothing_is_refused(talk: Talk, text: str) -> None:
    before = Message.objects.count()
    refused = talk.post(client_of(talk.me), talk.mine, text)
    assert refused.status_code == 400  # type: ignore[attr-defined]
    assert "Écrivez un message." in body(refused)
    assert Message.objects.count() == before


def test_a_message_of_a_megabyte_is_refused_and_kept(talk: Talk) -> None:
    text = "Bonjour. " * 116_509
    refused = talk.post(client_of(talk.me), talk.mine, text)
    page = body(refused)
    assert refused.status_code == 400  # type: ignore[attr-defined]
    assert "raccourcissez-le à 10\u202f000 au plus" in page
    assert text.strip() in page


def test_a_script_is_shown_as_it_was_typed(talk: Talk) -> None:
    talk.post(client_of(talk.me), talk.mine, "<script>alert(1)</script> https://exemple.fr \u202eelif")
    page = body(client_of(talk.one).get(talk.address(talk.unit)))
    said = page.partition('id="messages"')[2].partition("</ol>")[0]
    assert "&lt;script&gt;alert(1)&lt;/script&gt; https://exemple.fr elif" in said
    assert "<script" not in said
    assert "<a " not in said


def test_only_who_has_the_discussions_writes(talk: Talk) -> None:
    for account in talk.sees_both:
        assert talk.post(client_of(talk.stranger), account, "Bonjour.").status_code == 404  # type: ignore[attr-defined]
    DelegationFactory(holder=account_of(talk.stranger), account=talk.unit, scope=Scope.DOSSIER)
    assert client_of(talk.stranger).get(talk.address(talk.unit)).status_code == 404
    assert client_of(talk.stranger).get(talk.address(talk.unit, "messages_after")).status_code == 404
    assert Message.objects.count() == 1


def test_a_conversation_of_others_is_as_one_that_does_not_exist(talk: Talk) -> None:
    own = account_of(talk.stranger)
    client = client_of(talk.stranger)
    theirs = client.get(reverse("spaces:conversation", args=[own.pk, talk.conversation.pk]))
    missing = client.get(reverse("spaces:conversation", args=[own.pk, uuid.uuid4()]))
    assert (theirs.status_code, missing.status_code) == (404, 404)
    assert client.get(reverse("spaces:conversation_mine", args=[talk.conversation.pk])).status_code == 404


def test_revoked_reads_and_writes_no_more(talk: Talk) -> None:
    client, row = client_of(talk.one), Delegation.objects.get(holder__user=talk.one)
    assert client.get(talk.address(talk.unit)).status_code == 200
    end_delegation(talk.one, row, "", timezone.now())
    assert client.get(talk.address(talk.unit)).status_code == 404
    assert talk.post(client, talk.unit, "Encore là.").status_code == 404  # type: ignore[attr-defined]


# --- Who is told -----------------------------------------------------------------------------------------------------


def told(user: User) -> int:
    return Notification.objects.filter(recipient=user, kind="workspace.message").count()


def test_others_are_told_once_until_they_read(talk: Talk) -> None:
    for text in ("Premier.", "Second."):
        talk.send(talk.me, talk.mine, text)
    assert [told(one) for one in (talk.me, talk.one, talk.two, talk.stranger)] == [0, 1, 1, 0]
    client_of(talk.one).get(talk.address(talk.unit))
    assert Notification.objects.get(recipient=talk.one).read_at is not None
    talk.send(talk.me, talk.mine, "Troisième.")
    assert [told(one) for one in (talk.one, talk.two)] == [2, 1]


def test_who_is_reading_gets_no_mail_for_each_answer(talk: Talk) -> None:
    User.objects.filter(pk__in=[talk.one.pk, talk.two.pk]).update(
        email=Lower(Concat("username", Value("@spico.example")))
    )
    client_of(talk.one).get(talk.address(talk.unit))
    talk.send(talk.me, talk.mine, "Bonjour.")
    assert (told(talk.one), told(talk.two)) == (1, 1)
    assert [mail.recipient for mail in OutgoingMail.objects.all()] == [talk.two]


def test_what_is_told_has_no_word_of_the_conversation(talk: Talk) -> None:
    talk.send(talk.me, talk.mine, "Madame Cazalbou a chuté.")
    notice = Notification.objects.get(recipient=talk.one)
    assert notice.text == "Un message vous attend dans vos discussions\xa0: Rémi Aubrespin vous a écrit."
    assert "Relais" not in notice.text
    led = client_of(talk.one).get(notice.path)
    assert (led.status_code, led["Location"]) == (302, talk.address(talk.unit))


def test_a_colleague_who_did_not_write_is_told_of_the_answer(talk: Talk) -> None:
    talk.send(talk.one, talk.unit, "Qui passe vendredi ?")
    assert (told(talk.me), told(talk.two)) == (1, 0)
    talk.send(talk.me, talk.mine, "Moi.")
    assert told(talk.two) == 1


def test_silence_tells_nobody_of_the_account(talk: Talk) -> None:
    who = acting(talk.one, talk.unit, Space.DISCUSSIONS)
    mute(who, participation_or_404(who, talk.conversation.pk), is_muted=True)
    talk.send(talk.me, talk.mine, "Bonjour.")
    assert (told(talk.one), told(talk.two)) == (0, 0)


def test_a_message_brings_back_what_was_put_away(talk: Talk) -> None:
    who = acting(talk.one, talk.unit, Space.DISCUSSIONS)
    archive(who, participation_or_404(who, talk.conversation.pk), is_archived=True)
    assert "Relais" not in body(client_of(talk.two).get(reverse("spaces:space", args=[talk.unit.pk, "discussions"])))
    talk.send(talk.me, talk.mine, "Bonjour.")
    assert "Relais" in body(client_of(talk.two).get(reverse("spaces:space", args=[talk.unit.pk, "discussions"])))


# --- What is read ----------------------------------------------------------------------------------------------------


def test_read_marks_are_of_a_person_in_an_account(talk: Talk) -> None:
    for user, account in ((talk.one, talk.unit), (talk.two, talk.unit)):
        door = reverse("spaces:space", args=[account.pk, "discussions"])
        assert "Vous avez tout lu." not in body(client_of(user).get(door))
    client_of(talk.one).get(talk.address(talk.unit))
    door = reverse("spaces:space", args=[talk.unit.pk, "discussions"])
    assert "Vous avez tout lu." in body(client_of(talk.one).get(door))
    assert "1\xa0conversation a des messages non lus." in body(client_of(talk.two).get(door))


def test_what_comes_after_is_drawn_as_the_page_draws_it(talk: Talk) -> None:
    client, first = client_of(talk.one), talk.conversation.messages.get()
    address = talk.address(talk.unit, "messages_after")
    client.get(talk.address(talk.unit))
    journal = JournalEntry.objects.count()
    assert client.get(address, {"apres": first.pk}).status_code == 204
    message = talk.send(talk.me, talk.mine, "Encore un mot.")
    journal_after = JournalEntry.objects.count()
    fragment = body(client.get(address, {"apres": first.pk}))
    assert JournalEntry.objects.count() == journal_after == journal + 1
    assert f'id="m-{message.pk}"' in fragment
    assert f'id="m-{first.pk}"' not in fragment
    assert 'class="day"' not in fragment
    assert fragment.strip().splitlines()[-1] in body(client.get(talk.address(talk.unit)))
    assert ReadMark.objects.get(user=talk.one).message_id == message.pk


def test_what_is_read_without_its_page_is_an_opening_too(talk: Talk) -> None:
    client, address = client_of(talk.one), talk.address(talk.unit, "messages_after")
    opened = JournalEntry.objects.filter(verb="conversation.opened", actor=talk.one, account=talk.unit)
    for times in (1, 2):
        assert "Bonjour." in body(client.get(address, {"apres": 0}))
        assert opened.count() == times


def test_another_text_under_the_same_key_is_not_taken_for_sent(talk: Talk) -> None:
    client, key = client_of(talk.me), str(uuid.uuid4())
    for _ in range(2):
        assert talk.post(client, talk.mine, "Premier texte.", client_key=key).status_code == 302
    page = talk.post(client, talk.mine, "Second texte.", client_key=key)
    assert (page.status_code, "Second texte." in body(page)) == (409, True)
    assert not Message.objects.filter(text="Second texte.").exists()


@pytest.mark.parametrize("number", ["", "x", "-1", "99999999999999999999999", "\u0661"])
def test_a_number_that_is_none_is_the_beginning(talk: Talk, number: str) -> None:
    address = talk.address(talk.unit, "messages_after")
    assert client_of(talk.one).get(address, {"apres": number}).status_code in (200, 204)
    assert client_of(talk.one).get(talk.address(talk.unit), {"avant": number}).status_code == 200


def test_a_fragment_is_answered_to_a_post_that_asks_for_one(talk: Talk) -> None:
    client, headers = client_of(talk.me), {"HX-Request": "true"}
    sent = client.post(talk.address(talk.mine), {"text": "Par la page."}, headers=headers)
    assert sent.status_code == 201
    assert "Par la page." in body(sent)
    assert "<html" not in body(sent)
    refused = client.post(talk.address(talk.mine), {"text": " "}, headers=headers)
    assert refused.status_code == 400
    assert "Écrivez un message." in body(refused)


def many(talk: Talk, count: int) -> None:
    who = acting(talk.me, talk.mine, Space.DISCUSSIONS)
    rows = [Message(conversation=talk.conversation, text=f"Mot {n}", **who.written()) for n in range(count)]
    last = Message.objects.bulk_create(rows)[-1]
    Conversation.objects.filter(pk=talk.conversation.pk).update(last_message_id=last.pk, last_message_at=who.at)


def test_older_messages_are_one_link_away(talk: Talk) -> None:
    many(talk, 120)
    client, seen = client_of(talk.one), 0
    page = client.get(talk.address(talk.unit))
    while True:
        seen += len(page.context["thread"].rows)
        if not page.context["older_messages"]:
            break
        page = client.get(page.context["older_messages"])
        assert "data-last" not in body(page)
    assert seen == 121
    assert ReadMark.objects.get(user=talk.one).message_id == Message.objects.latest("pk").pk


def test_a_conversation_asks_as_many_queries_for_1_message_and_for_20(
    talk: Talk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client, counts = client_of(talk.one), []
    client.get(talk.address(talk.unit))
    for more in (0, 19):
        many(talk, more) if more else None
        for _ in range(more):
            talk.send(talk.two, talk.unit, "Un mot.")
        with django_assert_max_num_queries(40) as seen:
            client.get(talk.address(talk.unit))
        counts.append(len(seen))
    assert counts[0] == counts[1]


# --- Accounts that close meanwhile -----------------------------------------------------------------------------------


def test_a_participant_that_closed_is_shown_so_and_others_go_on(talk: Talk) -> None:
    who = acting(talk.me, talk.mine, Space.DISCUSSIONS)
    other = account_of(talk.stranger)
    Participant.objects.create(
        conversation=talk.conversation, member=other, period=period(who.at, None), **who.written()
    )
    Account.objects.filter(pk=talk.unit.pk).update(state=AccountState.CLOSED)
    page = body(client_of(talk.me).get(talk.address(talk.mine)))
    assert "Unité des Tilleuls (compte fermé)" in page
    assert talk.post(client_of(talk.me), talk.mine, "On continue.").status_code == 302  # type: ignore[attr-defined]


def test_when_nobody_can_read_any_more_the_text_is_kept(talk: Talk) -> None:
    Account.objects.filter(pk=talk.unit.pk).update(state=AccountState.CLOSED)
    refused = talk.post(client_of(talk.me), talk.mine, "Y a-t-il quelqu’un ?")
    assert refused.status_code == 409  # type: ignore[attr-defined]
    assert "Personne d’autre ne peut plus lire cette conversation" in body(refused)
    assert "Y a-t-il quelqu’un\u202f?" in body(refused) or "Y a-t-il quelqu’un ?" in body(refused)


def test_a_frozen_account_reads_and_writes_no_more(talk: Talk) -> None:
    Account.objects.filter(pk=talk.unit.pk).update(state=AccountState.FROZEN)
    client = client_of(talk.one)
    assert 'id="repondre"' not in body(client.get(talk.address(talk.unit)))
    assert talk.post(client, talk.unit, "Bonjour.").status_code == 409  # type: ignore[attr-defined]
    with pytest.raises(Refused, match="gelé"):
        talk.send(talk.one, talk.unit, "Bonjour.")


def test_ended_by_the_clock_writes_no_more(talk: Talk) -> None:
    user = person("Jourdan", "Massabielle")
    DelegationFactory(holder=account_of(user), account=talk.unit, until=timezone.now() - timedelta(seconds=1))
    assert talk.post(client_of(user), talk.unit, "Bonjour.").status_code == 404  # type: ignore[attr-defined]


def test_the_cast_of_delegations_writes_as_the_rule_says(db: None) -> None:
    cast = make_cast()
    cast.all()
    conversation = a_conversation(acting(cast.stranger, account_of(cast.stranger), Space.DISCUSSIONS), cast.account)
    address = reverse("spaces:conversation", args=[cast.account.pk, conversation.pk])
    found = {name: cast.client(name).post(address, {"text": "Bonjour."}).status_code for name in cast.NAMES}
    assert found == {name: 302 if name in ("total", "partial") else 404 for name in cast.NAMES}
