"""Two real connections at the same instant: a message exists once, and no number is out of order."""

import uuid
from functools import partial

import pytest

from delegations.errors import Refused
from delegations.scopes import Space
from tests.delegations.people import account_of, person, publish
from tests.delegations.test_races import at_once
from tests.workspace.making import a_conversation, acting
from workspace.access import participation_or_404
from workspace.models import Conversation, Message, Participant
from workspace.services.discussions import begin_conversation
from workspace.services.messages import send_message
from workspace.services.participants import add_participants

pytestmark = pytest.mark.django_db(transaction=True)


def test_at_once_with_one_key_is_one_message_and_one_conversation(db: None) -> None:
    user, other = person("Rémi", "Aubrespin"), person("Hélène", "Vaysserat")
    publish()
    who = acting(user, account_of(user), Space.DISCUSSIONS)
    talk = a_conversation(who, account_of(other))
    place, key = participation_or_404(who, talk.pk), uuid.uuid4()
    sent = at_once(*[partial(send_message, who, place, "Bien reçu.", key)] * 4)
    assert len(set(sent)) == 1
    assert Message.objects.filter(text="Bien reçu.").count() == 1
    key = uuid.uuid4()
    begin = partial(begin_conversation, who, "Sortie lundi", [account_of(other).pk], "Bonjour.", key)
    begun = at_once(*[begin] * 4)
    assert len(set(begun)) == 1
    assert Conversation.objects.filter(title="Sortie lundi").count() == 1
    third = person("Soline", "Carbonnac")
    publish()
    add = partial(add_participants, who, place, [account_of(third).pk], see_what_came_before=True)
    added = at_once(*[add] * 4)
    assert [found.status for found in added if isinstance(found, Refused)] == [409] * 3
    assert Participant.objects.filter(conversation=talk, member=account_of(third)).count() == 1
    different = at_once(*[partial(send_message, who, place, f"Mot {n}", uuid.uuid4()) for n in range(6)])
    talk.refresh_from_db()
    assert len(set(different)) == 6
    assert talk.last_message_id == Message.objects.filter(conversation=talk).latest("pk").pk
