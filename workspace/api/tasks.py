"""The tasks of an account."""

from collections.abc import Callable
from dataclasses import fields
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from delegations.api.parameters import NothingBody
from delegations.scopes import Space
from spico.web.api import BodySerializer, PageParameters, TextField, answers
from workspace.acting import Acting
from workspace.api.base import AUTHORS, AuthoredSerializer, SentOnceBody, SpaceView, page_of, page_serializer
from workspace.models import Task
from workspace.services.tasks import (
    LONGEST_NOTES,
    LONGEST_TITLE,
    TaskDraft,
    add_task,
    cancel_task,
    change_task,
    finish_task,
    reopen_task,
    take_task,
    task_or_404,
)
from workspace.services.tasks_reading import TaskList, Tasks

TAGS = ["tâches"]
# As the API calls the lists of the page.
LISTS = {
    "mine": TaskList.MINE,
    "free": TaskList.FREE,
    "late": TaskList.LATE,
    "all": TaskList.ALL,
    "done": TaskList.DONE,
    "cancelled": TaskList.CANCELLED,
}


class TaskSerializer(AuthoredSerializer):
    id = serializers.UUIDField(help_text="Identifiant de la tâche.")
    title = serializers.CharField(help_text="Ce qu’il y a à faire.")
    notes = serializers.CharField(help_text="Notes.")
    due_on = serializers.DateField(allow_null=True, help_text="À faire avant ce jour.")
    assignee = serializers.UUIDField(
        source="assignee_id", allow_null=True, help_text="Compte PP à qui elle est donnée."
    )
    assignee_name = serializers.CharField(source="assignee.name", default="", help_text="Nom de cette personne.")
    dossier = serializers.UUIDField(
        source="dossier_id", allow_null=True, help_text="Dossier lié ; l’ouvrir demande sa propre règle."
    )
    version = serializers.IntegerField(help_text="Version, celle de « ETag ».")
    done_at = serializers.DateTimeField(allow_null=True, help_text="Date où elle a été faite.")
    done_by = serializers.UUIDField(source="done_by_account_id", allow_null=True, help_text="Compte de qui l’a faite.")
    cancelled_at = serializers.DateTimeField(allow_null=True, help_text="Date de l’annulation.")


class TaskBody(BodySerializer):
    title = TextField(max_length=LONGEST_TITLE, help_text="Ce qu’il y a à faire.")
    notes = TextField(required=False, allow_blank=True, default="", max_length=LONGEST_NOTES, help_text="Notes.")
    due_on = serializers.DateField(required=False, allow_null=True, default=None, help_text="À faire avant ce jour.")
    assignee = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Compte PP de qui peut agir ici, ou personne."
    )
    dossier = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Dossier lié, parmi ceux que vous pouvez ouvrir ici."
    )

    @property
    def draft(self) -> TaskDraft:
        return TaskDraft(**{one.name: self.validated_data[one.name] for one in fields(TaskDraft)})


class NewTaskBody(SentOnceBody, TaskBody):
    pass


class TaskParameters(PageParameters):
    list = serializers.ChoiceField(
        choices=[(name, one.label) for name, one in LISTS.items()], default="all", help_text="Laquelle des listes."
    )


TasksSerializer = page_serializer("TasksSerializer", TaskSerializer)


class TaskDoor(SpaceView):
    space = Space.TASKS

    def whole(self, pk: UUID, status: int = 200) -> Response:
        row = Task.objects.select_related("assignee", *AUTHORS).get(pk=pk)
        return self.told(TaskSerializer(row).data, version=row.version, status=status)


class TasksView(TaskDoor):
    is_door = True
    http_method_names = ["get", "head", "post"]

    @extend_schema(
        operation_id="tasks",
        summary="Les tâches d’un compte",
        description="Par liste : les vôtres, celles de personne, en retard, toutes, faites, annulées.",
        parameters=[TaskParameters],
        responses=answers(TasksSerializer, 400, 403, 404),
        tags=TAGS,
    )
    def get(self, request: Request, account: UUID) -> Response:
        parameters = self.read(TaskParameters)
        rows = Tasks(self.acting).of(LISTS[parameters.validated_data["list"]])
        page = page_of(request, rows.select_related("assignee", *AUTHORS), parameters)
        return Response(TasksSerializer(page).data)

    @extend_schema(
        operation_id="task_create",
        summary="Ajouter une tâche",
        description="Dans le compte, en son nom.",
        request=NewTaskBody,
        responses=answers(TaskSerializer, 400, 403, 404, 409, status=201),
        tags=TAGS,
    )
    def post(self, request: Request, account: UUID) -> Response:
        body = self.sent(NewTaskBody)
        return self.whole(add_task(self.acting, body.draft, body.validated_data["client_key"]).pk, 201)


class TaskView(TaskDoor):
    http_method_names = ["get", "head", "patch"]

    @extend_schema(
        operation_id="task",
        summary="Une tâche",
        description="« ETag » est sa version.",
        responses=answers(TaskSerializer, 404),
        tags=TAGS,
    )
    def get(self, request: Request, account: UUID, task: UUID) -> Response:
        return self.whole(task_or_404(self.acting, task).pk)

    @extend_schema(
        operation_id="task_change",
        summary="Modifier une tâche",
        description="Toutes ses valeurs. « If-Match » donne la version que vous avez lue.",
        request=TaskBody,
        responses=answers(TaskSerializer, 400, 404, 409, 412, 428),
        tags=TAGS,
    )
    def patch(self, request: Request, account: UUID, task: UUID) -> Response:
        found, version = task_or_404(self.acting, task), self.seen_version
        change_task(self.acting, found, version, self.sent(TaskBody).draft)
        return self.whole(found.pk)


def act(name: str, summary: str, description: str, do: Callable[[Acting, Task], bool]) -> type[TaskDoor]:
    """A view of one act; done twice, it changes nothing."""

    class ActView(TaskDoor):
        http_method_names = ["post"]

        @extend_schema(
            operation_id=name,
            summary=summary,
            description=description,
            request=NothingBody,
            responses=answers(TaskSerializer, 400, 403, 404, 409),
            tags=TAGS,
        )
        def post(self, request: Request, account: UUID, task: UUID) -> Response:
            found = task_or_404(self.acting, task)
            self.sent(NothingBody)
            do(self.acting, found)
            return self.whole(found.pk)

    return ActView


TakeView = act(
    "task_take", "S’occuper d’une tâche", "Elle est alors à vous.", lambda a, task: take_task(a, task, task.version)
)
DoneView = act("task_done", "Dire une tâche faite", "Par vous, à cet instant.", finish_task)
ReopenView = act("task_reopen", "Rouvrir une tâche", "Faite ou annulée, elle est de nouveau à faire.", reopen_task)
CancelView = act("task_cancel", "Annuler une tâche", "Elle reste dans la liste des annulées.", cancel_task)
