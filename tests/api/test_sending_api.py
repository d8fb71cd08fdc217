"""What a program sends again is written once; a moment without its time zone is not guessed."""

import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from delegations.scopes import Space
from tests.api.test_workspace_api import EVENT, Api
from tests.delegations.people import Cast
from tests.workspace.files import pdf
from tests.workspace.making import a_dossier, acting
from workspace.models import Document, Dossier, Entry, Event, Task

pytestmark = pytest.mark.django_db
ENTRY = {"title": "Chute", "text": "Sans gravité.", "happened_at": "2020-11-26T14:30:00+01:00"}


@pytest.fixture
def api(cast: Cast) -> Api:
    return Api(cast.total, cast.account)


@pytest.fixture
def dossier(cast: Cast) -> Dossier:
    return a_dossier(acting(cast.total, cast.account, Space.DOSSIERS))


@pytest.mark.parametrize(
    ("path", "body", "model"),
    [
        ("dossiers/{}/entries/", ENTRY | {"kind": "event"}, Entry),
        ("agenda/", EVENT, Event),
        ("tasks/", {"title": "Commander"}, Task),
    ],
)
def test_a_key_sent_again_answers_with_the_first(
    api: Api, dossier: Dossier, path: str, body: dict[str, Any], model: Any
) -> None:
    path, keyed = path.format(dossier.pk), body | {"client_key": str(uuid.uuid4())}
    first = api.post(path, keyed, 201)
    assert api.post(path, keyed, 201)["id"] == first["id"]
    assert model.objects.count() == 1
    assert "autrement" in api.post(path, keyed | {"title": "Autre chose"}, 409)["detail"]
    assert "client_key" in {error["field"] for error in api.post(path, body | {"client_key": "1"}, 400)["errors"]}
    for _ in range(2):
        api.post(path, body, 201)
    assert model.objects.count() == 3


def test_a_file_sent_again_is_kept_once(api: Api, dossier: Dossier) -> None:
    path, key, sound = f"{api.root}dossiers/{dossier.pk}/documents/", str(uuid.uuid4()), pdf()
    told = [
        api.client.post(
            path, ENTRY | {"client_key": key, "file": SimpleUploadedFile("a.pdf", sound)}, format="multipart"
        )
        for _ in range(2)
    ]
    assert [one.status_code for one in told] == [201, 201]
    assert told[0].json()["id"] == told[1].json()["id"]
    assert Document.objects.count() == 1


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("agenda/", EVENT | {"starts_at": "2026-03-29T02:30:00", "ends_at": "2026-03-29T04:00:00+02:00"}, "starts_at"),
        ("agenda/", EVENT | {"ends_at": "2026-12-01T10:00:00"}, "ends_at"),
        ("dossiers/{}/entries/", ENTRY | {"kind": "event", "happened_at": "2020-11-26T14:30:00"}, "happened_at"),
    ],
)
def test_a_moment_without_its_zone_is_not_guessed(
    api: Api, dossier: Dossier, path: str, body: dict[str, Any], field: str
) -> None:
    [error] = api.post(path.format(dossier.pk), body, 400)["errors"]
    assert (error["field"], "fuseau" in error["message"]) == (field, True)
    assert not Event.objects.exists()
    assert not Entry.objects.exists()
