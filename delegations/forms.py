"""What pages read from people. Rules stay in the services: forms turn text into values, and keep what was typed."""

from collections.abc import Sequence
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
THIS_PERSON = "this"


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
    """An answer to a request. `others`: the homonyms among whom to choose, when there are some."""

    answer = forms.ChoiceField(
        label="Votre réponse",
        error_messages={"required": "Choisissez votre réponse.", "invalid_choice": UNKNOWN_SCOPE},
        widget=Radios,
    )
    person = forms.ChoiceField(label="La bonne personne", required=False, widget=Radios)
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

    def __init__(self, *args: Any, others: Sequence[int] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.others = list(others)
        # A scope that exists but is not theirs to give is the service's to refuse, with its sentence.
        self.fields["answer"].choices = [*Scope.choices, (REFUSE, "Refuser")]  # type: ignore[attr-defined]
        self.fields["person"].choices = [(THIS_PERSON, "")] + [(str(pk), "") for pk in self.others]  # type: ignore[attr-defined]
        self.fields["person"].error_messages["invalid_choice"] = "Choisissez une des personnes affichées."

    @property
    def is_refusal(self) -> bool:
        return bool(self.cleaned_data.get("answer") == REFUSE)

    def clean(self) -> dict[str, Any]:
        """When names are alike, nobody is let in unseen; a refusal asks nothing of that, nor of an end."""
        cleaned = super().clean() or {}
        self.errors.pop("until" if cleaned.get("answer") == REFUSE else "reason", None)
        if not self.others or "person" not in cleaned or cleaned.get("answer") in (None, REFUSE):
            return cleaned
        if not cleaned["person"]:
            self.add_error(
                "person", "Deux personnes ont presque le même nom\N{NO-BREAK SPACE}: dites laquelle vous voulez."
            )
        elif cleaned["person"] != THIS_PERSON:
            self.add_error(
                "person",
                "La demande ne vient pas de cette personne\N{NO-BREAK SPACE}: rien n’est accordé. Refusez la demande, "
                "et appelez le centre de service si vous avez un doute.",
            )
        return cleaned
