"""Structures and units for which nobody answers any more: no referent, and no holder of everything."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Account, AccountKind
from delegations.models import Delegation, Referent
from delegations.querysets import OPENING_STATES
from delegations.scopes import Scope
from delegations.services.common import referents_of
from directory.models import Structure


def is_last_to_answer(account: Account, leaving: Account, at: datetime) -> bool:
    """Would nobody be left for this PM account without that person? A PP account has its owner."""
    if account.kind == AccountKind.PP:
        return False
    holders = Delegation.objects.in_force(at).filter(account=account, scope=Scope.TOTAL).exclude(holder=leaving)
    return not holders.exists() and not referents_of(account, at).exclude(account=leaving).exists()


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
