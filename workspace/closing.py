"""What becomes of dossiers when accounts close: docs/decisions/0011-dossiers-that-nobody-opens.md."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.dispatch import receiver

from accounts.models import Account
from accounts.notifications import tell
from accounts.signals import accounts_moved
from accounts.states import PERMITS, AccountState
from delegations.services.common import service_centre_users
from spico.web.typography import NBSP, counted, plural
from workspace.models import CircleMember, Dossier

OPENING = [state for state, permits in PERMITS.items() if permits.opens]


@dataclass(frozen=True)
class LeftAlone:
    """A closed account, and how many dossiers only closed accounts share with it: never which, nor whose."""

    name: str
    dossiers: int


def left_alone(at: datetime) -> QuerySet[Dossier]:
    """Those whose circle holds closed accounts alone: nobody opens them."""
    circle = CircleMember.objects.present(at).filter(dossier=OuterRef("pk"))
    return Dossier.objects.exclude(Exists(circle.filter(member__state__in=OPENING)))


def accounts_left_alone(at: datetime) -> list[LeftAlone]:
    rows = CircleMember.objects.present(at).filter(dossier__in=left_alone(at))
    found = rows.values("member__name").annotate(dossiers=Count("dossier")).order_by("member__name", "member")
    return [LeftAlone(row["member__name"], row["dossiers"]) for row in found]


@receiver(accounts_moved, dispatch_uid="workspace.closing")
def tell_of_dossiers(accounts: Collection[UUID], state: AccountState, at: datetime, **kwargs: Any) -> None:
    """The service centre learns how many, in the transaction that closes: it opens none of them."""
    if PERMITS[AccountState(state)].opens:
        return
    theirs = CircleMember.objects.present(at).filter(dossier=OuterRef("pk"), member__in=accounts)
    count = left_alone(at).filter(Exists(theirs)).count()
    if not count:
        return
    named = Account.objects.filter(pk__in=accounts, circles__dossier__in=left_alone(at)).distinct()
    names = list(named.order_by("name").values_list("name", flat=True)[:2])
    whose = names[0] if len(names) == 1 else "plusieurs comptes"
    text = (
        f"{counted(count, 'dossier')} ne {plural(count, 's’ouvre', 's’ouvrent')} plus à personne{NBSP}: "
        f"{whose} {'a' if len(names) == 1 else 'ont'} fermé."
    )
    tell(service_centre_users(), "workspace.left_alone", text, path="/administration/", at=at)
