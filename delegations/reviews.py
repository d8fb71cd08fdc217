"""Delegations to look at again: whoever granted them for a structure has left the directory, and nobody who may end
them has kept them since. They stay in force meanwhile."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from accounts.grounds import Ground
from accounts.models import AccountKind, User
from accounts.states import AccountState
from delegations.access import accounts_referred_by
from delegations.chains import chains_of
from delegations.models import Delegation, EndKind, Referent
from delegations.querysets import DelegationQuerySet
from delegations.scopes import Scope

# Granted by somebody who answered for the structure: the service centre, that does not leave, looks after its own.
BY_A_PERSON = [Ground.DELEGATION, Ground.REFERENT]
# What is reduced keeps its granter; kept before, it stays kept.
REDUCED_AFTER_A_REVIEW = Q(replaces__ended_kind=EndKind.REDUCED, replaces__review__isnull=False)


def to_review(at: datetime) -> DelegationQuerySet:
    granted = Delegation.objects.in_force(at).filter(granted_ground__in=BY_A_PERSON)
    of_moral_accounts = granted.exclude(account__kind=AccountKind.PP)
    waiting = of_moral_accounts.filter(granted_by_account__state=AccountState.CLOSED, review=None)
    return waiting.exclude(REDUCED_AFTER_A_REVIEW)


def waiting_among(rows: Iterable[Delegation], at: datetime) -> set[int]:
    """The keys of those to review. One query, and none when no granter has left; the rows come from `told()`."""
    left = [row.pk for row in rows if row.granted_by_account and row.granted_by_account.state == AccountState.CLOSED]
    return set(to_review(at).filter(pk__in=left).values_list("pk", flat=True)) if left else set()


def reviewable_by(user: User, at: datetime) -> DelegationQuerySet:
    """Those that this user may keep or end for the account (rule 6): its referents; its total holders, the partial ones
    and those that go on from one that they granted."""
    if user.pk is None or not user.is_active:
        return Delegation.objects.none()
    held = Delegation.objects.open_to(user, at).filter(scope=Scope.TOTAL)
    whole = dict(held.values_list("account", "holder"))
    served = _served(user, at)
    # Keys, which are few: asked in one statement with the rest, the database would read every delegation.
    mine = to_review(at).filter(account__in=served.union(whole)).exclude(holder__user=user)
    total = mine.filter(scope=Scope.TOTAL).exclude(account__in=served)
    granted = [pk for pk, chain in chains_of(total).items() if any(map(chain.was_granted_by, whole.values()))]
    return mine.filter(~Q(scope=Scope.TOTAL) | Q(account__in=served) | Q(pk__in=granted))


def _served(user: User, at: datetime) -> set[UUID]:
    if not Referent.objects.served_by(user, at).exists():
        return set()
    return set(accounts_referred_by(user, at).values_list("pk", flat=True))
