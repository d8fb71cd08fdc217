"""Each list of the spaces, by the API, asks the database as often for one row as for twenty."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from delegations.scopes import Space
from tests.delegations.people import Cast, account_of, publish
from tests.factories import ProfessionalFactory
from tests.workspace.making import a_conversation, a_dossier, a_task, acting, an_event
from workspace.services.circles import Told, add_members
from workspace.services.entries import write_entry
from workspace.services.messages import send_message
from workspace.services.participants import add_participants

pytestmark = pytest.mark.django_db
LISTS = (
    *("dossiers/", "agenda/", "tasks/", "discussions/"),
    *("dossiers/{dossier}/entries/", "dossiers/{dossier}/circle/"),
    *("discussions/{talk}/messages/", "discussions/{talk}/participants/"),
)


def test_as_many_queries_for_one_row_as_for_twenty(cast: Cast) -> None:
    who = {space: acting(cast.total, cast.account, space) for space in Space}
    writing, talking = who[Space.DOSSIERS], who[Space.DISCUSSIONS]
    dossier, talk = a_dossier(writing), a_conversation(talking, account_of(cast.stranger))
    client = APIClient()
    client.force_login(cast.total)
    here = f"/api/v1/accounts/{cast.account.pk}/"
    addresses = {path: here + path.format(dossier=dossier.pk, talk=talk.pk) for path in LISTS}

    def add(times: int) -> None:
        members = [ProfessionalFactory(signed_in=True).account.pk for _ in range(times)]
        publish()
        add_members(writing, dossier, members, Told("oral", writing.at.date()))
        place = talk.participants.get(member=cast.account)
        add_participants(talking, place, members, see_what_came_before=True)
        for number in range(times):
            a_dossier(writing, given_names=f"Odile {number}")
            an_event(who[Space.AGENDA])
            a_task(who[Space.TASKS])
            a_conversation(talking, account_of(cast.stranger))
            send_message(talking, place, "Bien reçu.", uuid.uuid4())
            write_entry(writing, dossier, "event", "Chute", "Sans gravité.", writing.at, "circle")

    def count() -> dict[str, tuple[int, int]]:
        told = {}
        for path, address in addresses.items():
            rows = client.get(address).json()["count"]
            with CaptureQueriesContext(connection) as asked:
                client.get(address)
            told[path] = rows, len(asked)
        return told

    add(1)
    few = count()
    add(19)
    assert count() == {path: (rows + 19, queries) for path, (rows, queries) in few.items()}
