"""Structures and units for which nobody answers any more: no referent, and no holder of everything."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Account, AccountKind
from delegations.models import Delegation, Referent
from delegations.querysets import OPENING_STATES
from delegations.scopes import Scope
from delegations.services.common import referents_of
from directory.models import Structure


def is_last_to_answer(account: Account, leaving: Account, at: datetime) -> bool:
    """Would nobody be left for this PM account without that person? A PP account has its owner."""
    return _nobody(account, at, but=Q(account=leaving), holding=Q(holder=leaving))


def nobody_answers(account: Account, at: datetime) -> bool:
    """Is nobody left for this PM account, after somebody left one of their roles?"""
    return _nobody(account, at, but=Q(pk=None), holding=Q(pk=None))


def _nobody(account: Account, at: datetime, but: Q, holding: Q) -> bool:
    if account.kind == AccountKind.PP:
        return False
    holders = Delegation.objects.in_force(at).filter(account=account, scope=Scope.TOTAL).exclude(holding)
    return not holders.exists() and not referents_of(account, at).exclude(but).exists()


def orphans(at: datetime) -> QuerySet[Structure]:
    """Structures that somebody once answered for and nobody does now: neither a referent nor a total holder."""
    holders = Delegation.objects.filter(account=OuterRef("account"), scope=Scope.TOTAL)
    referents = Referent.objects.filter(structure=OuterRef("pk"))
    return (
        Structure.objects.filter(account__state__in=OPENING_STATES)
        .filter(Exists(holders) | Exists(referents))
        .exclude(Exists(holders.in_force(at)))
        .exclude(Exists(referents.in_force(at)))
        .select_related("account", "commune", "department")
        .order_by("name", "pk")
    )
