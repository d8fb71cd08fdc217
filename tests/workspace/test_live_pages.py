"""What a page of a conversation is given to listen with, and what it tells of having been read."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Notification, User
from accounts.notifications import tell
from accounts.states import AccountState
from delegations.scopes import Space
from tests.delegations.people import account_of, client_of, person, publish
from tests.factories import InternalOrganisationFactory
from tests.workspace.making import a_conversation, acting
from workspace.models import Conversation, ReadMark
from workspace.services.messages_telling import KIND, address_for_all

pytestmark = pytest.mark.django_db


class Talk:
    def __init__(self) -> None:
        self.me: User = person("Rémi", "Aubrespin")
        self.mine = account_of(self.me)
        unit = InternalOrganisationFactory(account__state=AccountState.OPEN).account
        publish()
        self.conversation: Conversation = a_conversation(acting(self.me, self.mine, Space.DISCUSSIONS), unit)
        self.last = Conversation.objects.get().last_message_id
        self.client: Client = client_of(self.me)
        self.stream = f"/direct/espaces/{self.mine.pk}/discussions/{self.conversation.pk}/"

    def address(self, route: str = "conversation") -> str:
        return reverse(f"spaces:{route}", args=[self.mine.pk, self.conversation.pk])


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
