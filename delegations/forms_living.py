"""What a person writes to live with delegations: a reason, a date, a part to keep, a past moment."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone

from accounts.journal.verbs import grouped_verbs
from delegations.dates import LAST_YEAR, end_of, last_day, start_of
from delegations.journal_reading import Asked
from delegations.services.ending import LONGEST_REASON
from spico.web.typography import NBSP, french_date

BAD_DAY = f"Écrivez une date qui existe, comme 31/03/2027{NBSP}: jour, mois, année."
BAD_HOUR = f"Écrivez une heure qui existe, comme 10:00{NBSP}: heures, minutes."
TOO_LONG = f"Raccourcissez ce texte{NBSP}: {LONGEST_REASON} caractères au plus."
DAY_FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]
NOT_IN_LIST = "Choisissez dans la liste."
Choices = Sequence[tuple[str, str]]
FIRST_YEAR = 2000


class DayField(forms.DateField):
    """A day, typed as « 31/03/2027 ». A plain field: the browser’s own would lose what is not a day."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "off", "size": 12}
        widget = forms.DateInput(attrs=attrs, format="%d/%m/%Y")
        messages = {"invalid": BAD_DAY, "required": BAD_DAY}
        super().__init__(widget=widget, input_formats=DAY_FORMATS, error_messages=messages, **kwargs)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What is a day shows as one, however the address wrote it; what is not stays as typed."""
        try:
            return self.to_python(data) or data
        except forms.ValidationError:
            return data

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise forms.ValidationError(BAD_DAY)
        return day


def text_area(**attrs: object) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": 3, **attrs})


class EndForm(forms.Form):
    """The service says when a reason is needed; the form only keeps what was typed."""

    reason = forms.CharField(
        label="Motif",
        required=False,
        max_length=LONGEST_REASON,
        widget=text_area(),
        error_messages={"max_length": TOO_LONG},
    )

    def __init__(self, *args: Any, is_needed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason = self.fields["reason"]
        if is_needed:
            reason.help_text = "La personne le lira. Il reste dans l’historique."
        else:
            reason.label = "Motif (facultatif)"
            reason.help_text = "Les personnes qui répondent pour ce compte le liront."


class RenewForm(forms.Form):
    """`limit`: the furthest end that this person may give; without one, leaving the field empty sets no end."""

    until = DayField(label="Jusqu’au", required=False)

    def __init__(self, *args: Any, limit: datetime | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        until = self.fields["until"]
        if limit:
            until.help_text = (
                f"Au plus tard le {french_date(last_day(limit))}, fin de votre propre délégation{NBSP}: "
                "nul ne donne plus longtemps qu’il n’a."
            )
        else:
            until.help_text = "Ce jour compris, par exemple 31/03/2027. Sans date, la délégation n’aura pas de fin."

    def moment(self) -> datetime | None:
        day: date | None = self.cleaned_data["until"]
        return end_of(day) if day else None


class SurpriseForm(forms.Form):
    note = forms.CharField(
        label="Ce qui vous surprend (facultatif)",
        required=False,
        max_length=LONGEST_REASON,
        help_text="N’écrivez aucune donnée de santé. Le centre de service lira ce texte.",
        widget=text_area(),
        error_messages={"max_length": TOO_LONG},
    )


class MomentForm(forms.Form):
    """A present or past moment; now, when nothing is asked."""

    jour = DayField(label="Le")
    heure = forms.TimeField(
        label="À",
        input_formats=["%H:%M", "%H:%M:%S", "%Hh%M", "%H h %M"],
        widget=forms.TimeInput(attrs={"autocomplete": "off", "size": 8}, format="%H:%M"),
        error_messages={"invalid": BAD_HOUR, "required": BAD_HOUR},
    )

    def __init__(self, data: Any, *, now: datetime) -> None:
        self.now = now
        local = timezone.localtime(now)
        given = {key: data[key] for key in ("jour", "heure") if data.get(key)}
        # An absent half is that of now, so that an address with a day alone is read too.
        super().__init__({"jour": local.date(), "heure": f"{local:%H:%M}", **given})
        self.is_asked = bool(given)

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if not self.errors and self.moment() > self.now:
            self.add_error("jour", f"Choisissez un moment passé{NBSP}: l’avenir n’est pas encore décidé.")
        return cleaned

    def moment(self) -> datetime:
        if not self.is_asked:
            return self.now
        day: date = self.cleaned_data["jour"]
        hour: time = self.cleaned_data["heure"]
        return datetime.combine(day, hour, tzinfo=timezone.get_current_timezone())


def _sorted(sentences: Mapping[str, str]) -> list[tuple[str, str]]:
    """« A ouvert un dossier »: as choices, in the order of the alphabet."""
    told = sorted(sentences.items(), key=lambda verb: verb[1])
    return [(verb, label[:1].upper() + label[1:]) for verb, label in told]


class JournalForm(forms.Form):
    """`places`, `people`: keys and names of the accounts overseen, and of those who may have acted in them."""

    compte = forms.ChoiceField(label="Compte", required=False)
    personne = forms.ChoiceField(label="Personne", required=False)
    acte = forms.ChoiceField(label="Acte", required=False)
    du = DayField(label="Du", required=False)
    au = DayField(label="Au", required=False)

    def __init__(self, data: Any, *, places: Choices, people: Choices) -> None:
        super().__init__(data)
        acts = [(group, _sorted(sentences)) for group, sentences in grouped_verbs().items()]
        for name, every, choices in (
            ("compte", "Tous mes comptes", places),
            ("personne", "Tout le monde", people),
            ("acte", "Tous les actes", acts),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101, declared above
            field.choices = [("", every), *choices]
            field.error_messages["invalid_choice"] = NOT_IN_LIST

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        first, last = cleaned.get("du"), cleaned.get("au")
        if first and last and last < first:
            self.add_error("au", "La fin vient avant le début. Choisissez une date plus tardive.")
        return cleaned

    def asked(self, overseen: Sequence[UUID]) -> Asked:
        """What is asked, of these accounts and of no other."""
        told = self.cleaned_data
        chosen = [account for account in overseen if told["compte"] in ("", str(account))]
        first, last = told["du"], told["au"]
        return Asked(
            accounts=chosen,
            verb=told["acte"],
            person=UUID(told["personne"]) if told["personne"] else None,
            since=start_of(first) if first else None,
            until=end_of(last) if last else None,
        )

    def details(self) -> dict[str, str]:
        """What the journal keeps of an export: the period asked for, if one was."""
        days = {"from": self.cleaned_data["du"], "until": self.cleaned_data["au"]}
        return {name: day.isoformat() for name, day in days.items() if day}
