"""The tasks of an account as lists show them, with their counts. Whoever may not act there any more does nothing."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

from django.db import models
from django.db.models import Count, F, Q
from django.utils import timezone

from accounts.prepared import Prepared
from accounts.prepared_lists import Listed, PreparedList
from delegations.scopes import Space
from workspace.access import able_in
from workspace.acting import Acting
from workspace.models import Task
from workspace.news import bounded
from workspace.querysets import TaskQuerySet

MOST_COUNTED = 999


class TaskList(models.TextChoices):
    MINE = "moi", "Pour moi"
    FREE = "libres", "Non attribuées"
    LATE = "retard", "En retard"
    ALL = "toutes", "Toutes"
    DONE = "faites", "Faites"
    CANCELLED = "annulees", "Annulées"


def _to_do(account: UUID) -> TaskQuerySet:
    """The most urgent first."""
    return Task.objects.of(account).to_do().order_by(F("due_on").asc(nulls_last=True), "created_at", "pk")


_mine = PreparedList(
    lambda *, account, own: _to_do(account).filter(assignee=own),
    account=UUID,
    own=UUID,
)
_free = PreparedList(
    lambda *, account, able: _to_do(account).filter(Q(assignee=None) | ~Q(assignee__in=able)),
    account=UUID,
    able=list[UUID],
)
_late = PreparedList(lambda *, account, today: _to_do(account).overdue(today), account=UUID, today=date)
_all = PreparedList(lambda *, account: _to_do(account), account=UUID)
# What is closed: the last first.
_done = PreparedList(
    lambda *, account: Task.objects.of(account).exclude(done_at=None).order_by("-done_at", "pk"), account=UUID
)
_cancelled = PreparedList(
    lambda *, account: Task.objects.of(account).exclude(cancelled_at=None).order_by("-cancelled_at", "pk"),
    account=UUID,
)
_by_holder = Prepared(
    lambda *, account, today: (
        Task.objects.of(account)
        .to_do()
        .order_by()
        .values_list("assignee")
        .annotate(number=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))
    ),
    account=UUID,
    today=date,
)
_number_done = Prepared(
    lambda *, account: bounded(Task.objects.of(account).exclude(done_at=None), [account], MOST_COUNTED), account=UUID
)
# A list that is empty asks nothing; this is nobody's key.
NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Tasks:
    """Of the account acted for. `able`: the accounts that may act there now."""

    acting: Acting

    @cached_property
    def able(self) -> frozenset[UUID]:
        return frozenset(able_in(self.acting.account, Space.TASKS, self.acting.at))

    @cached_property
    def today(self) -> date:
        return timezone.localdate(self.acting.at)

    def is_free(self, task: Task) -> bool:
        """Nobody's, or of somebody who may not act here any more."""
        return task.assignee_id is None or task.assignee_id not in self.able

    def is_late(self, task: Task) -> bool:
        return bool(task.due_on and task.due_on < self.today and not task.done_at and not task.cancelled_at)

    def of(self, which: TaskList) -> Listed[Task]:
        found = self._of(which, self.acting.account.pk)
        return found if self.acting.may(Space.TASKS) else found.none()

    def _of(self, which: TaskList, account: UUID) -> Listed[Task]:
        if which == TaskList.MINE:
            return _mine.of(account=account, own=self.acting.own.pk)
        if which == TaskList.FREE:
            return _free.of(account=account, able=sorted(self.able) or [NOBODY])
        if which == TaskList.LATE:
            return _late.of(account=account, today=self.today)
        return {TaskList.ALL: _all, TaskList.DONE: _done, TaskList.CANCELLED: _cancelled}[which].of(account=account)

    def counts(self) -> dict[TaskList, int]:
        """In two queries. Of what is done, no more than `MOST_COUNTED` + 1; what is cancelled is not counted."""
        if not self.acting.may(Space.TASKS):
            return {}
        account = self.acting.account.pk
        by_holder = _by_holder.rows(account=account, today=self.today)
        ((_, done),) = _number_done.rows(account=account)
        return {
            TaskList.MINE: sum(number for holder, number, _ in by_holder if holder == self.acting.own.pk),
            TaskList.FREE: sum(number for holder, number, _ in by_holder if holder not in self.able),
            TaskList.LATE: sum(of_them for _, _, of_them in by_holder),
            TaskList.ALL: sum(number for _, number, _ in by_holder),
            TaskList.DONE: done,
        }
