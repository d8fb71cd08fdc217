"""Whether « Demander une délégation » shows for an account: the same answer on every page that has the button."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery

from accounts.models import Account, User
from accounts.prepared import Prepared
from delegations.models import Delegation, DelegationRequest
from delegations.querysets import OPENING_STATES
from delegations.scopes import Scope
from directory.models import Attachment


@dataclass(frozen=True)
class Ask:
    """`held`: the scope that is open already; `pending`: the request that waits; `may`: the button shows."""

    account: UUID
    held: Scope | None
    pending: int | None
    may: bool

    @property
    def is_whole(self) -> bool:
        return self.held == Scope.TOTAL


def asks_for(user: User, accounts: Iterable[Account], at: datetime) -> dict[UUID, Ask]:
    """By account, one's own left out; empty for who is not listed and so asks nothing. One query."""
    wanted = {account.pk: account for account in accounts}
    if not wanted or not user.is_active:
        return {}
    rows = _asks.rows(user=user, accounts=list(wanted), at=at)
    return {pk: _ask(wanted[pk], held, waiting) for pk, held, waiting in rows}


def _composed(user: User, accounts: list[UUID], at: datetime) -> QuerySet[Account, Any]:
    own = Account.objects.filter(user=user, state__in=OPENING_STATES)
    mine = own.values("pk")[:1]
    held = Delegation.objects.open_to(user, at).filter(account=OuterRef("pk")).values("scope")[:1]
    waiting = DelegationRequest.objects.pending().filter(requester__user=user, account=OuterRef("pk")).values("pk")[:1]
    return (
        Account.objects.filter(pk__in=accounts)
        .annotate(mine=Subquery(mine), held=Subquery(held), waiting=Subquery(waiting))
        .exclude(mine=None)
        .exclude(pk=F("mine"))
        .values_list("pk", "held", "waiting")
    )


_asks = Prepared(_composed, user=User, accounts=list[UUID], at=datetime)


def _ask(account: Account, held: str | None, pending: int | None) -> Ask:
    scope = Scope(held) if held else None
    may = account.permits.requested and scope != Scope.TOTAL and pending is None
    return Ask(account.pk, scope, pending, may)


_attachments = Prepared(
    lambda *, user: (
        Attachment.objects.open()
        .filter(professional__account__user=user)
        .with_places()
        .select_related("professional", "structure__account", "internal_organisation__account")
    ),
    user=User,
)


def attachments_of(user: User) -> list[Attachment]:
    """Where this person works, with the account of each place."""
    return _attachments.rows(user=user)
