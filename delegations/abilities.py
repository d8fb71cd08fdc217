"""What somebody may do next with each row of a list: the same for pages and API, so that no button leads to a no."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from accounts.grounds import Ground
from accounts.models import User
from delegations.access import Standing, is_in_force
from delegations.chains import Chain, chains_of
from delegations.models import Delegation, DelegationRequest, RequestState
from delegations.renewals import asked_among, notice_since
from delegations.reviews import waiting_among
from delegations.scopes import Scope, parts, scopes_within


@dataclass(frozen=True)
class RequestCan:
    """`accept`: the scopes that this person may give of what is asked, the widest first; `most`: all that they could
    give on the account, asked or not; `until`: their own end."""

    accept: list[Scope] = field(default_factory=list)
    most: Scope | None = None
    until: datetime | None = None
    ground: Ground | None = None
    withdraw: bool = False

    @property
    def answer(self) -> bool:
        return bool(self.accept)


@dataclass(frozen=True)
class DelegationCan:
    """`reduce`: the narrower scopes that may be kept; `until`: the furthest end that this person may give. `review`: to
    keep or end, now that whoever granted it has left. `ask_renewal`: for its holder, near its end."""

    give_up: bool = False
    revoke: bool = False
    renew: bool = False
    until: datetime | None = None
    reduce: list[Scope] = field(default_factory=list)
    review: bool = False
    ask_renewal: bool = False


def of_requests(user: User, requests: Iterable[DelegationRequest], at: datetime) -> dict[int, RequestCan]:
    """By key, in two queries whatever the number; the rows come from `told()`."""
    rows = list(requests)
    standing = Standing.of(user, at, [row.account for row in rows])
    return {row.pk: _of_request(standing, row) for row in rows}


def _of_request(standing: Standing, row: DelegationRequest) -> RequestCan:
    if row.state != RequestState.PENDING:
        return RequestCan()
    if standing.is_own(row.requester):
        return RequestCan(withdraw=True)
    able = standing.may_answer(row)
    if able is None:
        return RequestCan()
    power, part = able
    return RequestCan(accept=scopes_within(part), most=power.scope, until=power.until, ground=power.ground)


def of_delegations(
    user: User,
    delegations: Iterable[Delegation],
    at: datetime,
    chains: Mapping[int, Chain] | None = None,
    asked: Mapping[int, datetime] | None = None,
) -> dict[int, DelegationCan]:
    """By key, in five queries at most whatever the number; the rows come from `told()`. `chains`, `asked`: of all of
    them (`chains_of`, `asked_among`), read here when the caller has not."""
    rows = list(delegations)
    chains = chains_of(rows) if chains is None else chains
    asked = asked_among(rows, at) if asked is None else asked
    standing = Standing.of(user, at, [row.account for row in rows])
    waiting = waiting_among(rows, at)
    return {row.pk: _of_delegation(standing, row, chains[row.pk], row.pk in waiting, row.pk in asked) for row in rows}


def _of_delegation(standing: Standing, row: Delegation, chain: Chain, waits: bool, is_asked: bool) -> DelegationCan:
    ground = standing.may_end(row, chain) if is_in_force(row, standing.at) else None
    is_mine = standing.is_own(row.holder)
    power = standing.may_renew(row)
    return DelegationCan(
        give_up=ground is not None and is_mine,
        revoke=ground is not None and not is_mine,
        renew=power is not None,
        until=power.until if power else None,
        reduce=[scope for scope in Scope if ground is not None and parts(scope) < parts(row.scope)],
        review=waits and ground is not None and not is_mine,
        ask_renewal=is_mine
        and not is_asked
        and row.account.permits.granted
        and notice_since(row, standing.at) is not None,
    )
