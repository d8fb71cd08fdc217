"""Before accepting: what this person would be able to open, what stays closed, until when; by the rule's own tables."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Account
from delegations.models import Delegation
from delegations.scopes import OPENS, Scope, Space, union


@dataclass(frozen=True)
class SpacePreview:
    space: Space
    opens: bool
    is_open_already: bool


@dataclass(frozen=True)
class Preview:
    """`until`: None for no end. `scope`: what they would then hold, with what they hold already."""

    scope: Scope
    spaces: list[SpacePreview]
    until: datetime | None


def previews(
    holder: Account, account: Account, scopes: list[Scope], until: datetime | None, at: datetime
) -> dict[Scope, Preview]:
    """One for each scope that may be granted; one query in all."""
    present = Delegation.objects.in_force(at).filter(holder=holder, account=account).first()
    return {scope: _preview(scope, Scope(present.scope) if present else None, until) for scope in scopes}


def _preview(scope: Scope, held: Scope | None, until: datetime | None) -> Preview:
    whole = union(scope, held) or scope
    already = OPENS[held] if held else frozenset()
    return Preview(whole, [SpacePreview(space, space in OPENS[whole], space in already) for space in Space], until)
