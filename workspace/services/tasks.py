"""What one does with the tasks of an account. Nothing is deleted: what is done or cancelled says by whom, and when."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.http import Http404
from django.urls import reverse

from accounts.journal import record_all
from accounts.models import Account
from accounts.notifications import tell
from accounts.prepared import Prepared
from delegations.dates import LAST_YEAR
from delegations.errors import Refused, conflict
from delegations.scopes import Space
from spico.web.typography import of_name
from workspace.access import may_act_in, tasks_in
from workspace.acting import Acting
from workspace.calendar import FIRST_YEAR
from workspace.errors import Outdated
from workspace.models import Task
from workspace.querysets import TaskQuerySet
from workspace.services.discussions_refusals import as_refused
from workspace.services.reading import dossier_to_link, read_line, read_lines
from workspace.services.sending import first_sent, key_of, says

LONGEST_TITLE, LONGEST_NOTES = 150, 5_000
CHANGED = (
    "Quelqu’un vient de modifier cette tâche. Votre texte est gardé ci-dessous\N{NO-BREAK SPACE}: comparez, puis "
    "enregistrez."
)
DONE = "Cette tâche est faite\N{NO-BREAK SPACE}: rouvrez-la pour la modifier."
CANCELLED = "Cette tâche est annulée\N{NO-BREAK SPACE}: rouvrez-la pour y revenir."
NOT_OFFERED = "Choisissez une personne de la liste\N{NO-BREAK SPACE}: elle seule peut agir ici."


@dataclass(frozen=True)
class TaskDraft:
    """What somebody wants a task to say. `assignee`: a PP account that may act here; `dossier`: one that they see."""

    title: str
    notes: str = ""
    due_on: date | None = None
    assignee: UUID | None = None
    dossier: UUID | None = None


_task = Prepared(
    lambda *, task, account: Task.objects.of(account).select_related("assignee", "dossier").filter(pk=task),
    task=UUID,
    account=UUID,
)


def task_or_404(acting: Acting, pk: UUID) -> Task:
    """One of `tasks_in`."""
    found = _task.first(task=pk, account=acting.account.pk) if acting.may(Space.TASKS) else None
    if found is None:
        raise Http404
    return found


@as_refused
def add_task(acting: Acting, draft: TaskDraft, client_key: UUID | None = None) -> Task:
    """The same key sent twice answers with the first."""
    acting.check_writable()
    values = _read(acting, draft, None)
    if already := first_sent(Task.objects.all(), acting, client_key, lambda one: says(one, values)):
        return already
    task: Task = Task.objects.create(**values, **key_of(client_key), **acting.written(), changed_at=acting.at)
    record_all([acting.told("task.created", "task", task.pk)])
    _tell(acting, task)
    return task


@transaction.atomic
def change_task(acting: Acting, task: Task, version: int, draft: TaskDraft) -> Task:
    """`task`: found by `task_or_404`. `Outdated` when it is not at `version` any more."""
    acting.check_writable()
    values = _read(acting, draft, task)
    moved = _move(tasks_in(acting).to_do().filter(pk=task.pk, version=version), acting, **values)
    present = task_or_404(acting, task.pk)
    if not moved:
        raise not_any_more(present) or Outdated(CHANGED)
    record_all([acting.told("task.changed", "task", task.pk)])
    if present.assignee_id != task.assignee_id:
        _tell(acting, present)
    return present


@transaction.atomic
def take_task(acting: Acting, task: Task, version: int) -> bool:
    """« Je m’en occupe ». False when it was theirs already; of two who take it at once, the second is told by whom."""
    acting.check_writable()
    waiting = tasks_in(acting).to_do().filter(pk=task.pk)
    if _move(waiting.filter(version=version).exclude(assignee=acting.own), acting, assignee=acting.own):
        record_all([acting.told("task.changed", "task", task.pk)])
        return True
    present = task_or_404(acting, task.pk)
    if present.assignee_id == acting.own.pk and present.done_at is None and present.cancelled_at is None:
        return False
    raise not_any_more(present) or Outdated(
        f"{present.assignee.name} vient de s’en charger."
        if present.assignee and present.assignee_id != task.assignee_id
        else "Quelqu’un vient de modifier cette tâche. Relisez-la, puis recommencez."
    )


@transaction.atomic
def finish_task(acting: Acting, task: Task) -> bool:
    """Done by the person who says so. False when it was done already: a second click changes nothing."""
    acting.check_writable()
    waiting = tasks_in(acting).to_do().filter(pk=task.pk)
    if waiting.update(done_at=acting.at, done_by_account=acting.own, version=F("version") + 1):
        record_all([acting.told("task.done", "task", task.pk)])
        return True
    present = task_or_404(acting, task.pk)
    if present.cancelled_at:
        raise conflict(CANCELLED)
    return False


@transaction.atomic
def reopen_task(acting: Acting, task: Task) -> bool:
    """To do again, whether it was done or cancelled. False when it is to do already."""
    acting.check_writable()
    open_again = {"done_at": None, "done_by_account": None, "cancelled_at": None, "cancelled_by_account": None}
    closed = tasks_in(acting).filter(pk=task.pk).exclude(done_at=None, cancelled_at=None)
    moved = _move(closed, acting, **open_again)
    if moved:
        record_all([acting.told("task.reopened", "task", task.pk)])
    return bool(moved)


@transaction.atomic
def cancel_task(acting: Acting, task: Task) -> bool:
    """False when it was cancelled already. What is done is not cancelled any more."""
    acting.check_writable()
    waiting = tasks_in(acting).to_do().filter(pk=task.pk)
    if waiting.update(cancelled_at=acting.at, cancelled_by_account=acting.own, version=F("version") + 1):
        record_all([acting.told("task.cancelled", "task", task.pk)])
        return True
    if task_or_404(acting, task.pk).done_at:
        raise conflict("Cette tâche est faite\N{NO-BREAK SPACE}: elle ne s’annule plus.")
    return False


def _read(acting: Acting, draft: TaskDraft, task: Task | None) -> dict[str, Any]:
    due = draft.due_on
    if due is not None and not FIRST_YEAR <= due.year <= LAST_YEAR:
        raise Refused(f"Choisissez une date entre {FIRST_YEAR} et {LAST_YEAR}.", field="due_on")
    return {
        "title": read_line(draft.title, LONGEST_TITLE, "title", "Dites ce qu’il y a à faire."),
        "notes": read_lines(draft.notes, LONGEST_NOTES, "notes"),
        "due_on": due,
        "assignee": _assignee(acting, draft.assignee, task),
        "dossier": dossier_to_link(acting, draft.dossier, task.dossier_id if task else None),
    }


def _assignee(acting: Acting, wanted: UUID | None, task: Task | None) -> Account | None:
    """Who holds the task already may keep it, though they act here no more: pages say so, and count it as nobody's."""
    if wanted is None:
        return None
    if task is not None and wanted == task.assignee_id:
        return task.assignee
    found = may_act_in(acting.account, Space.TASKS, acting.at).filter(pk=wanted).first()
    if found is None:
        raise Refused(NOT_OFFERED, field="assignee")
    return found


def _move(rows: TaskQuerySet, acting: Acting, **values: object) -> int:
    return rows.update(**values, version=F("version") + 1, changed_at=acting.at, changed_by_account=acting.own)


def not_any_more(task: Task) -> Refused | None:
    """Why a task does not change: it is done, or cancelled. Nothing while it waits."""
    return conflict(DONE) if task.done_at else conflict(CANCELLED) if task.cancelled_at else None


def _tell(acting: Acting, task: Task) -> None:
    """Whoever is to do it, unless they said so themselves. Neither the title nor the dossier leaves the space."""
    if task.assignee is None or task.assignee_id == acting.own.pk:
        return
    where = "dans votre espace" if task.assignee_id == acting.account.pk else f"au nom {of_name(acting.name)}"
    tell(
        [task.assignee.user_id],
        "workspace.task",
        f"{acting.own.name} vous attribue une tâche, {where}.",
        path=reverse("spaces:task", args=[acting.account.pk, task.pk]),
        at=acting.at,
    )
