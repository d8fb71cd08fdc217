"""The table of the guide, played on the running system: page and behaviour cannot differ.

The cells of favourite groups and resource teams have no scenario until these exist: `LATER`.
"""

import re
import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from delegations.scopes import Space
from tests.delegations.people import Cast, account_of, person
from tests.factories import DelegationFactory
from tests.workspace.making import a_dossier, acting
from workspace.models import Conversation, ConversationOrigin, Message
from workspace.policy import ANSWERS, Mode, Question, Verdict, title_may_change, verdict_words
from workspace.services.discussions import begin_conversation

pytestmark = pytest.mark.django_db


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def yes(is_so: bool) -> Verdict:
    return Verdict.YES if is_so else Verdict.NO


# --- What is tried, by somebody who is attached or who holds everything -----------------------------------------------


def shares(cast: Cast, client: Client) -> bool:
    """A colleague who holds everything wrote a dossier in the account: is it read?"""
    colleague = person("Nadège", "Combettes")
    DelegationFactory(holder=account_of(colleague), account=cast.account)
    dossier = a_dossier(acting(colleague, cast.account, Space.DOSSIERS))
    return client.get(reverse("spaces:dossier", args=[cast.account.pk, dossier.pk])).status_code == 200


def talk(cast: Cast, origin: ConversationOrigin = ConversationOrigin.PLAIN) -> Conversation:
    """Begun by a stranger with the structure."""
    who = acting(cast.stranger, account_of(cast.stranger), Space.DISCUSSIONS)
    return begin_conversation(who, "Relais", [cast.account.pk], "Bonjour.", uuid.uuid4(), origin=origin)


def changes_the_title(cast: Cast, client: Client, origin: ConversationOrigin = ConversationOrigin.PLAIN) -> bool:
    begun = talk(cast, origin)
    address = reverse("spaces:conversation_title", args=[cast.account.pk, begun.pk])
    client.post(address, {"title": "Un autre titre", "seen": begun.title})
    begun.refresh_from_db()
    return begun.title == "Un autre titre"


def exchanges(cast: Cast, client: Client) -> bool:
    """Reads what was written to the account, and answers in its name."""
    begun = talk(cast)
    address = reverse("spaces:conversation", args=[cast.account.pk, begun.pk])
    is_read = "Bonjour." in text(client.get(address))
    client.post(address, {"text": "Bien reçu.", "client_key": str(uuid.uuid4())})
    return is_read and Message.objects.filter(conversation=begun, account=cast.account, text="Bien reçu.").exists()


def found_in_the_directory(cast: Cast) -> bool:
    """By somebody who knows nobody there."""
    page = cast.client("stranger").get(reverse("directory:search"), {"q": "genêts du causse"})
    return cast.structure.get_absolute_url() in text(page)


# The forms of a page that write to an account, whatever the address that they lead to.
WRITES = re.compile(r'<form[^>]* action="([^"]+)"><input type="hidden" name="a" value="([^"]+)"')


def is_solicited_by_a_form(cast: Cast, receiver: User) -> bool:
    """A stranger follows each way to write that stands on the page of the structure and on that of the receiver: is
    there one by which what is sent is a solicitation?"""
    client, own = cast.client("stranger"), account_of(cast.stranger)
    found = set()
    for listed in (cast.structure, receiver.account.professional):
        ways = WRITES.findall(text(client.get(listed.get_absolute_url())))
        assert ways
        for way, account in ways:
            assert account == str(listed.account_id)
            [(address, _)] = client.get(way, {"a": account}, follow=True).redirect_chain
            assert address.startswith(reverse("spaces:conversation_begin", args=[own.pk]))
            typed = {"title": "Avis", "to": account, "text": "Bonjour.", "client_key": str(uuid.uuid4())}
            client.post(address, typed | {"send": "1"})
            begun = Conversation.objects.latest("created_at")
            assert begun.participants.filter(member=account).exists()
            found.add(begun.origin)
    return ConversationOrigin.SOLICITATION in found


def attached_is_found(cast: Cast) -> Verdict:
    listed = cast.attached.account.professional.get_absolute_url()
    people = text(cast.client("stranger").get(cast.structure.get_absolute_url()))
    return yes(found_in_the_directory(cast) and listed in people)


def holder_is_found(cast: Cast) -> Verdict:
    """The account is; that this person holds it is not told."""
    listed = cast.total.account.professional.get_absolute_url()
    people = text(cast.client("stranger").get(cast.structure.get_absolute_url()))
    return Verdict.NOT_ALONE if found_in_the_directory(cast) and listed not in people else Verdict.YES


Scenario = Callable[[Cast], Verdict]
SCENARIOS: dict[tuple[Mode, Question], Scenario] = {
    (Mode.ATTACHMENT, Question.SHARE): lambda cast: yes(shares(cast, cast.client("attached"))),
    (Mode.ATTACHMENT, Question.FOUND): attached_is_found,
    (Mode.ATTACHMENT, Question.FORM): lambda cast: yes(is_solicited_by_a_form(cast, cast.attached)),
    (Mode.ATTACHMENT, Question.TITLE): lambda cast: yes(changes_the_title(cast, cast.client("attached"))),
    (Mode.ATTACHMENT, Question.MESSAGES): lambda cast: yes(exchanges(cast, cast.client("attached"))),
    (Mode.DELEGATION, Question.SHARE): lambda cast: yes(shares(cast, cast.client("total"))),
    (Mode.DELEGATION, Question.FOUND): holder_is_found,
    (Mode.DELEGATION, Question.FORM): lambda cast: yes(is_solicited_by_a_form(cast, cast.total)),
    (Mode.DELEGATION, Question.TITLE): lambda cast: yes(changes_the_title(cast, cast.client("total"))),
    (Mode.DELEGATION, Question.MESSAGES): lambda cast: yes(exchanges(cast, cast.client("total"))),
}
LATER = {Mode.FAVORITE_GROUP, Mode.RESOURCE_TEAM}


def test_each_mode_answers_each_question() -> None:
    assert set(ANSWERS) == set(Mode)
    assert all(set(answers) == set(Question) for answers in ANSWERS.values())
    assert set(SCENARIOS) == {(mode, question) for mode in Mode if mode not in LATER for question in Question}


@pytest.mark.parametrize(("mode", "question"), SCENARIOS)
def test_the_table_says_what_happens(cast: Cast, mode: Mode, question: Question) -> None:
    assert SCENARIOS[mode, question](cast) == ANSWERS[mode][question].verdict


@pytest.mark.parametrize("mode", Mode)
def test_each_answer_leads_somewhere_that_exists(mode: Mode) -> None:
    for answer in ANSWERS[mode].values():
        assert answer.sentence.endswith(".")
        assert not answer.route or reverse(answer.route)


@pytest.mark.parametrize(
    ("mode", "question", "words"),
    [
        (Mode.DELEGATION, Question.FOUND, "Pas à elle seule"),
        (Mode.RESOURCE_TEAM, Question.SHARE, "Pas à elle seule"),
        (Mode.FAVORITE_GROUP, Question.FOUND, "Pas à lui seul"),
        (Mode.DELEGATION, Question.SHARE, "Oui"),
        (Mode.ATTACHMENT, Question.SHARE, "Non"),
    ],
)
def test_a_verdict_agrees_with_its_mode(mode: Mode, question: Question, words: str) -> None:
    assert verdict_words(mode, question) == words


@pytest.mark.parametrize("origin", ConversationOrigin)
def test_the_title_of_a_solicitation_alone_stays(cast: Cast, origin: ConversationOrigin) -> None:
    changed = changes_the_title(cast, cast.client("total"), origin)
    assert changed == title_may_change(origin) == (origin != ConversationOrigin.SOLICITATION)
