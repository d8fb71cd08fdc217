"""Before accepting: what this person would be able to open, what stays closed, until when; by the rule's own tables."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Account
from delegations.models import Delegation
from delegations.scopes import OPENS, Scope, Space, holds, union
from delegations.services.common import end_words

NBSP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Held:
    """What this person holds already; `until`: None for no end."""

    scope: Scope
    until: datetime | None


@dataclass(frozen=True)
class SpacePreview:
    space: Space
    opens: bool
    is_open_already: bool


@dataclass(frozen=True)
class Preview:
    """What one answer would do. `scope`: what they would then hold, with what they hold already; `until`: the end of
    all of it, None for no end. `is_kept`: that end is the present one, which this answerer may not move."""

    scope: Scope
    spaces: list[SpacePreview]
    until: datetime | None
    held: Held | None = None
    is_kept: bool = False

    def told(self, is_chosen: bool) -> list[str]:
        """In sentences: what they would hold, until when, and what becomes of what is open already. `is_chosen`: the
        end is the one that was typed, and not the one that nobody changed yet."""
        ends = end_words(self.until)
        unless = "" if is_chosen else f", sauf si vous choisissez une {'autre date' if self.until else 'date'}"
        if self.held is None:
            return [f"{ends[:1].upper()}{ends[1:]}{unless}."]
        open_now = ", ".join(one.space.label for one in self.spaces if one.is_open_already)
        whole = f"La personne tiendra alors «{NBSP}{self.scope.label}{NBSP}»."
        what = f"{open_now.capitalize()}{NBSP}:"
        if self.is_kept:
            return [
                whole,
                f"{what} {ends}, comme aujourd’hui. Vous ne pouvez pas les prolonger{NBSP}: donnez cette fin.",
            ]
        if self.until == self.held.until:
            return [whole, f"{what} {ends}, comme aujourd’hui{unless}."]
        return [whole, f"{what} aujourd’hui {end_words(self.held.until)}, ensuite {ends}{unless}."]


def held_by(holder: Account, account: Account, at: datetime) -> Held | None:
    """What of the account is open to them by a delegation in force. One query."""
    present = Delegation.objects.in_force(at).filter(holder=holder, account=account).first()
    return Held(Scope(present.scope), present.period.upper) if present else None


def previews(
    held: Held | None, scopes: list[Scope], most: Scope | None, until: datetime | None
) -> dict[Scope, Preview]:
    """One for each scope that may be granted. `most`: all that the granter could give; `until`: the end chosen, or
    their own while there is none."""
    return {scope: _preview(scope, held, most, until) for scope in scopes}


def _preview(scope: Scope, held: Held | None, most: Scope | None, until: datetime | None) -> Preview:
    whole = union(scope, held.scope if held else None) or scope
    already = OPENS[held.scope] if held else frozenset()
    spaces = [SpacePreview(space, space in OPENS[whole], space in already) for space in Space]
    # One row holds all: whoever does not hold the whole gives their part until the end that is there.
    is_kept = held is not None and not holds(most, whole)
    return Preview(whole, spaces, held.until if held and is_kept else until, held, is_kept)
