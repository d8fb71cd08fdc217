"""The one place where a delegation's period is cut short."""

from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.grounds import Ground
from accounts.journal import record
from accounts.models import Account, User
from delegations.access import Power
from delegations.errors import conflict
from delegations.models import Delegation, EndKind
from delegations.services.common import TICK

ALREADY = "Cette délégation a déjà pris fin."


def cut(  # noqa: PLR0913, who ends it, on what ground, how and why
    delegation: Delegation,
    kind: EndKind,
    user: User | None,
    account: Account | None,
    power: Power | Ground,
    at: datetime,
    reason: str = "",
    through: Delegation | None = None,
) -> datetime:
    """End it at `at`, by one conditional update, and journal it. Returns the moment; `Refused` when it has ended."""
    ground = power.ground if isinstance(power, Power) else power
    through = power.through if isinstance(power, Power) else through
    ends = max(at, delegation.period.lower + TICK)
    living = Delegation.objects.filter(pk=delegation.pk, ended_kind="", period__contains=ends - TICK)
    done = living.update(
        period=DateTimeTZRange(delegation.period.lower, ends, "[)"),
        ended_kind=kind,
        ended_by=user,
        ended_by_account=account,
        ended_ground=ground,
        ended_reason=reason,
    )
    if not done:
        raise conflict(ALREADY)
    record(
        "delegation.ended",
        at=ends,
        ground=ground,
        actor=user,
        actor_account=account,
        account=delegation.account_id,
        delegation=through.pk if through else None,
        object_kind="delegation",
        object_key=delegation.pk,
        details={"kind": str(kind), "until": ends.isoformat()},
    )
    return ends
