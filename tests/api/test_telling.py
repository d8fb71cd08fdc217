"""What is told by the quick way is what Django REST framework says by its own."""

from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.test import APIClient

from delegations.scopes import Space
from directory.api.telling import ToldSerializer
from tests.delegations.people import Cast, account_of
from tests.workspace.making import a_conversation, a_dossier, a_task, acting, an_event
from workspace.services.agenda import cancel_event
from workspace.services.entries import correct_entry, write_entry
from workspace.services.feeds import create_feed
from workspace.services.tasks import finish_task

pytestmark = pytest.mark.django_db
LISTS = (
    *("dossiers/", "agenda/", "agenda/links/", "tasks/", "tasks/?list=done", "discussions/"),
    *("dossiers/{dossier}/", "dossiers/{dossier}/entries/", "dossiers/{dossier}/circle/"),
    *("dossiers/{dossier}/entries/{entry}/", "dossiers/{dossier}/entries/{entry}/versions/"),
    *("discussions/{talk}/", "discussions/{talk}/messages/", "discussions/{talk}/participants/"),
)


def client_of(cast: Cast) -> APIClient:
    client = APIClient()
    client.force_login(cast.total)
    return client


def test_each_row_says_the_same(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    who = {space: acting(cast.total, cast.account, space) for space in Space}
    writing = who[Space.DOSSIERS]
    dossier = a_dossier(writing)
    entry = write_entry(writing, dossier, "event", "Chute", "Sans gravité.", writing.at, "circle")
    correct_entry(writing, entry, 1, "Chute", "Deux points.", writing.at, "account")
    a_dossier(writing, given_names="Odile")
    for _ in range(2):
        a_task(who[Space.TASKS])
    finish_task(who[Space.TASKS], a_task(who[Space.TASKS]))
    an_event(who[Space.AGENDA])
    cancel_event(who[Space.AGENDA], an_event(who[Space.AGENDA]))
    create_feed(who[Space.AGENDA])
    talk = a_conversation(who[Space.DISCUSSIONS], account_of(cast.stranger))
    client, keys = client_of(cast), {"dossier": dossier.pk, "talk": talk.pk, "entry": entry.pk}

    def told() -> list[Any]:
        paths = [f"/api/v1/accounts/{cast.account.pk}/{path.format(**keys)}" for path in LISTS]
        return [client.get(path).json() for path in [*paths, "/api/v1/directory/?q=unit"]]

    quickly = told()
    monkeypatch.delattr(ToldSerializer, "to_representation")
    assert quickly == told()


def test_what_is_not_told_so_is_refused() -> None:
    class Other(serializers.Serializer):
        name = serializers.CharField()

    class Holder(ToldSerializer):
        other = Other()

    with pytest.raises(TypeError, match="other holds"):
        _ = Holder({"other": {"name": "Odile"}}).data


def test_a_value_that_may_be_missing_is_told_as_its_field_says() -> None:
    class Named(ToldSerializer):
        name = serializers.CharField(source="person.name", default="personne")
        other = serializers.CharField(source="person.other", allow_null=True)
        many = serializers.ListField(source="person.many", allow_null=True)

    class Person:
        name, many = "Odile", None

    class Row:
        def __init__(self, person: Any) -> None:
            self.person = person

    assert Named(Row(Person())).data == {"name": "Odile", "other": None, "many": None}
    assert Named(Row(None)).data == {"name": "personne", "other": None, "many": None}
