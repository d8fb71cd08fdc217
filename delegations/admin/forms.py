"""What the acts of the service centre read. Rules stay in the services; what was typed is kept."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django import forms

from accounts.models import Account
from delegations.errors import Refused
from delegations.forms import DayField
from delegations.models import Origin
from delegations.scopes import DETAIL, Scope
from delegations.services.common import UNKNOWN_SCOPE
from delegations.services.ending import LONGEST_REASON
from directory.search import fold

NBSP = "\N{NO-BREAK SPACE}"
ORIGINS = {Origin.SERVICE_CENTRE: "Sur la parole d’un référent", Origin.REGISTRATION: "À l’inscription"}


class ActForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def refuse(self, refused: Refused) -> None:
        """The service's own sentence, beside the value that does not suit when there is one."""
        self.add_error(refused.field if refused.field in self.fields else None, refused.sentence)


def _scope_label(scope: Scope) -> str:
    """« Dossier : dossiers, agenda et tâches »; a scope of one space says no more than its name."""
    return scope.label if fold(DETAIL[scope]) == fold(scope.label) else f"{scope.label}{NBSP}: {DETAIL[scope]}"


def _origin() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Origine",
        choices=[(origin.value, label) for origin, label in ORIGINS.items()],
        initial=Origin.SERVICE_CENTRE.value,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une origine.", "invalid_choice": "Cette origine n’existe pas."},
    )


class GrantForm(ActForm):
    """`people`: who may give their word. `alike`: accounts of those who have nearly the same name, the one chosen
    first, each with what tells it apart; empty when there is nobody to mistake them for."""

    person = forms.ChoiceField(
        label="La bonne personne",
        required=False,
        widget=forms.RadioSelect,
        help_text=f"D’autres personnes portent presque ce nom{NBSP}: dites laquelle vous voulez.",
        error_messages={"invalid_choice": "Choisissez une des personnes affichées."},
    )
    scope = forms.ChoiceField(
        label="Périmètre",
        choices=[(scope.value, _scope_label(scope)) for scope in Scope],
        widget=forms.RadioSelect,
        help_text=f"Si la personne tient alors tout, une seconde personne du centre doit confirmer{NBSP}: rien ne "
        "s’ouvre avant.",
        error_messages={"required": "Choisissez un périmètre.", "invalid_choice": UNKNOWN_SCOPE},
    )
    until = DayField(label="Jusqu’au", required=False, help_text="Facultatif, comme 31/03/2027. Ce jour compris.")
    origin = _origin()
    word_of = forms.ChoiceField(
        label="Sur la parole de",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Dites qui vous l’a demandé.",
            "invalid_choice": "Cette personne ne peut pas donner sa parole ici, ou ne le peut plus.",
        },
    )

    def __init__(
        self, *args: Any, people: Iterable[Account] = (), alike: Collection[tuple[UUID, str]] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [(str(key), told) for key, told in alike]  # type: ignore[attr-defined]
        if not alike:
            del self.fields["person"]
        self.people = {str(person.pk): person for person in people}
        self.fields["word_of"].choices = [(key, person.name) for key, person in self.people.items()]  # type: ignore[attr-defined]
        if len(self.people) == 1:
            self.fields["word_of"].initial = next(iter(self.people))

    @property
    def meant(self) -> UUID | None:
        """The account of whom the operator means, when names are alike and they said so."""
        said = self.cleaned_data.get("person")
        return UUID(said) if said else None

    @property
    def word_of_account(self) -> Account:
        return self.people[self.cleaned_data["word_of"]]


class ListForm(ActForm):
    text = forms.CharField(
        label="Coller la liste",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "wrap": "off"}),
    )
    file = forms.FileField(
        label="Ou choisir un fichier CSV",
        required=False,
        allow_empty_file=True,
        help_text=f"500{NBSP}lignes et 1{NBSP}Mo au plus.",
    )
    origin = _origin()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("text", "").strip() and cleaned.get("file") is not None:
            self.add_error("file", f"La liste est collée et jointe à la fois{NBSP}: gardez l’une des deux.")
        elif not cleaned.get("text", "").strip() and cleaned.get("file") is None and not self.errors:
            self.add_error("text", "Collez une liste, ou choisissez un fichier.")
        return cleaned


class ReasonForm(ActForm):
    """`reason` is how the services call it, whatever the page calls it."""

    reason = forms.CharField(
        label="Motif",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": f"Dites pourquoi{NBSP}: la personne lira ce motif.",
            "max_length": f"Raccourcissez{NBSP}: {LONGEST_REASON} caractères au plus.",
        },
    )
