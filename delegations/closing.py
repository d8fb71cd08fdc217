"""What ends when accounts close, in the very transaction that closes them; whatever reopens later begins anew."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.dispatch import receiver

from accounts.grounds import Ground
from accounts.journal import entry, record_all
from accounts.notifications import tell
from accounts.signals import accounts_moved
from accounts.states import PERMITS, AccountState
from delegations.models import Delegation, DelegationRequest, EndKind, Referent
from delegations.services.asking import by_nobody
from delegations.services.cutting import Ender, cut
from delegations.services.referents import close_term
from delegations.services.reviewing import tell_of_reviews

CLOSED = "Le compte a fermé."
FROZEN = "Le compte est gelé."
LEFT = "La personne ne figure plus dans l’annuaire."


@receiver(accounts_moved, dispatch_uid="delegations.closing")
def end_what_closes(accounts: set[UUID], state: AccountState, at: datetime, **kwargs: Any) -> None:
    """A closed account: delegations on it end; of a person, what they hold, asked and serve as referent ends too.
    What they granted for a structure stays, and whoever answers there is told to look at it again. A frozen one takes
    nothing new: what was asked of it is closed."""
    if PERMITS[AccountState(state)].requested:
        return
    _expire_requests(accounts, state, at)
    if not PERMITS[AccountState(state)].opens:
        _end_delegations(accounts, at)
        _end_referents(accounts, at)
        tell_of_reviews(accounts, at)


def _end_delegations(accounts: set[UUID], at: datetime) -> None:
    living = Delegation.objects.select_for_update(of=("self",)).living(at)
    for row in living.filter(Q(account__in=accounts) | Q(holder__in=accounts)).told().order_by("pk"):
        kind = EndKind.ACCOUNT_CLOSED if row.account_id in accounts else EndKind.HOLDER_CLOSED
        cut(row, kind, Ender(Ground.SYSTEM), at)
        if kind == EndKind.ACCOUNT_CLOSED and row.holder.user_id:
            text = f"Votre délégation sur {row.account.name} a pris fin\N{NO-BREAK SPACE}: ce compte a fermé."
            tell([row.holder.user_id], "delegation.ended", text, path=f"/delegations/{row.pk}/", at=at)


def _expire_requests(accounts: set[UUID], state: AccountState, at: datetime) -> None:
    """Those sent to these accounts; and, of a person who leaves, those that they sent."""
    concerned = Q(account__in=accounts)
    if not PERMITS[AccountState(state)].opens:
        concerned |= Q(requester__in=accounts)
    waiting = DelegationRequest.objects.select_for_update(of=("self",)).pending().filter(concerned).told()
    rows = list(waiting.order_by("pk"))
    DelegationRequest.objects.filter(pk__in=[row.pk for row in rows]).move(
        "expire",
        decided_at=at,
        decided_ground=Ground.SYSTEM,
        reason=FROZEN if PERMITS[AccountState(state)].opens else CLOSED,
    )
    record_all(by_nobody("request.expired", row, at) for row in rows)
    for row in rows:
        if row.requester_id not in accounts:
            text = f"Votre demande sur {row.account.name} est classée\N{NO-BREAK SPACE}: ce compte a fermé ou est gelé."
            path = f"/delegations/demandes/{row.pk}/"
            tell([row.asked_by_id], "delegation.answered", text, path=path, at=at)


def _end_referents(accounts: set[UUID], at: datetime) -> None:
    living = Referent.objects.select_for_update(of=("self",)).living(at)
    ended = living.filter(Q(account__in=accounts) | Q(structure__account__in=accounts)).select_related("structure")
    for term in ended.order_by("pk"):
        close_term(term, None, LEFT if term.account_id in accounts else CLOSED, at)
        record_all(
            [
                entry(
                    "referent.ended",
                    at=at,
                    ground=Ground.SYSTEM,
                    account=term.structure.account_id,
                    object_kind="referent",
                    object_key=term.pk,
                    details={"person": str(term.account_id)},
                )
            ]
        )
