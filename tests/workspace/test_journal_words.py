"""The journal tells what was done in the spaces: in words, with no key and no patient, and leads only who may go."""

import csv
import io
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.journal import record_all
from accounts.journal.verbs import grouped_verbs
from delegations.journal_about import register_about
from delegations.scopes import Space
from tests.delegations.people import Cast, account_of, make_cast, publish
from tests.factories import StructureFactory
from tests.factories.delegations import ago
from tests.workspace.making import a_dossier, acting
from workspace.access import participation_or_404
from workspace.models import Confidentiality, EntryKind, EventKind, Informed
from workspace.services.agenda import EventDraft, add_event
from workspace.services.circles import Told, add_members, leave_circle
from workspace.services.discussions import begin_conversation
from workspace.services.entries import write_entry
from workspace.services.participants import mute
from workspace.services.tasks import TaskDraft, add_task

pytestmark = pytest.mark.django_db
JOURNAL = "/delegations/journal/"
PATIENT, SAID = "Cazalbou", "Pèse moins"


@pytest.fixture
def people(db: None) -> Cast:
    made = make_cast()
    made.all()
    return made


def live(people: Cast, name: str = "total") -> dict[str, Any]:
    """One act of each kind in the account, by the holder of a total delegation."""
    user, at = getattr(people, name), ago(minutes=5)
    in_dossiers = acting(user, people.account, Space.DOSSIERS, at)
    other = StructureFactory(open_account=True, name="SSIAD de la vallée du Lot").account
    publish()
    dossier = a_dossier(in_dossiers, family_name=PATIENT)
    add_members(in_dossiers, dossier, [other.pk], Told(Informed.ORAL, timezone.localdate(at)))
    entry = write_entry(in_dossiers, dossier, EntryKind.OBSERVATION, SAID, SAID, at, Confidentiality.CIRCLE)
    event = add_event(
        acting(user, people.account, Space.AGENDA, at),
        EventDraft(EventKind.VISIT, f"Visite de {PATIENT}", at, at + timedelta(hours=1)),
    )
    task = add_task(acting(user, people.account, Space.TASKS, at), TaskDraft(f"Rappeler {PATIENT}"))
    talking = acting(user, people.account, Space.DISCUSSIONS, at)
    conversation = begin_conversation(talking, f"Sortie de {PATIENT}", [other.pk], SAID, uuid4())
    mute(talking, participation_or_404(talking, conversation.pk), is_muted=True)
    return {"dossier": dossier, "entry": entry, "event": event, "task": task, "conversation": conversation}


def rows(people: Cast, name: str) -> dict[str, Any]:
    return {one.entry.verb: one for one in people.client(name).get(JOURNAL).context["told"]}


def test_whoever_may_open_it_is_led_there_from_the_journal(people: Cast) -> None:
    made = live(people)
    told, here = rows(people, "total"), f"/espaces/{people.account.pk}"
    dossier, talk = f"{here}/dossiers/{made['dossier'].pk}/", f"{here}/discussions/{made['conversation'].pk}/"
    paths = {
        "circle.added": ("Ouvrir le dossier", dossier),
        "entry.written": ("Ouvrir le dossier", dossier),
        "message.sent": ("Ouvrir la conversation", talk),
        "participant.added": ("Ouvrir la conversation", talk),
        "event.created": ("Ouvrir l’événement", f"{here}/agenda/{made['event'].pk}/"),
        "task.created": ("Ouvrir la tâche", f"{here}/taches/{made['task'].pk}/"),
    }
    assert {verb: (told[verb].link, told[verb].path) for verb in paths} == paths
    client = people.client("total")
    assert {client.get(path).status_code for _, path in paths.values()} == {200}


@pytest.mark.parametrize("name", ["total", "referent"])
def test_it_names_accounts_and_kinds_but_no_patient_and_no_key(people: Cast, name: str) -> None:
    made = live(people)
    told = rows(people, name)
    assert told["circle.added"].about == told["participant.added"].about == "SSIAD de la vallée du Lot"
    assert told["entry.written"].about == "Observation"
    assert told["conversation.muted"].about == "Annonces coupées"
    assert told["message.sent"].about == told["task.created"].about == ""
    exported = people.client(name).get(f"{JOURNAL}export.csv")
    content = b"".join(cast("Iterable[bytes]", exported.streaming_content)).decode()  # type: ignore[attr-defined]
    assert "a écrit dans un dossier" in [
        cell for row in csv.reader(io.StringIO(content), delimiter=";") for cell in row
    ]
    page = people.client(name).get(JOURNAL).content.decode()
    for hidden in (PATIENT, SAID):
        assert hidden not in page
        assert hidden not in content
    if name == "referent":
        assert not [key for key in (str(one.pk) for one in made.values()) if key in page]


def test_a_referent_reads_what_was_done_and_is_led_nowhere(people: Cast) -> None:
    live(people)
    told = rows(people, "referent")
    assert told["entry.written"].what == "a écrit dans un dossier"
    assert not [one for one in told.values() if one.path or one.link]


def test_what_the_account_left_is_open_no_more(people: Cast) -> None:
    made = live(people)
    leave_circle(acting(people.total, people.account, Space.DOSSIERS, ago(minutes=1)), made["dossier"])
    told = rows(people, "total")
    assert told["circle.left"].about == people.account.name
    assert told["entry.written"].path == told["circle.left"].path == ""
    assert told["message.sent"].path


def test_the_owner_who_acts_for_themselves_reads_the_same(people: Cast) -> None:
    own = account_of(people.stranger)
    mine = acting(people.stranger, own, Space.TASKS)
    task = add_task(mine, TaskDraft("Commander des bandes"))
    assert rows(people, "stranger")["task.created"].path == f"/espaces/{own.pk}/taches/{task.pk}/"


def test_a_key_that_is_none_breaks_nothing(people: Cast) -> None:
    talking = acting(people.total, people.account, Space.DISCUSSIONS)
    record_all(
        [
            talking.told("dossier.opened", "dossier", "12"),
            talking.told("entry.written", "entry", uuid4(), dossier="…", member="x"),
            talking.told("message.sent", "message", 7),
            talking.told("circle.added", "dossier", uuid4(), member=uuid4()),
        ]
    )
    told = rows(people, "total")
    for verb in ("dossier.opened", "entry.written", "message.sent", "circle.added"):
        assert (told[verb].about, told[verb].path) == ("", "")


def test_every_act_of_the_spaces_is_a_filter_under_the_name_of_its_space(people: Cast) -> None:
    groups = grouped_verbs()
    assert {"Dossiers", "Agenda", "Tâches", "Discussions", "Délégations et accès"} <= set(groups)
    assert "entry.written" in groups["Dossiers"]
    live(people)
    client = people.client("total")
    assert '<optgroup label="Discussions">' in client.get(JOURNAL).content.decode()
    for verb in [verb for group in ("Dossiers", "Agenda", "Tâches", "Discussions") for verb in groups[group]]:
        found = client.get(JOURNAL, {"acte": verb})
        assert found.status_code == 200
        assert {one.entry.verb for one in found.context["told"]} <= {verb}


def test_the_journal_asks_as_many_queries_for_1_and_for_20_acts(
    people: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    counts = []
    for _ in range(2):
        live(people)
        with django_assert_max_num_queries(40) as seen:
            assert people.client("total").get(JOURNAL).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_kind_has_one_teller() -> None:
    with pytest.raises(ValueError, match="dossier"):
        register_about(["dossier"], lambda *_: {})
