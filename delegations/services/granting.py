"""The one place where a delegation begins. Callers have locked both accounts and know on what ground they act."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.grounds import Ground
from accounts.journal import record
from accounts.models import Account, AccountKind, User
from accounts.notifications import tell
from accounts.services import move_accounts
from accounts.states import FIRST_USE, AccountState
from delegations.access import Power
from delegations.errors import Refused, conflict
from delegations.models import Delegation, DelegationRequest, EndKind, Origin
from delegations.periods import period
from delegations.scopes import Scope, holds, union, without
from delegations.services.common import TICK, check_end, check_living, end_words, overseers
from delegations.services.cutting import Ender, cut


@dataclass(frozen=True)
class Granter:
    """Who grants: the person, their own account (none for staff), and what they may give here. For the service centre:
    whose word it is, and the second operator when there is one."""

    user: User
    account: Account | None
    power: Power
    confirmed_by: User | None = None
    word_of: Account | None = None


@dataclass(frozen=True)
class Gift:
    holder: Account
    account: Account
    scope: Scope
    until: datetime | None
    origin: Origin
    request: DelegationRequest | None = None


def present_delegation(holder: Account, account: Account, at: datetime) -> tuple[Delegation | None, datetime]:
    """The delegation in force of this pair, locked, and the moment at which a next one may begin: `at`, or just after
    what another act ended or began while this one was waiting."""
    begins = at
    present = None
    rows = Delegation.objects.select_for_update(of=("self",)).filter(holder=holder, account=account)
    for row in rows.filter(Q(period__upper_inf=True) | Q(period__endswith__gt=at)):
        if row.ended_kind:
            begins = max(begins, row.period.upper)
        else:
            present = row
            begins = max(begins, row.period.lower + TICK)
    return present, begins


def grant(granter: Granter, gift: Gift, at: datetime, renewing: bool = False) -> Delegation:
    """Open a delegation, or widen or renew the one in force: that one ends and another takes over at that instant.

    Never narrows, in spaces or in time; `Refused` when it would, or when the granter would give more than they have.
    """
    check_living(gift.account, gift.holder)
    check_end(gift.until, at)
    _check_power(granter.power, gift)
    present, begins = present_delegation(gift.holder, gift.account, at)
    check_end(gift.until, begins)
    scope = gift.scope
    if present:
        scope = widened(present, granter.power, gift, renewing)
        ender = Ender(granter.power.ground, granter.user, granter.account, granter.power.through)
        cut(present, EndKind.REPLACED, ender, begins)
    delegation = _open(granter, gift, scope, present, begins)
    _settle(granter, gift, delegation, at)
    if gift.account.state == AccountState.LISTED and gift.account.kind != AccountKind.PP:
        move_accounts([gift.account.pk], FIRST_USE, at)
    _tell(granter, delegation, at)
    return delegation


def _check_power(power: Power, gift: Gift) -> None:
    if not holds(power.scope, gift.scope):
        raise Refused(
            f"Vous ne pouvez pas accorder plus que votre propre délégation\N{NO-BREAK SPACE}: {power.scope.label}.",
            field="scope",
        )
    if power.until is not None and (gift.until is None or gift.until > power.until):
        raise Refused(
            "Vous ne pouvez pas accorder plus longtemps que votre propre délégation\N{NO-BREAK SPACE}: choisissez une "
            f"fin, au plus tard le {end_words(power.until).removeprefix('jusqu’au ')}.",
            field="until",
        )


def widened(present: Delegation, power: Power, gift: Gift, renewing: bool = False) -> Scope:
    """The union of both scopes; `Refused` when it does not go with the one in force. One row holds both, so its end may
    be neither before the present one, nor after it for spaces that the granter does not hold."""
    whole = union(present.scope, gift.scope)
    assert whole is not None  # noqa: S101, two scopes always make one
    if whole == present.scope and not renewing:
        raise conflict(f"{gift.holder.name} a déjà cette délégation, {end_words(present.period.upper)}.", "scope")
    ends = present.period.upper
    if gift.until is not None and (ends is None or gift.until < ends):
        raise conflict(
            f"{gift.holder.name} a déjà une délégation {end_words(ends)}\N{NO-BREAK SPACE}: la nouvelle ne peut pas "
            "finir avant. Choisissez une fin plus tardive, ou aucune.",
            "until",
        )
    is_longer = ends is not None and (gift.until is None or gift.until > ends)
    if is_longer and not holds(power.scope, whole):
        raise conflict(
            f"{gift.holder.name} a déjà d’autres espaces {end_words(ends)}, que vous ne pouvez pas prolonger"
            f"\N{NO-BREAK SPACE}: choisissez cette même date de fin.",
            "until",
        )
    return whole


def _open(granter: Granter, gift: Gift, scope: Scope, present: Delegation | None, begins: datetime) -> Delegation:
    power = granter.power
    delegation = Delegation.objects.create(
        holder=gift.holder,
        account=gift.account,
        scope=scope,
        origin=gift.origin,
        period=period(begins, gift.until),
        granted_by=granter.user,
        granted_by_account=granter.account,
        granted_ground=power.ground,
        granted_through=power.through,
        confirmed_by=granter.confirmed_by,
        request=gift.request,
        replaces=present,
        created_at=begins,
    )
    record_granted(delegation, granter.user, granter.account, power.ground, power.through, granter.word_of)
    return delegation


def record_granted(  # noqa: PLR0913, PLR0917, who granted, on what ground and on whose word
    delegation: Delegation,
    user: User | None,
    own: Account | None,
    ground: Ground,
    through: Delegation | None,
    word_of: Account | None = None,
) -> None:
    """What `check_grants` compares the row with: keys, scope and period, in the journal's own words."""
    record(
        "delegation.granted",
        at=delegation.period.lower,
        ground=ground,
        actor=user,
        actor_account=own,
        account=delegation.account_id,
        delegation=through.pk if through else None,
        object_kind="delegation",
        object_key=delegation.pk,
        details={
            "holder": str(delegation.holder_id),
            "scope": str(delegation.scope),
            "origin": str(delegation.origin),
            "from": delegation.period.lower.isoformat(),
            "until": delegation.period.upper.isoformat() if delegation.period.upper else None,
            "replaces": delegation.replaces_id,
            **({"word_of": str(word_of.pk)} if word_of else {}),
        },
    )


def _settle(granter: Granter, gift: Gift, delegation: Delegation, at: datetime) -> None:
    """Whatever opens the pair answers the request that waits for it, in whole or in part."""
    request = (
        DelegationRequest.objects.select_for_update(of=("self",))
        .pending()
        .filter(requester=gift.holder, account=gift.account)
        .first()
    )
    if request is None:
        return
    rest = without(request.remaining, delegation.scope)
    if rest == request.remaining:
        return
    row = DelegationRequest.objects.filter(pk=request.pk)
    if rest is None:
        done = row.move("accept", decided_at=at, decided_by=granter.user, decided_ground=granter.power.ground)
    else:
        done = row.move("part", remaining=rest)
    if not done:
        raise conflict("Cette demande vient de recevoir une réponse.")
    record(
        "request.accepted_in_part" if rest else "request.accepted",
        at=at,
        ground=granter.power.ground,
        actor=granter.user,
        actor_account=granter.account,
        account=gift.account,
        delegation=granter.power.through.pk if granter.power.through else None,
        object_kind="request",
        object_key=request.pk,
        details={"scope": str(delegation.scope), "rest": str(rest) if rest else None, "delegation": delegation.pk},
    )


def _tell(granter: Granter, delegation: Delegation, at: datetime) -> None:
    """The holder, and at once the owner, referents and total holders."""
    what = f"{Scope(delegation.scope).label}, {end_words(delegation.period.upper)}"
    account, path = delegation.account.name, f"/delegations/{delegation.pk}/"
    if delegation.holder.user_id:
        text = f"Une délégation vous est accordée sur {account}\N{NO-BREAK SPACE}: {what}."
        tell([delegation.holder.user_id], "delegation.granted", text, path=path, at=at)
    others = overseers(delegation.account, at, but=delegation.holder) - {granter.user.pk}
    who = granter.account.name if granter.account else "Le centre de service"
    text = f"{who} a accordé une délégation à {delegation.holder.name} sur {account}\N{NO-BREAK SPACE}: {what}."
    tell(others, "delegation.granted", text, path=path, at=at)
