from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from accounts.states import PERMITS
from delegations.scopes import Scope, Space, scopes_opening

if TYPE_CHECKING:
    from accounts.models import User
    from delegations.models import Delegation, DelegationRequest, Referent  # noqa: F401, named in types

OPENING_STATES = [state for state, permits in PERMITS.items() if permits.opens]


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def in_force(self, at: datetime) -> "DelegationQuerySet":
        """Decided by the period alone, at the moment of the question."""
        return self.filter(period__contains=at)

    def living(self, at: datetime) -> "DelegationQuerySet":
        """Not ended, be it that they begin a little after `at`: an import closes at the moment when it began."""
        return self.filter(Q(period__upper_inf=True) | Q(period__endswith__gt=at), ended_kind="")

    def not_taken_away(self) -> "DelegationQuerySet":
        """Which nobody ended, be it after the moment of the question; of one replaced, the next row holds as much."""
        return self.filter(ended_kind__in=["", "replaced"])

    def opening(self, space: Space | str) -> "DelegationQuerySet":
        return self.filter(scope__in=scopes_opening(space))

    def held_by(self, user: "User") -> "DelegationQuerySet":
        return self.filter(holder__user=user)

    def open_to(self, user: "User", at: datetime) -> "DelegationQuerySet":
        """What opens something to this user at that moment: the one predicate that `access` composes."""
        if user.pk is None or not user.is_active:
            return self.none()
        return self.in_force(at).held_by(user).filter(account__state__in=OPENING_STATES)

    def told(self) -> "DelegationQuerySet":
        """With what a row of a list says: the two accounts and who granted."""
        return self.select_related("holder", "account", "granted_by_account", "granted_by", "replaces")


class RequestTransitions:
    """Allowed moves. Each is one conditional update, so of two answers at once one wins."""

    PENDING = "pending"
    TABLE: Mapping[str, tuple[set[str], str]] = {
        "accept": ({PENDING}, "accepted"),
        "refuse": ({PENDING}, "refused"),
        "withdraw": ({PENDING}, "withdrawn"),
        "expire": ({PENDING}, "expired"),
        # One part granted: the rest stays open.
        "part": ({PENDING}, PENDING),
        "claim": ({PENDING}, PENDING),
    }


class DelegationRequestQuerySet(models.QuerySet["DelegationRequest"]):
    def pending(self) -> "DelegationRequestQuerySet":
        return self.filter(state=RequestTransitions.PENDING)

    def move(self, action: str, **changes: Any) -> int:
        """Move the rows that still may; return how many did."""
        sources, target = RequestTransitions.TABLE[action]
        return self.filter(state__in=sources).update(state=target, **changes)

    def asking_some_of(self, scope: Scope | str) -> "DelegationRequestQuerySet":
        """Those of which somebody with this scope holds something that is still asked."""
        if scope == Scope.TOTAL:
            return self
        return self.filter(Q(remaining=scope) | Q(remaining=Scope.TOTAL))

    def told(self) -> "DelegationRequestQuerySet":
        return self.select_related("requester", "account", "claimed_by", "decided_by")


class ReferentQuerySet(models.QuerySet["Referent"]):
    def in_force(self, at: datetime) -> "ReferentQuerySet":
        return self.filter(period__contains=at)

    def living(self, at: datetime) -> "ReferentQuerySet":
        return self.filter(Q(period__upper_inf=True) | Q(period__endswith__gt=at), ended_reason="")

    def not_taken_away(self) -> "ReferentQuerySet":
        """Which nobody ended, be it after the moment of the question."""
        return self.filter(ended_reason="")

    def served_by(self, user: "User", at: datetime) -> "ReferentQuerySet":
        if user.pk is None or not user.is_active:
            return self.none()
        return self.in_force(at).filter(account__user=user)
