"""What one types of a dossier: whom it is about, how the patient learnt of it, what happened."""

import hashlib
from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from delegations.errors import Refused
from workspace.calendar import moment_of
from workspace.forms.fields import ClockField, DayField, LineField, LinesField, NewKeyField
from workspace.models import Confidentiality, Dossier, Entry, EntryKind, EntryVersion, Informed, Sex
from workspace.services.circles import WHEN, Told
from workspace.services.dossiers import LONGEST_NAME, Identity
from workspace.services.dossiers_reading import Authors
from workspace.services.entries import LONGEST_TEXT, LONGEST_TITLE, NOTHING_WRITTEN

CHOOSE = "Choisissez dans la liste."
LIST = {"required": CHOOSE, "invalid_choice": CHOOSE}


def choices(labels: Any, *left_out: str) -> list[tuple[str, str]]:
    return [(one.value, one.label[:1].upper() + one.label[1:]) for one in labels if one.value not in left_out]


class IdentityForm(forms.Form):
    """Whom the dossier is about. What is only spelt badly is refused here; the rest by the service."""

    family_name = LineField(LONGEST_NAME, missing="Écrivez le nom de naissance.", label="Nom de naissance")
    given_names = LineField(LONGEST_NAME, missing="Écrivez le prénom.", label="Prénoms")
    birth_date = DayField(label="Date de naissance", help_text="Comme 02/04/1938.")
    sex = forms.ChoiceField(label="Sexe", choices=[("", "Choisir"), *choices(Sex)], error_messages=LIST)
    ins = LineField(
        25,
        label="Matricule INS",
        help_text="Facultatif. Quinze caractères, clé comprise\N{NARROW NO-BREAK SPACE}; les espaces sont permis.",
    )
    version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    @property
    def identity(self) -> Identity:
        names = ("family_name", "given_names", "birth_date", "sex", "ins")
        return Identity(**{name: self.cleaned_data[name] for name in names})


class InformedForm(forms.Form):
    informed_how = forms.ChoiceField(
        label="Comment le patient a-t-il été informé ?".replace(" ?", "\N{NARROW NO-BREAK SPACE}?"),
        choices=[("", "Choisir"), *choices(Informed)],
        error_messages=LIST,
    )
    informed_on = DayField(
        label="Date de l’information", required=False, help_text="Comme 31/03/2027. Vide en cas d’urgence."
    )

    @property
    def told(self) -> Told:
        return Told(self.cleaned_data["informed_how"], self.cleaned_data["informed_on"])


class InformedLaterForm(InformedForm):
    """What an emergency had put off: another answer than « not yet », with its day."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        how: Any = self.fields["informed_how"]
        how.choices = [("", "Choisir"), *choices(Informed, Informed.EMERGENCY)]
        day = self.fields["informed_on"]
        day.required, day.help_text, day.error_messages["required"] = True, "Comme 31/03/2027.", WHEN


class NewDossierForm(IdentityForm, InformedForm):
    """`anyway`: the person has seen the dossiers that look alike, and wants another one. `about`: the patient of whom
    they were shown; somebody else is looked for anew."""

    anyway = forms.BooleanField(required=False, widget=forms.HiddenInput)
    about = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = [*IdentityForm.base_fields, *InformedForm.base_fields]

    @property
    def is_sure(self) -> bool:
        return bool(self.cleaned_data["anyway"]) and self.cleaned_data["about"] in ("", self.patient)

    @property
    def patient(self) -> str:
        """Says nothing to whoever reads the page's source later."""
        return hashlib.sha256(repr(self.identity).encode()).hexdigest()[:16]


class EntryForm(forms.Form):
    """An observation or an event; a document has its own, with a file."""

    title = LineField(LONGEST_TITLE, missing="Donnez un titre.", label="Titre")
    text = LinesField(LONGEST_TEXT, missing=NOTHING_WRITTEN, label="Texte")
    happened_on = DayField(label="Date du fait", help_text="Comme 31/03/2027.")
    happened = ClockField(label="Heure", required=False, help_text="Facultatif. Comme 14:30.")
    confidentiality = forms.ChoiceField(
        label="Qui peut lire",
        choices=choices(Confidentiality),
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
        error_messages=LIST,
    )
    number = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    client_key = NewKeyField()

    def __init__(self, *args: Any, present: datetime | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.present = present
        self.fields["text"].widget.attrs["rows"] = 8

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        day = cleaned.get("happened_on")
        if day is not None and "happened" not in self.errors:
            try:
                cleaned["happened_at"] = moment_of(day, cleaned.get("happened") or time(12), self.present)
            except Refused as refused:
                self.add_error("happened", refused.sentence)
            except (OverflowError, ValueError):
                self.add_error("happened_on", "Choisissez une date plus proche.")
        return cleaned

    @property
    def said(self) -> dict[str, Any]:
        names = ("title", "text", "happened_at", "confidentiality")
        return {name: self.cleaned_data[name] for name in names}


def new_entry(at: datetime) -> dict[str, Any]:
    now = timezone.localtime(at)
    return {
        "happened_on": now.date(),
        "happened": now.time().replace(second=0, microsecond=0),
        "confidentiality": Confidentiality.CIRCLE.value,
    }


def values_of_entry(entry: Entry, version: EntryVersion) -> dict[str, Any]:
    local = timezone.localtime(entry.happened_at)
    return {
        "title": version.title,
        "text": version.text,
        "happened_on": local.date(),
        "happened": local.time().replace(second=0, microsecond=0),
        "confidentiality": entry.confidentiality,
        "number": entry.number,
    }


def values_of_identity(dossier: Dossier) -> dict[str, Any]:
    names = ("family_name", "given_names", "birth_date", "sex", "ins", "version")
    return {name: getattr(dossier, name) for name in names}


class TimelineForm(forms.Form):
    """Which lines of life to show. A value that does not exist shows them all."""

    type = forms.ChoiceField(label="Type", required=False, choices=[("", "Tous"), *choices(EntryKind)])
    auteur = forms.ChoiceField(label="Écrit au nom de", required=False)
    profession = forms.ChoiceField(label="Profession", required=False)
    depuis = DayField(label="Depuis le", required=False)
    jusque = DayField(label="Jusqu’au", required=False)

    def __init__(self, data: Any, authors: Authors) -> None:
        super().__init__(data or None)
        professions = [(one, one) for one in authors.professions]
        self.fields["auteur"].choices = [("", "Tous les comptes"), *authors.accounts]  # type: ignore[attr-defined]
        self.fields["profession"].choices = [("", "Toutes"), *professions]  # type: ignore[attr-defined]

    @property
    def is_asked(self) -> bool:
        return self.is_bound and any(self.data.get(name) for name in self.fields)

    def asked(self, name: str) -> Any:
        if not self.is_bound or not self.is_valid():
            return getattr(self, "cleaned_data", {}).get(name) if self.is_bound else None
        return self.cleaned_data[name]
