"""In every view, what is written in an account says both: the account, and the person."""

import pytest
from django.utils import timezone

from delegations.scopes import Space
from tests.delegations.people import Cast
from tests.workspace.agenda_pages import at, door, event_of, text, typed
from tests.workspace.making import a_task, acting
from workspace.services.agenda import cancel_event
from workspace.services.tasks import cancel_task, finish_task

pytestmark = pytest.mark.django_db
BOTH = "EHPAD Les Genêts du Causse, par Hélène Vaysserat"


@pytest.mark.parametrize("view", ["jour", "semaine", "liste"])
def test_each_view_of_the_agenda_says_who_wrote_an_event(cast: Cast, view: str) -> None:
    event_of(cast)
    day = timezone.localdate().isoformat()
    assert BOTH in text(cast.client("total").get(door(cast.account, vue=view, le=day)))


def test_a_change_and_a_cancelling_say_both(cast: Cast) -> None:
    event, client = event_of(cast), cast.client("total")
    client.post(at("event_change", cast.account, event.pk), typed(version="1"))
    assert text(client.get(at("event", cast.account, event.pk))).count(BOTH) == 2
    client.post(at("event_cancel", cast.account, event.pk))
    assert text(client.get(at("event", cast.account, event.pk))).count(BOTH) == 3


def test_a_task_taken_and_cancelled_says_both(cast: Cast) -> None:
    task, client = a_task(acting(cast.total, cast.account, Space.TASKS)), cast.client("total")
    client.post(at("task_take", cast.account, task.pk), {"version": "1"})
    client.post(at("task_cancel", cast.account, task.pk))
    assert text(client.get(at("task", cast.account, task.pk))).count(BOTH) == 3


def test_what_is_cancelled_or_done_gives_no_form_to_change_it(cast: Cast) -> None:
    client, tasks = cast.client("total"), acting(cast.total, cast.account, Space.TASKS)
    event, done, cancelled = event_of(cast), a_task(tasks), a_task(tasks)
    cancel_event(acting(cast.total, cast.account, Space.AGENDA), event)
    finish_task(tasks, done)
    cancel_task(tasks, cancelled)
    for route, row, sentence in (
        ("event_change", event, "Cet événement est annulé"),
        ("task_change", done, "Cette tâche est faite"),
        ("task_change", cancelled, "Cette tâche est annulée"),
    ):
        told = client.get(at(route, cast.account, row.pk))
        assert (told.status_code, sentence in text(told), 'name="title"' in text(told)) == (409, True, False)


def test_what_other_spaces_need_is_not_printed(cast: Cast) -> None:
    page = text(cast.client("partial").get(f"/espaces/{cast.account.pk}/discussions/"))
    assert page.count('class="muted mt-4 no-print"') == 1
