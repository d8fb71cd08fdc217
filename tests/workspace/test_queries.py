"""The pages below a door ask the database as often for one row as for twenty."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from delegations.scopes import Space
from tests.delegations.people import Cast, account_of, publish
from tests.factories import ProfessionalFactory
from tests.workspace.dossier_pages import PATIENT, an_entry, url
from tests.workspace.making import a_conversation, acting
from workspace.models import Dossier
from workspace.services.circles import Told, add_members
from workspace.services.dossiers import Identity, correct_identity
from workspace.services.entries import correct_entry
from workspace.services.messages import send_message
from workspace.services.participants import add_participants

pytestmark = pytest.mark.django_db
OF_TALK = ("participants", "conversation", "messages_after")
PAGES = (*OF_TALK, "entry", "dossier_print", "dossier_identity", "circle")


def test_as_many_queries_for_one_row_as_for_twenty(cast: Cast, dossier: Dossier) -> None:
    """Rows of each kind: members, participants, messages, entries, versions of an entry, of an identity."""
    writing, talking = (acting(cast.total, cast.account, space) for space in (Space.DOSSIERS, Space.DISCUSSIONS))
    talk = a_conversation(talking, account_of(cast.stranger))
    place = talk.participants.get(member=cast.account)
    entry = an_entry(cast, dossier)
    keys = {"entry": [dossier.pk, entry.pk]} | {one: [talk.pk] for one in OF_TALK}
    addresses = {name: url(name, cast.account, *keys.get(name, [dossier.pk])) for name in PAGES}

    def add(times: int) -> None:
        members = [ProfessionalFactory(signed_in=True).account.pk for _ in range(times)]
        publish()
        add_members(writing, dossier, members, Told("oral", timezone.localdate()))
        add_participants(talking, place, members, see_what_came_before=True)
        for number in range(times):
            send_message(talking, place, "Bien reçu.", uuid.uuid4())
            an_entry(cast, dossier, title=f"Passage {number}")
            entry.refresh_from_db()
            correct_entry(
                writing, entry, entry.number, "Passage", f"Vue {entry.number} fois.", entry.happened_at, "circle"
            )
            dossier.refresh_from_db()
            names = {**PATIENT, "given_names": f"Odile {dossier.version}", "birth_date": dossier.birth_date}
            correct_identity(writing, dossier, Identity(**names), dossier.version)

    def count() -> dict[str, int]:
        client, told = cast.client("total"), {}
        for name, address in addresses.items():
            assert client.get(address).status_code == 200
            with CaptureQueriesContext(connection) as asked:
                client.get(address)
            told[name] = len(asked)
        return told

    add(1)
    one = count()
    add(19)
    assert count() == one
