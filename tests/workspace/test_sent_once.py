"""What is added twice by a double click, a retry or the way back exists once; what was typed otherwise is told."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.utils import timezone

from accounts.models import JournalEntry
from delegations.errors import Refused
from delegations.scopes import Space
from tests.delegations.people import Cast, make_cast
from tests.delegations.test_races import at_once
from tests.workspace.agenda_pages import typed
from tests.workspace.dossier_pages import said, text, url
from tests.workspace.files import pdf
from tests.workspace.making import a_dossier, acting
from workspace.models import Document, Dossier, Entry, Event, Task
from workspace.services.agenda import EventDraft, add_event
from workspace.services.documents import add_document
from workspace.services.entries import write_entry
from workspace.services.sending import OTHERWISE
from workspace.services.tasks import TaskDraft, add_task
from workspace.store import path_of

SOUND = pdf()
KEY = re.compile(r'name="client_key" value="([0-9a-f-]{36})"')


@dataclass
class Adding:
    """`address` and `values`: of the form that adds it; `rows`: where it is kept."""

    address: Callable[[Cast, Dossier], str]
    values: Callable[[], dict[str, object]]
    rows: type[models.Model]
    verb: str


def _file() -> SimpleUploadedFile:
    return SimpleUploadedFile("bilan.pdf", SOUND, "application/pdf")


ADDING = {
    "entry": Adding(
        lambda cast, dossier: url("entry_add", cast.account, dossier.pk, "observation"), said, Entry, "entry.written"
    ),
    "document": Adding(
        lambda cast, dossier: url("document_add", cast.account, dossier.pk),
        lambda: said() | {"file": _file()},
        Document,
        "entry.written",
    ),
    "event": Adding(lambda cast, _: url("event_add", cast.account), typed, Event, "event.created"),
    "task": Adding(
        lambda cast, _: url("task_add", cast.account), lambda: {"title": "Commander le matériel"}, Task, "task.created"
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ADDING)
def test_sent_twice_by_its_page_it_exists_once(cast: Cast, dossier: Dossier, kind: str) -> None:
    adding, client = ADDING[kind], cast.client("total")
    address = adding.address(cast, dossier)
    [key] = KEY.findall(text(client.get(address)))
    for _ in range(2):
        response = client.post(address, adding.values() | {"client_key": key})
        assert response.status_code == 302
    assert adding.rows.objects.count() == 1  # type: ignore[attr-defined]
    assert JournalEntry.objects.filter(verb=adding.verb).count() == 1
    client.post(address, adding.values() | {"client_key": str(uuid.uuid4())})
    assert adding.rows.objects.count() == 2  # type: ignore[attr-defined]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ADDING)
def test_the_same_page_with_other_words_is_refused_then_kept_apart(cast: Cast, dossier: Dossier, kind: str) -> None:
    """As after the browser's way back: nothing is lost, and nothing is written over."""
    adding, client, key = ADDING[kind], cast.client("total"), str(uuid.uuid4())
    address = adding.address(cast, dossier)
    client.post(address, adding.values() | {"client_key": key})
    other = {"title": "Autre chose"}
    told = client.post(address, adding.values() | other | {"client_key": key})
    assert told.status_code == 409
    assert OTHERWISE in text(told)
    [new] = KEY.findall(text(told))
    assert new != key
    assert adding.rows.objects.count() == 1  # type: ignore[attr-defined]
    assert client.post(address, adding.values() | other | {"client_key": new}).status_code == 302
    assert adding.rows.objects.count() == 2  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_a_key_of_another_account_or_dossier_is_no_second_sending(cast: Cast, dossier: Dossier) -> None:
    key, who = uuid.uuid4(), acting(cast.total, cast.account, Space.DOSSIERS)
    elsewhere = a_dossier(who, family_name="Orsini")
    write_entry(who, dossier, "observation", "Passage", "Mieux.", who.at, "circle", key)
    with pytest.raises(Refused, match="autrement"):
        write_entry(who, elsewhere, "observation", "Passage", "Mieux.", who.at, "circle", key)
    tasks = acting(cast.total, cast.account, Space.TASKS)
    add_task(tasks, TaskDraft("Commander"), key)
    with pytest.raises(Refused, match="autrement"):
        add_task(acting(cast.total, who.own, Space.TASKS), TaskDraft("Commander"), key)
    assert (Entry.objects.count(), Task.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_another_file_with_the_same_key_is_told(cast: Cast, dossier: Dossier) -> None:
    client, key = cast.client("total"), str(uuid.uuid4())
    address = url("document_add", cast.account, dossier.pk)
    client.post(address, said() | {"file": _file(), "client_key": key})
    other = SimpleUploadedFile("bilan.pdf", pdf(compress_streams=False) + b"\n%%EOF\n", "application/pdf")
    [kept] = Document.objects.all()
    folder = path_of(kept.key).parents[2]
    before = {file for file in folder.rglob("*") if file.is_file()}
    told = client.post(address, said() | {"file": other, "client_key": key})
    assert told.status_code == 409
    assert OTHERWISE in text(told)
    assert {file for file in folder.rglob("*") if file.is_file()} == before


@pytest.mark.django_db(transaction=True)
def test_at_once_with_one_key_each_exists_once(db: None) -> None:
    cast = make_cast()
    cast.all()
    in_dossiers, in_agenda, in_tasks = (
        acting(cast.total, cast.account, space) for space in (Space.DOSSIERS, Space.AGENDA, Space.TASKS)
    )
    dossier, key, at = a_dossier(in_dossiers), uuid.uuid4(), timezone.now()
    draft = EventDraft("visit", "Visite", at, at + timedelta(hours=1))
    written = {"title": "Bilan", "text": "", "happened_at": at, "confidentiality": "circle"}
    acts = [
        partial(write_entry, in_dossiers, dossier, "observation", "Passage", "Mieux.", at, "circle", uuid.uuid4()),
        partial(add_event, in_agenda, draft, key),
        partial(add_task, in_tasks, TaskDraft("Commander"), key),
        lambda: add_document(in_dossiers, dossier, **written, file=_file(), client_key=key),  # type: ignore[arg-type]
    ]
    for act in acts:
        assert len(set(at_once(*[act] * 3))) == 1
    assert [model.objects.count() for model in (Entry, Event, Task, Document)] == [2, 1, 1, 1]  # type: ignore[attr-defined]
