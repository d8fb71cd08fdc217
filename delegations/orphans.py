"""Structures and units for which nobody answers any more: no referent, and no holder of everything."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import Account, AccountKind
from delegations.models import Delegation, Referent
from delegations.querysets import OPENING_STATES
from delegations.scopes import Scope
from delegations.services.common import referents_of
from directory.models import Structure

# Where the service centre reads them.
ORPHANS = "/administration/delegations/orphan/"


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


def orphans(at: datetime) -> QuerySet[Account]:
    """Structures and units that somebody once answered for and nobody does now: neither a referent nor a total holder.

    Of a unit, somebody once answered for itself: the units of a structure that loses its referent are not all told.
    """
    holders = Delegation.objects.filter(scope=Scope.TOTAL)
    ever = holders.values("account").union(Referent.objects.values("structure__account"))
    here = Referent.objects.filter(
        structure=Coalesce(OuterRef("structure"), OuterRef("internalorganisation__structure"))
    )
    return (
        Account.objects.filter(pk__in=ever, state__in=OPENING_STATES)
        .exclude(kind=AccountKind.PP)
        .exclude(Exists(holders.in_force(at).filter(account=OuterRef("pk"))))
        .exclude(Exists(here.in_force(at)))
        .order_by("name", "pk")
    )


def orphans_of(structure: Structure, at: datetime) -> QuerySet[Account]:
    """Of one structure: itself first, then its units."""
    here = orphans(at).filter(Q(structure=structure) | Q(internalorganisation__structure=structure))
    return here.order_by("kind", "name", "pk")
