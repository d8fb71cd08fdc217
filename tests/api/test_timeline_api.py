"""The line of life is filtered by the API as it is on its page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from delegations.scopes import Space
from tests.api.test_workspace_api import Api
from tests.delegations.people import Cast, account_of, person, publish
from tests.workspace.making import a_dossier, acting
from workspace.services.entries import write_entry

pytestmark = pytest.mark.django_db


def test_by_author_and_by_days(cast: Cast) -> None:
    friend = account_of(person("Lucie", "Orsini"))
    publish()
    ours, theirs = acting(cast.total, cast.account, Space.DOSSIERS), acting(friend.user, friend, Space.DOSSIERS)
    dossier, now = a_dossier(ours, friend), timezone.now()
    for who, title, days in ((ours, "Récent", 0), (ours, "Ancien", 40), (theirs, "D’ailleurs", 10)):
        write_entry(who, dossier, "observation", title, "Dit.", now - timedelta(days=days), "circle")
    api, path = Api(cast.total, cast.account), f"dossiers/{dossier.pk}/entries/"

    def titles(**asked: object) -> list[str]:
        return [one["title"] for one in api.get(path, **asked)["results"]]

    def day(before: int) -> str:
        return (timezone.localdate() - timedelta(days=before)).isoformat()

    assert titles() == ["Récent", "D’ailleurs", "Ancien"]
    assert titles(author=cast.account.pk) == ["Récent", "Ancien"]
    assert titles(since=day(20)) == ["Récent", "D’ailleurs"]
    assert titles(since=day(20), until=day(5)) == ["D’ailleurs"]
    assert titles(author=dossier.pk) == []
    for asked in ({"author": "x"}, {"since": "hier"}, {"until": "31/12/2026"}):
        api.get(path, 400, **asked)
