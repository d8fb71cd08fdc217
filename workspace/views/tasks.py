"""The tasks of an account: what waits for me, for nobody, too long; and what one does with each."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.prepared_lists import Listed
from delegations.errors import Refused
from delegations.scopes import Space
from spico.web.acts import act_of
from workspace.access import dossier_seen
from workspace.acting import Acting
from workspace.errors import Outdated
from workspace.forms.tasks import TaskForm, values_of
from workspace.models import Task
from workspace.services.tasks import (
    add_task,
    cancel_task,
    change_task,
    finish_task,
    not_any_more,
    reopen_task,
    take_task,
    task_or_404,
)
from workspace.services.tasks_reading import MOST_COUNTED, TaskList, Tasks
from workspace.signing import names_of, signature_of, signed
from workspace.views.doors import in_space, space_context

TASKS_A_PAGE = 20


@dataclass(frozen=True)
class Line:
    """A task as a page shows it. `holder`: who has it, though they may act here no more (`is_gone`)."""

    task: Task
    names: dict[UUID, str]
    tasks: Tasks

    def _name(self, account: UUID | None) -> str:
        return self.names.get(account, "") if account else ""

    @property
    def holder(self) -> str:
        return self._name(self.task.assignee_id)

    @property
    def is_mine(self) -> bool:
        return self.task.assignee_id == self.tasks.acting.own.pk

    @property
    def is_gone(self) -> bool:
        return self.task.assignee_id is not None and self.tasks.is_free(self.task)

    @property
    def is_late(self) -> bool:
        return self.tasks.is_late(self.task)

    @property
    def is_today(self) -> bool:
        return self.task.due_on == self.tasks.today and self.is_open

    @property
    def is_open(self) -> bool:
        return not self.task.done_at and not self.task.cancelled_at

    @property
    def signature(self) -> str:
        return signature_of(self.task, self.names)

    def _signed(self, person: UUID | None) -> str:
        return signed(self.task.account_id, person, self.names) if person else ""

    @property
    def changed_signature(self) -> str:
        return self._signed(self.task.changed_by_account_id)

    @property
    def cancelled_signature(self) -> str:
        return self._signed(self.task.cancelled_by_account_id)

    @property
    def done_by(self) -> str:
        return self._name(self.task.done_by_account_id)

    @property
    def cancelled_by(self) -> str:
        return self._name(self.task.cancelled_by_account_id)


def _lines(acting: Acting, tasks: Tasks, found: list[Task]) -> list[Line]:
    names = names_of(
        key
        for task in found
        for key in (
            *(task.account_id, task.actor_account_id, task.assignee_id),
            *(task.changed_by_account_id, task.done_by_account_id, task.cancelled_by_account_id),
        )
    )
    return [Line(task, names, tasks) for task in found]


@require_safe
@in_space(Space.TASKS, is_door=True)
def index(request: HttpRequest, acting: Acting) -> HttpResponse:
    which = _list_of(request.GET.get("vue")) or TaskList.MINE
    tasks = Tasks(acting)
    counts = tasks.counts()
    page = Counted(tasks.of(which), TASKS_A_PAGE, counts.get(which)).get_page(request.GET.get("page"))
    context = {
        **space_context(acting),
        "which": which.value,
        "lists": _lists(acting, counts, which),
        "shown": which.label,
        "page": page,
        "lines": _lines(acting, tasks, list(page.object_list)),
    }
    return render(request, "spaces/tasks/index.html", context)


def _list_of(value: str | None) -> TaskList | None:
    return TaskList(value) if value in TaskList.values else None


class Counted(Paginator):
    """Pages of what is counted already; asks for what was counted in part only."""

    def __init__(self, tasks: Listed[Task], per_page: int, number: int | None) -> None:
        super().__init__(tasks, per_page)
        if number is not None and number <= MOST_COUNTED:
            self.count = number


def _lists(acting: Acting, counts: dict[TaskList, int], which: TaskList) -> list[dict[str, Any]]:
    door = reverse("spaces:space", args=[acting.account.pk, acting.space])
    return [
        {
            "label": one.label,
            "url": f"{door}?{urlencode({'vue': one.value})}",
            "is_here": one == which,
            "count": counts.get(one),
            "is_over": counts.get(one, 0) > MOST_COUNTED,
            "most": MOST_COUNTED,
        }
        for one in TaskList
    ]


@require_safe
@in_space(Space.TASKS)
def task(request: HttpRequest, acting: Acting, task: UUID) -> HttpResponse:
    found = task_or_404(acting, task)
    return render(request, "spaces/tasks/task.html", {**space_context(acting, *_trail(found)), **_facts(acting, found)})


def _trail(task: Task) -> list[tuple[str, str]]:
    return [("Tâche", reverse("spaces:task", args=[task.account_id, task.pk]))]


def _facts(acting: Acting, task: Task) -> dict[str, Any]:
    """What a page says of one task. Its dossier is named only to whoever may open it."""
    [line] = _lines(acting, Tasks(acting), [task])
    return {"task": task, "line": line, "dossier": dossier_seen(acting, task.dossier_id)}


@require_http_methods(["GET", "HEAD", "POST"])
@in_space(Space.TASKS)
def add(request: HttpRequest, acting: Acting) -> HttpResponse:
    acting.check_writable()
    if request.method == "POST":
        form, status = TaskForm(acting, request.POST), HTTPStatus.OK
        if not form.is_search:
            status = HTTPStatus.BAD_REQUEST
            if form.is_valid():
                try:
                    made = add_task(acting, form.draft, form.cleaned_data["client_key"])
                except Refused as refused:
                    status = _refuse(form, refused)
                else:
                    return _saved(request, made, "Tâche ajoutée.")
    else:
        form, status = TaskForm(acting, initial={"dossier": request.GET.get("dossier", "")}), HTTPStatus.OK
    back = reverse("spaces:space", args=[acting.account.pk, acting.space])
    context = {**space_context(acting, ("Ajouter une tâche", "")), "form": form, "back": back}
    return render(request, "spaces/tasks/form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@in_space(Space.TASKS)
def change(request: HttpRequest, acting: Acting, task: UUID) -> HttpResponse:
    acting.check_writable()
    found = task_or_404(acting, task)
    if request.method != "POST":
        if closed := not_any_more(found):
            raise closed
        return _change_page(request, acting, found, TaskForm(acting, initial=values_of(found), task=found))
    form = TaskForm(acting, request.POST, task=found)
    if form.is_search:
        return _change_page(request, acting, found, form)
    status = HTTPStatus.BAD_REQUEST
    if form.is_valid():
        try:
            changed = change_task(acting, found, form.cleaned_data["version"] or 0, form.draft)
        except Outdated as outdated:
            return _outdated(request, acting, task, outdated)
        except Refused as refused:
            status = _refuse(form, refused)
        else:
            return _saved(request, changed, "Tâche modifiée.")
    return _change_page(request, acting, found, form, status)


def _outdated(request: HttpRequest, acting: Acting, task: UUID, outdated: Outdated) -> HttpResponse:
    """What was typed, beside what stands there now: saving again writes over what has now been read."""
    present = task_or_404(acting, task)
    typed = request.POST.copy()
    typed["version"] = str(present.version)
    form = TaskForm(acting, typed, task=present)
    form.add_error(None, outdated.sentence)
    return _change_page(request, acting, present, form, HTTPStatus.CONFLICT)


def _change_page(
    request: HttpRequest, acting: Acting, task: Task, form: TaskForm, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    context = space_context(acting, *_trail(task), ("Modifier", ""))
    is_outdated = status == HTTPStatus.CONFLICT
    now = _facts(acting, task) if is_outdated else {"task": task}
    back = reverse("spaces:task", args=[acting.account.pk, task.pk])
    page = {**context, **now, "form": form, "back": back, "is_outdated": is_outdated}
    return render(request, "spaces/tasks/form.html", page, status=status)


def _refuse(form: TaskForm, refused: Refused) -> HTTPStatus:
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    return HTTPStatus(refused.status)


def _saved(request: HttpRequest, task: Task, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("spaces:task", task.account_id, task.pk)


Act = Callable[[HttpRequest, Acting, Task], str]


def _act(do: Act) -> Callable[..., HttpResponse]:
    """A button of a task, on its page or in a list: it leads back to where it was pressed. `do` says what was done, or
    nothing when nothing changed."""

    @act_of("spaces:task", "account", "task")
    @in_space(Space.TASKS, is_page=False)
    def act(request: HttpRequest, acting: Acting, task: UUID) -> HttpResponse:
        found = task_or_404(acting, task)
        if said := do(request, acting, found):
            messages.success(request, said)
        if which := _list_of(request.POST.get("vue")):
            door = reverse("spaces:space", args=[acting.account.pk, acting.space])
            return redirect(f"{door}?{urlencode({'vue': which.value})}")
        return redirect("spaces:task", acting.account.pk, found.pk)

    return act


def _take(request: HttpRequest, acting: Acting, task: Task) -> str:
    version = request.POST.get("version", "")
    is_taken = take_task(acting, task, int(version) if version.isdecimal() and len(version) < 9 else 0)
    return "Vous vous occupez de cette tâche." if is_taken else ""


take = _act(_take)
done = _act(lambda _, acting, task: "Tâche faite." if finish_task(acting, task) else "")
reopen = _act(lambda _, acting, task: "Tâche rouverte." if reopen_task(acting, task) else "")
cancel = _act(
    lambda _, acting, task: "Tâche annulée. Elle reste dans la liste des annulées." if cancel_task(acting, task) else ""
)

urlpatterns = [
    path("<uuid:account>/taches/nouvelle/", add, name="task_add"),
    path("<uuid:account>/taches/<uuid:task>/", task, name="task"),
    path("<uuid:account>/taches/<uuid:task>/modifier/", change, name="task_change"),
    path("<uuid:account>/taches/<uuid:task>/prendre/", take, name="task_take"),
    path("<uuid:account>/taches/<uuid:task>/faite/", done, name="task_done"),
    path("<uuid:account>/taches/<uuid:task>/rouvrir/", reopen, name="task_reopen"),
    path("<uuid:account>/taches/<uuid:task>/annuler/", cancel, name="task_cancel"),
]
