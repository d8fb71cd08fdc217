"""The one place where a delegation's period is cut short."""

from dataclasses import dataclass
from datetime import datetime

from accounts.grounds import Ground
from accounts.journal import record
from accounts.models import Account, User
from delegations.errors import Refused, conflict
from delegations.models import Delegation, EndKind
from delegations.periods import period
from delegations.services.common import TICK

ALREADY = "Cette délégation a déjà pris fin."
GOES_ON = (
    "Cette délégation vient d’être prolongée, élargie ou réduite\N{NO-BREAK SPACE}: rechargez la page et voyez ce "
    "qu’elle est devenue. Rien n’a changé."
)


@dataclass(frozen=True)
class Ender:
    """Who ends a delegation: on what ground, and through which delegation of theirs. Nobody when SPICO does."""

    ground: Ground
    user: User | None = None
    account: Account | None = None
    through: Delegation | None = None


def cut(delegation: Delegation, kind: EndKind, ender: Ender, at: datetime, reason: str = "") -> datetime:
    """End it at `at`, by one conditional update, and journal it. Returns the moment; `Refused` when it has ended."""
    ends: datetime = max(at, delegation.period.lower + TICK)
    living = Delegation.objects.filter(pk=delegation.pk, ended_kind="", period__contains=ends - TICK)
    done = living.update(
        period=period(delegation.period.lower, ends),
        ended_kind=kind,
        ended_by=ender.user,
        ended_by_account=ender.account,
        ended_ground=ender.ground,
        ended_reason=reason,
    )
    if not done:
        raise no_longer(delegation)
    record(
        "delegation.ended",
        at=ends,
        ground=ender.ground,
        actor=ender.user,
        actor_account=ender.account,
        account=delegation.account_id,
        delegation=ender.through.pk if ender.through else None,
        object_kind="delegation",
        object_key=delegation.pk,
        details={"kind": str(kind), "until": ends.isoformat()},
    )
    return ends


def no_longer(delegation: Delegation) -> Refused:
    """Why nothing is done to a row that ended meanwhile; when another took over, whoever revokes must know of it."""
    goes_on = delegation.ended_kind in (EndKind.REPLACED, EndKind.REDUCED)
    return conflict(GOES_ON if goes_on else ALREADY)
