from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from delegations.errors import Refused
from workspace.acting import Acting
from workspace.calendar import moment_of
from workspace.forms.fields import ClockField, DayField, LineField, LinesField, NewKeyField
from workspace.forms.linking import LinkedForm
from workspace.models import Event, EventKind
from workspace.services.agenda import LONGEST_NOTES, LONGEST_PLACE, LONGEST_TITLE, EventDraft


class EventForm(LinkedForm):
    """Hours are those of Europe/Paris. `event`: the one to change, whose hours stay as they are until retyped."""

    kind = forms.ChoiceField(
        label="Type",
        choices=[(kind.value, kind.label.capitalize()) for kind in EventKind],
        error_messages={"required": "Choisissez un type.", "invalid_choice": "Choisissez un type dans la liste."},
    )
    title = LineField(LONGEST_TITLE, missing="Donnez un titre.", label="Titre")
    starts_on = DayField(label="Début", help_text="Comme 31/03/2027.")
    starts = ClockField(label="Heure de début", help_text="Comme 14:30.")
    ends_on = DayField(label="Fin", required=False, help_text="Vide\N{NO-BREAK SPACE}: le même jour.")
    ends = ClockField(label="Heure de fin", help_text="Comme 15:30.")
    place = LineField(LONGEST_PLACE, label="Lieu")
    notes = LinesField(LONGEST_NOTES, label="Notes")
    version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    client_key = NewKeyField()

    def __init__(
        self, acting: Acting, data: Mapping[str, Any] | None = None, *, event: Event | None = None, **kwargs: Any
    ) -> None:
        self.event = event
        super().__init__(acting, data, linked=event.dossier_id if event else None, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        day = cleaned.get("starts_on")
        starts_at, ends_at = (self.event.starts_at, self.event.ends_at) if self.event else (None, None)
        cleaned["starts_at"] = self._moment(day, "starts", starts_at)
        cleaned["ends_at"] = self._moment(cleaned.get("ends_on") or day, "ends", ends_at)
        return cleaned

    def _moment(self, day: date | None, field: str, present: datetime | None) -> datetime | None:
        clock: time | None = self.cleaned_data.get(field)
        if day is None or clock is None or "ends_on" in self.errors:
            return None
        try:
            return moment_of(day, clock, present)
        except Refused as refused:
            self.add_error(field, refused.sentence)
        except (OverflowError, ValueError):
            self.add_error(field, "Choisissez une date plus proche.")
        return None

    @property
    def draft(self) -> EventDraft:
        names = ("kind", "title", "starts_at", "ends_at", "place", "notes", "dossier")
        return EventDraft(**{name: self.cleaned_data[name] for name in names})


def values_of(event: Event) -> dict[str, Any]:
    starts, ends = timezone.localtime(event.starts_at), timezone.localtime(event.ends_at)
    return {
        "kind": event.kind,
        "title": event.title,
        "starts_on": starts.date(),
        "starts": starts.time(),
        "ends_on": ends.date() if ends.date() != starts.date() else None,
        "ends": ends.time(),
        "place": event.place,
        "notes": event.notes,
        "dossier": str(event.dossier_id or ""),
        "version": event.version,
    }


def values_for(day: date, at: datetime) -> dict[str, Any]:
    """Of a new event: the next whole hour, for an hour."""
    begins = (timezone.localtime(at) + timedelta(hours=1)).replace(minute=0)
    hour = min(begins.hour, 22) if timezone.localtime(at).date() == day else 9
    return {"kind": EventKind.VISIT, "starts_on": day, "starts": time(hour), "ends": time(hour + 1)}
