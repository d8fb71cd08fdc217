"""What a page of a conversation is given to listen with, and what it tells of having been read."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Account, Notification, User
from accounts.notifications import tell
from accounts.states import AccountState
from delegations.scopes import Space
from delegations.services import end_delegation
from tests.delegations.people import account_of, client_of, person, publish
from tests.factories import DelegationFactory, InternalOrganisationFactory
from tests.workspace.making import a_conversation, acting
from workspace.access import participation_or_404
from workspace.models import Conversation, ReadMark
from workspace.services.messages_telling import KIND, address_for_all
from workspace.services.participants import leave_conversation
from workspace.streams.looking import NO_LONGER_OPEN, NO_LONGER_THERE, NOT_LISTED

pytestmark = pytest.mark.django_db


class Talk:
    def __init__(self) -> None:
        self.me: User = person("Rémi", "Aubrespin")
        self.mine = account_of(self.me)
        self.unit = InternalOrganisationFactory(account__state=AccountState.OPEN).account
        publish()
        self.conversation: Conversation = a_conversation(acting(self.me, self.mine, Space.DISCUSSIONS), self.unit)
        self.last = Conversation.objects.get().last_message_id
        self.client: Client = client_of(self.me)
        self.stream = f"/direct/espaces/{self.mine.pk}/discussions/{self.conversation.pk}/"

    def address(self, route: str = "conversation", account: Account | None = None) -> str:
        return reverse(f"spaces:{route}", args=[(account or self.mine).pk, self.conversation.pk])


@pytest.fixture
def talk() -> Talk:
    return Talk()


@pytest.mark.parametrize(
    ("url", "port", "where", "allowed"),
    [
        ("", 0, None, "connect-src 'self';"),
        ("/", 8001, "", "connect-src 'self';"),
        ("https://direct.example/", 0, "https://direct.example", "connect-src 'self' https://direct.example;"),
        ("", 8001, "http://testserver:8001", "connect-src 'self' http://testserver:8001;"),
    ],
)
def test_a_page_is_told_where_to_listen_and_may(
    talk: Talk, settings: Settings, url: str, port: int, where: str | None, allowed: str
) -> None:
    settings.LIVE_URL, settings.LIVE_PORT = url, port
    answer = talk.client.get(talk.address())
    page = answer.content.decode()
    if where is None:
        assert "data-stream" not in page
    else:
        assert f'data-stream="{where}{talk.stream}"' in page
    assert allowed in f"{answer['Content-Security-Policy']};"
    assert "connect-src 'self';" in f"{talk.client.get(reverse('pages:home'))['Content-Security-Policy']};"


def test_older_messages_are_not_listened_to(talk: Talk, settings: Settings) -> None:
    settings.LIVE_URL = "/"
    page = talk.client.get(talk.address(), {"avant": talk.last + 1}).content.decode()
    assert f'id="m-{talk.last}"' in page
    assert "data-stream" not in page
    assert "data-read" not in page


@pytest.mark.parametrize("asked", ["last", "99999999", "x", ""])
def test_a_page_tells_up_to_where_it_was_read(talk: Talk, asked: str) -> None:
    tell({talk.me.pk}, KIND, "Un message.", path=address_for_all(talk.conversation.pk), at=timezone.now())
    upto = str(talk.last) if asked == "last" else asked
    answer = talk.client.post(talk.address("conversation_read"), {"upto": upto})
    assert (answer.status_code, answer.content) == (204, b"")
    assert ReadMark.objects.get(user=talk.me).message_id == (talk.last if asked in ("last", "99999999") else 0)
    assert Notification.objects.get().read_at is not None


def test_nobody_marks_what_is_not_theirs(talk: Talk) -> None:
    stranger = client_of(person("Maïlis", "Tournemirande"))
    assert stranger.post(talk.address("conversation_read"), {"upto": "1"}).status_code == 404
    assert not ReadMark.objects.exists()


# --- An open page that may read no longer -----------------------------------------------------------------------------


def ask(client: Client, address: str, **headers: str) -> tuple[int, str, str]:
    answer = client.get(address, {"apres": 0}, headers={"HX-Request": "true", **headers})
    return answer.status_code, answer["Content-Type"], answer.content.decode()


def test_a_page_that_asks_is_told_why_it_may_read_no_longer(talk: Talk) -> None:
    holder, unit = person("Hélène", "Vaysserat"), talk.unit
    delegation = DelegationFactory(holder=account_of(holder), account=unit)
    client, address = client_of(holder), talk.address("messages_after", unit)
    assert ask(client, address)[0] == 200
    end_delegation(holder, delegation, "", timezone.now())
    status, kind, said = ask(client, address)
    assert (status, kind) == (404, "text/plain; charset=utf-8")
    assert said.startswith(NO_LONGER_OPEN) and "a pris fin" in said
    sent = client.post(talk.address("conversation", unit), {"text": "Un mot."}, headers={"HX-Request": "true"})
    assert (sent.status_code, sent.content.decode()) == (404, said)
    assert "<html" in client.get(address).content.decode()


def test_what_is_said_does_not_tell_whether_a_conversation_exists(talk: Talk) -> None:
    """Left, of others, or never there; and an account that is not open is told of as its door does."""
    paulin = person("Paulin", "Estorgues")
    publish()
    others = a_conversation(acting(paulin, account_of(paulin), Space.DISCUSSIONS), talk.unit)
    who = acting(talk.me, talk.mine, Space.DISCUSSIONS)
    leave_conversation(who, participation_or_404(who, talk.conversation.pk))
    said = {
        ask(talk.client, reverse("spaces:messages_after", args=[talk.mine.pk, key]))
        for key in (talk.conversation.pk, others.pk, uuid.uuid4())
    }
    assert said == {(404, "text/plain; charset=utf-8", NO_LONGER_THERE)}
    said = {
        ask(talk.client, reverse("spaces:messages_after", args=[account, talk.conversation.pk]))[2]
        for account in (uuid.uuid4(), uuid.uuid4())
    }
    assert said == {NOT_LISTED}


# --- The first message ------------------------------------------------------------------------------------------------


def test_the_first_message_has_a_draft_of_its_account_and_a_script_that_is_told_where_it_went(talk: Talk) -> None:
    address = reverse("spaces:conversation_begin", args=[talk.mine.pk])
    page = talk.client.get(address).content.decode()
    assert f'data-draft="{talk.me.pk}:{talk.mine.pk}:commencer"' in page
    assert all(f'id="alerte-{tone}"' in page for tone in ("no", "wait"))
    data = {"title": "Sortie", "text": "Bonjour.", "to": [str(talk.unit.pk)], "client_key": str(uuid.uuid4())}
    for _ in range(2):
        sent = talk.client.post(address, data, headers={"HX-Request": "true"})
        made = Conversation.objects.exclude(pk=talk.conversation.pk).get()
        assert (sent.status_code, sent.content) == (201, b"")
        assert sent["HX-Redirect"] == reverse("spaces:conversation", args=[talk.mine.pk, made.pk])
    refused = talk.client.post(address, data | {"title": ""}, headers={"HX-Request": "true"})
    assert (refused.status_code, "HX-Redirect" in refused) == (400, False)
