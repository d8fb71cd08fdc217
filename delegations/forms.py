"""What pages read from people. Rules stay in the services: forms turn text into values, and keep what was typed."""

from datetime import date, datetime
from typing import Any

from django import forms

from delegations.dates import LAST_YEAR, end_of
from delegations.models.requests import LONGEST_MESSAGE
from delegations.scopes import Scope
from delegations.services.common import UNKNOWN_SCOPE
from delegations.services.ending import LONGEST_REASON

WRITTEN = ["%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y"]
REFUSE = "refuse"


class Radios(forms.RadioSelect):
    """Drawn by the page, one `choice` each; what an error says leads to the first."""

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return super().id_for_label(id_, index or "0")


class AskForm(forms.Form):
    scope = forms.ChoiceField(
        label="Périmètre",
        choices=Scope.choices,
        error_messages={"required": "Choisissez un périmètre.", "invalid_choice": UNKNOWN_SCOPE},
        widget=Radios,
    )
    message = forms.CharField(
        label="Message",
        required=False,
        max_length=LONGEST_MESSAGE,
        help_text="Facultatif. Dites pourquoi, et jusqu’à quand si vous le savez. Aucune donnée de santé, aucun nom de "
        "patient.",
        error_messages={
            "max_length": f"Raccourcissez le message\N{NO-BREAK SPACE}: {LONGEST_MESSAGE} caractères au plus."
        },
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class DayField(forms.DateField):
    """« 31/03/2027 » as people write it, or as a date picker sends it. Its value is the moment when that day ends."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%d/%m/%Y", attrs={"inputmode": "numeric", "autocomplete": "off"})
        messages = {"invalid": "Écrivez une date, comme 31/03/2027."}
        super().__init__(input_formats=WRITTEN, widget=widget, error_messages=messages, **kwargs)

    def clean(self, value: Any) -> datetime | None:
        day: date | None = super().clean(value)
        if day is None:
            return None
        if day.year > LAST_YEAR:
            raise forms.ValidationError("Cette date est trop lointaine. Laissez vide pour ne pas donner de fin.")
        return end_of(day)


class AnswerForm(forms.Form):
    """An answer to a request. `person`: the account of who is meant; the service asks for it when names are alike."""

    answer = forms.ChoiceField(
        label="Votre réponse",
        # A scope that exists but is not theirs to give is the service's to refuse, with its sentence.
        choices=[*Scope.choices, (REFUSE, "Refuser")],
        error_messages={"required": "Choisissez votre réponse.", "invalid_choice": UNKNOWN_SCOPE},
        widget=Radios,
    )
    person = forms.UUIDField(
        label="La bonne personne",
        required=False,
        error_messages={"invalid": "Choisissez une des personnes affichées."},
        widget=Radios,
    )
    until = DayField(label="Jusqu’au", required=False)
    reason = forms.CharField(
        label="Motif du refus",
        required=False,
        max_length=LONGEST_REASON,
        error_messages={
            "max_length": f"Raccourcissez le motif\N{NO-BREAK SPACE}: {LONGEST_REASON} caractères au plus."
        },
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    @property
    def is_refusal(self) -> bool:
        return bool(self.cleaned_data.get("answer") == REFUSE)

    def clean(self) -> dict[str, Any]:
        """A refusal asks nothing of an end nor of the person; a grant, nothing of a reason."""
        cleaned = super().clean() or {}
        for name in ("until", "person") if cleaned.get("answer") == REFUSE else ("reason",):
            self.errors.pop(name, None)
        return cleaned


def typed_in(form: forms.BaseForm, *names: str) -> list[tuple[str, str]]:
    """Labels and what the person wrote under them, to copy: for a form that has no place any more."""
    written = [(str(form[name].label), str(form[name].value() or "")) for name in names]
    return [(label, value) for label, value in written if value]
