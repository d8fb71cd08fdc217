"""Who wrote and has left the directory keeps the name of their account, and costs one question whatever they wrote."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from delegations.scopes import Space
from directory.models import SearchEntry
from tests.workspace.making import acting
from tests.workspace.talking import World, body
from workspace.models import Participant
from workspace.services.messages import send_message

pytestmark = pytest.mark.django_db


def test_their_messages_stay_signed_and_cost_no_more_for_twenty() -> None:
    world = World()
    talk = world.talk()
    there = acting(world.pharmacist, world.pharmacy, Space.DISCUSSIONS)
    place: Participant = world.place(talk, world.pharmacist, world.pharmacy)

    def read() -> tuple[str, int]:
        page = world.url("conversation", None, talk.pk)
        with CaptureQueriesContext(connection) as asked:
            text = body(world.client.get(page))
        return text, len(asked)

    send_message(there, place, "Premier passage.", uuid4())
    Account.objects.filter(pk=world.pharmacy.pk).update(name="Ancienne pharmacie")
    SearchEntry.objects.filter(account=world.pharmacy).delete()
    read()
    text, few = read()
    assert "Ancienne pharmacie" in text
    for number in range(19):
        send_message(there, place, f"Passage {number}.", uuid4())
    text, many = read()
    assert (text.count("<strong>Ancienne pharmacie</strong>"), many) == (20, few)
