"""Choosing the dossier of an event or of a task, among those that the person may open: the last moved, or by name."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import F
from django.forms.utils import ErrorDict

from directory.search.folding import fold
from spico.web.typography import french_date
from workspace.access import dossiers_in
from workspace.acting import Acting
from workspace.forms.fields import LineField, PlainSelect
from workspace.models import Dossier
from workspace.querysets import DossierQuerySet
from workspace.services.dossiers import keep_search
from workspace.services.reading import NOT_OFFERED
from workspace.typed import one_line

MOST_OFFERED = 50
KEPT = "garder"
NAMED = ("family_name", "given_names", "birth_date")


class LinkedForm(forms.Form):
    """`linked`: the dossier that stands, which may be closed to whoever edits: then it is kept without being named."""

    dossier = forms.ChoiceField(
        label="Dossier", required=False, error_messages={"invalid_choice": NOT_OFFERED}, widget=PlainSelect
    )
    find = LineField(100, label="Chercher un autre dossier par son nom")

    def __init__(
        self, acting: Acting, data: Mapping[str, Any] | None = None, *, linked: UUID | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.linked = linked
        found = dossiers_in(acting)
        found = found.only(*NAMED)
        asked = one_line(str((data or {}).get("find", "")))[:100]
        if asked:
            keep_search(acting)
        offered, self.has_more = _offered(found.kept(), asked)
        wanted = _key((data or {}).get("dossier") or self.initial.get("dossier"))
        standing = {one.pk: one for one in found.filter(pk__in={wanted, linked} - {None})}
        listed = {one.pk: one for one in [*standing.values(), *offered]}
        hidden = (
            [(KEPT, "Le dossier déjà lié, qui ne vous est pas ouvert")] if linked and linked not in standing else []
        )
        choices = [("", "Aucun dossier"), *hidden, *((str(pk), label_of(one)) for pk, one in listed.items())]
        self.fields["dossier"].choices = choices  # type: ignore[attr-defined]
        if hidden:
            self.initial["dossier"] = KEPT

    def full_clean(self) -> None:
        """Looking for a dossier is no time to be told what is missing."""
        if self.is_bound and self.is_search:
            self._errors, self.cleaned_data = ErrorDict(), {}
        else:
            super().full_clean()

    def clean_dossier(self) -> UUID | None:
        value = self.cleaned_data["dossier"]
        return self.linked if value == KEPT else _key(value)

    @property
    def is_search(self) -> bool:
        """The person asked for other dossiers, not yet to save."""
        return bool(self.data.get("look"))


def label_of(dossier: Dossier) -> str:
    return f"{dossier.family_name} {dossier.given_names}, {french_date(dossier.birth_date)}"


def _offered(dossiers: DossierQuerySet, find: str) -> tuple[list[Dossier], bool]:
    """Those to choose from, and whether a search by name is of use."""
    if find:
        return list(
            dossiers.filter(folded__contains=fold(find).strip()).order_by("family_name", "pk")[:MOST_OFFERED]
        ), True
    recent = dossiers.order_by(F("moved_at").desc(nulls_last=True), "-created_at")
    found = list(recent[: MOST_OFFERED + 1])
    return sorted(found[:MOST_OFFERED], key=lambda one: one.family_name), len(found) > MOST_OFFERED


def _key(value: object) -> UUID | None:
    try:
        return value if isinstance(value, UUID) else UUID(str(value)) if value else None
    except ValueError:
        return None
