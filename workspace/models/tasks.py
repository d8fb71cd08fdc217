import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Account
from delegations.scopes import Space
from workspace.models.authored import SentOnce, authored_constraints, authored_triggers, sent_once
from workspace.models.dossiers import Dossier
from workspace.querysets import TaskQuerySet


class Task(SentOnce):
    """Something to do in `account`. `assignee`: a PP account that may act there; done or cancelled, never deleted."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField("tâche", max_length=150)
    notes = models.TextField("notes", blank=True, default="")
    due_on = models.DateField("à faire avant le", null=True)
    assignee = models.ForeignKey(
        Account, verbose_name="attribuée à", on_delete=models.PROTECT, null=True, related_name="+"
    )
    dossier = models.ForeignKey(
        Dossier, verbose_name="dossier", on_delete=models.PROTECT, null=True, related_name="tasks"
    )
    version = models.PositiveIntegerField("version", default=1)
    changed_at = models.DateTimeField("modifiée le", default=timezone.now)
    changed_by_account = models.ForeignKey(
        Account, verbose_name="modifiée par", on_delete=models.PROTECT, null=True, related_name="+"
    )
    done_at = models.DateTimeField("faite le", null=True)
    done_by_account = models.ForeignKey(
        Account, verbose_name="faite par", on_delete=models.PROTECT, null=True, related_name="+"
    )
    cancelled_at = models.DateTimeField("annulée le", null=True)
    cancelled_by_account = models.ForeignKey(
        Account, verbose_name="annulée par", on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = "tâche"
        verbose_name_plural = "tâches"
        indexes = [
            models.Index(
                fields=["account", "due_on"],
                condition=Q(done_at=None, cancelled_at=None),
                name="task_open_idx",
            ),
            models.Index(fields=["account", "-done_at"], condition=Q(done_at__isnull=False), name="task_done_idx"),
            models.Index(
                fields=["account", "-cancelled_at"],
                condition=Q(cancelled_at__isnull=False),
                name="task_cancelled_idx",
            ),
        ]
        constraints = [
            *authored_constraints("task"),
            sent_once("task", "Cette tâche est déjà ajoutée."),
            models.CheckConstraint(
                condition=~Q(title=""), name="task_has_a_title", violation_error_message="Dites ce qu’il y a à faire."
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by_account=None)
                | Q(done_at__isnull=False, done_by_account__isnull=False, cancelled_at=None),
                name="task_done_by_whom",
                violation_error_message="Une tâche faite dit par qui et quand.",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, cancelled_by_account=None)
                | Q(cancelled_at__isnull=False, cancelled_by_account__isnull=False),
                name="task_cancelled_by_whom",
                violation_error_message="Une tâche annulée dit par qui et quand.",
            ),
        ]
        triggers = authored_triggers(Space.TASKS)

    def __str__(self) -> str:
        return self.title
