from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms

from accounts.models import Account
from delegations.scopes import Space
from workspace.access import may_act_in
from workspace.acting import Acting
from workspace.forms.fields import DayField, LineField, LinesField, NewKeyField, PlainSelect
from workspace.forms.linking import LinkedForm
from workspace.models import Task
from workspace.services.tasks import LONGEST_NOTES, LONGEST_TITLE, NOT_OFFERED, TaskDraft

MOST_PEOPLE = 300


class TaskForm(LinkedForm):
    """`task`: the one that is changed."""

    title = LineField(LONGEST_TITLE, missing="Dites ce qu’il y a à faire.", label="À faire")
    due_on = DayField(label="Avant le", required=False, help_text="Facultatif. Comme 31/03/2027.")
    assignee = forms.ChoiceField(
        label="Attribuée à",
        required=False,
        help_text="Parmi les personnes qui peuvent agir ici.",
        error_messages={"invalid_choice": NOT_OFFERED},
        widget=PlainSelect,
    )
    notes = LinesField(LONGEST_NOTES, label="Notes")
    version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    client_key = NewKeyField()

    def __init__(
        self, acting: Acting, data: Mapping[str, Any] | None = None, *, task: Task | None = None, **kwargs: Any
    ) -> None:
        super().__init__(acting, data, linked=task.dossier_id if task else None, **kwargs)
        people = list(may_act_in(acting.account, Space.TASKS, acting.at)[:MOST_PEOPLE])
        left = task.assignee if task and task.assignee_id not in {None, *(one.pk for one in people)} else None
        self.fields["assignee"].choices = _choices(acting, people, left)  # type: ignore[attr-defined]

    def clean_assignee(self) -> UUID | None:
        value = self.cleaned_data["assignee"]
        return UUID(value) if value else None

    @property
    def draft(self) -> TaskDraft:
        return TaskDraft(
            **{name: self.cleaned_data[name] for name in ("title", "notes", "due_on", "assignee", "dossier")}
        )


def _choices(acting: Acting, people: list[Account], left: Account | None) -> list[tuple[str, str]]:
    """Oneself first. Who acts here no more is named beside « personne », and is no choice."""
    nobody = f"Personne ({left.name} n’agit plus ici)" if left else "Personne pour l’instant"
    mine = [(str(one.pk), f"Moi ({one.name})") for one in people if one.pk == acting.own.pk]
    return [("", nobody), *mine, *((str(one.pk), one.name) for one in people if one.pk != acting.own.pk)]


def values_of(task: Task) -> dict[str, Any]:
    return {
        "title": task.title,
        "due_on": task.due_on,
        "assignee": str(task.assignee_id or ""),
        "notes": task.notes,
        "dossier": str(task.dossier_id or ""),
        "version": task.version,
    }
