"""The tasks of an account as lists show them, with their counts. Whoever may not act there any more does nothing."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

from django.db import models
from django.db.models import Count, F, Q
from django.utils import timezone

from delegations.scopes import Space
from workspace.access import may_act_in, tasks_in
from workspace.acting import Acting
from workspace.models import Task
from workspace.querysets import TaskQuerySet

MOST_COUNTED = 999


class TaskList(models.TextChoices):
    MINE = "moi", "Pour moi"
    FREE = "libres", "Non attribuées"
    LATE = "retard", "En retard"
    ALL = "toutes", "Toutes"
    DONE = "faites", "Faites"
    CANCELLED = "annulees", "Annulées"


@dataclass(frozen=True)
class Tasks:
    """Of the account acted for. `able`: the accounts that may act there now."""

    acting: Acting

    @cached_property
    def able(self) -> frozenset[UUID]:
        found = may_act_in(self.acting.account, Space.TASKS, self.acting.at)
        return frozenset(found.order_by().values_list("pk", flat=True))

    @cached_property
    def today(self) -> date:
        return timezone.localdate(self.acting.at)

    def is_free(self, task: Task) -> bool:
        """Nobody's, or of somebody who may not act here any more."""
        return task.assignee_id is None or task.assignee_id not in self.able

    def is_late(self, task: Task) -> bool:
        return bool(task.due_on and task.due_on < self.today and not task.done_at and not task.cancelled_at)

    @property
    def _mine(self) -> Q:
        return Q(assignee=self.acting.own)

    @property
    def _free(self) -> Q:
        return Q(assignee=None) | ~Q(assignee__in=self.able)

    def of(self, which: TaskList) -> TaskQuerySet:
        """What is to do: the most urgent first. What is closed: the last first."""
        every = tasks_in(self.acting)
        to_do = every.to_do().order_by(F("due_on").asc(nulls_last=True), "created_at", "pk")
        if which == TaskList.DONE:
            return every.exclude(done_at=None).order_by("-done_at", "pk")
        if which == TaskList.CANCELLED:
            return every.exclude(cancelled_at=None).order_by("-cancelled_at", "pk")
        if which == TaskList.LATE:
            return to_do.overdue(self.today)
        return to_do if which == TaskList.ALL else to_do.filter(self._mine if which == TaskList.MINE else self._free)

    def counts(self) -> dict[TaskList, int]:
        """In two queries. Of what is done, no more than `MOST_COUNTED` + 1; what is cancelled is not counted."""
        waiting = tasks_in(self.acting).to_do().order_by().values_list("assignee")
        late = Count("pk", filter=Q(due_on__lt=self.today))
        by_holder = list(waiting.annotate(number=Count("pk"), late=late))
        done = tasks_in(self.acting).exclude(done_at=None).order_by()[: MOST_COUNTED + 1].count()
        return {
            TaskList.MINE: sum(number for holder, number, _ in by_holder if holder == self.acting.own.pk),
            TaskList.FREE: sum(number for holder, number, _ in by_holder if holder not in self.able),
            TaskList.LATE: sum(of_them for _, _, of_them in by_holder),
            TaskList.ALL: sum(number for _, number, _ in by_holder),
            TaskList.DONE: done,
        }
