"""What the spaces of the demo region hold, at a hundredth of its size."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from accounts.journal import thing_label
from accounts.models import JournalEntry, Notification, OutgoingMail, User
from tests.factories.delegations import ago
from workspace.access import conversations_visible_to, dossiers_visible_to, events_visible_to, tasks_visible_to
from workspace.models import (
    CircleMember,
    Confidentiality,
    Conversation,
    Document,
    Dossier,
    Entry,
    EntryVersion,
    Event,
    Informed,
    Message,
    ReadMark,
    Task,
)

MODELS = (Dossier, Entry, EntryVersion, Document, Event, Task, Conversation, Message, ReadMark, JournalEntry, User)


def fill() -> str:
    out = StringIO()
    call_command("demo_workspace", stdout=out)
    return out.getvalue()


def counts() -> list[int]:
    return [model.objects.count() for model in MODELS]


@pytest.fixture
def region(db: None) -> None:
    for command, options in (("demo_region", {"scale": 0.01}), ("demo_delegations", {})):
        call_command(command, stdout=StringIO(), **options)


def test_the_spaces_are_filled_once_and_agree_with_rules_and_journal(region: None) -> None:
    assert "ajoutés" in fill()
    before = counts()
    assert all(before)
    assert "rien n’a changé" in fill()
    assert counts() == before
    for command in ("check_grants", "verify_journal", "check_documents"):
        call_command(command, stdout=StringIO())

    acts = JournalEntry.objects.exclude(delegation=None)
    opened = dict(acts.filter(verb="space.opened").order_by("-at").values_list("delegation", "at"))
    assert opened, "somebody acts by delegation"
    for act in acts.exclude(object_kind="delegation"):
        assert opened[act.delegation] <= act.at, "who acts has opened the space"

    now = ago(seconds=-1)
    for name in ("infirmiere", "medecin", "kine", "coordinatrice"):
        user = User.objects.get(username=name)
        visible = (dossiers_visible_to, events_visible_to, tasks_visible_to, conversations_visible_to)
        assert all(rows(user, now).exists() for rows in visible), name
    assert Entry.objects.filter(confidentiality=Confidentiality.ACCOUNT).exists()
    assert Entry.objects.filter(number__gt=1).exists()
    assert CircleMember.objects.filter(informed_how=Informed.EMERGENCY).exists()
    assert Task.objects.to_do().overdue(now.date()).exists()
    assert not Dossier.objects.exclude(ins="").exclude(ins__regex=r"^[12][0-9]{2}13").exists()
    assert not JournalEntry.objects.filter(at__gt=now).exists()
    kinds = set(JournalEntry.objects.exclude(object_kind="").values_list("object_kind", flat=True))
    own_name = {"conversation", "document", "dossier", "message"}
    assert {kind for kind in kinds if thing_label(kind) == kind} <= own_name, (
        "the administration reads words, not codes"
    )
    assert Notification.objects.filter(kind="workspace.message").exists()
    assert not OutgoingMail.objects.filter(kind__startswith="workspace.").exists()


def test_without_the_delegations_it_says_what_to_do_first(db: None) -> None:
    with pytest.raises(CommandError, match="demo_delegations"):
        fill()


def test_in_production_it_is_refused(db: None, settings: Settings) -> None:
    settings.IS_DEMO_ALLOWED = False
    with pytest.raises(CommandError, match="refusée"):
        fill()


def test_a_loading_that_was_cut_before_its_files_goes_on(region: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("workspace.demo.add_paper", lambda *_: None)
        fill()
    assert not Document.objects.exists()
    assert "ajoutés" in fill()
    assert Document.objects.count() == 2


def test_a_region_of_an_earlier_spico_keeps_empty_spaces(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("demo_region", scale=0.01, stdout=StringIO())
    monkeypatch.setattr("delegations.demo.EARLIER", timedelta())
    call_command("demo_delegations", stdout=StringIO())
    people = User.objects.count()
    assert "laissés vides" in fill()
    assert not Dossier.objects.exists()
    assert User.objects.count() == people
