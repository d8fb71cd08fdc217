"""How access is drawn: four cells, always the same four in the same order, with a word that agrees beside each sign."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from delegations.scopes import OPENS, Scope, Space

ICONS = {Space.DOSSIERS: "folder", Space.AGENDA: "calendar", Space.TASKS: "tasks", Space.DISCUSSIONS: "messages"}
ENDINGS = {Space.DOSSIERS: "s", Space.AGENDA: "", Space.TASKS: "es", Space.DISCUSSIONS: "es"}


@dataclass(frozen=True)
class Cell:
    """One space of one account. `last`: when it last served, absent when it never did."""

    space: Space
    is_open: bool
    last: datetime | None = None

    @property
    def label(self) -> str:
        return self.space.label

    @property
    def icon(self) -> str:
        return ICONS[self.space]

    @property
    def word(self) -> str:
        """« ouvertes », « fermé »."""
        return ("ouvert" if self.is_open else "fermé") + ENDINGS[self.space]


def cells(scope: Scope | str, uses: Mapping[Space, datetime] | None = None) -> list[Cell]:
    """What a scope opens, and when each space of it last served."""
    opened = OPENS[Scope(scope)]
    return [Cell(space, space in opened, (uses or {}).get(space)) for space in Space]
