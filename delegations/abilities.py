"""What somebody may do next with each row of a list: the same for pages and API, so that no button leads to a no."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from accounts.grounds import Ground
from accounts.models import User
from delegations.access import Power, Standing, is_in_force
from delegations.chains import Chain, chains_of
from delegations.models import Delegation, DelegationRequest, RequestState
from delegations.renewals import asked_among, notice_since
from delegations.reviews import waiting_among
from delegations.scopes import Scope, parts, scopes_within


@dataclass(frozen=True)
class RequestCan:
    """`answer`: to refuse, and to accept what `accept` says: the scopes that this person may give of what is asked, the
    widest first. `most`: all that they could give on the account, asked or not; `until`: their own end."""

    answer: bool = False
    accept: list[Scope] = field(default_factory=list)
    most: Scope | None = None
    until: datetime | None = None
    ground: Ground | None = None
    withdraw: bool = False


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
    """By key, in three queries at most whatever the number; the rows come from `told()`."""
    rows = list(requests)
    standing = Standing.of(user, at, [row.account for row in rows])
    able = {row.pk: found for row in rows if (found := standing.may_answer(row))}
    ends = _ends_held([row for row in rows if row.pk in able and able[row.pk][0].until], at)
    return {row.pk: _of_request(standing, row, able.get(row.pk), ends) for row in rows}


Pair = tuple[UUID, UUID]


def _ends_held(requests: list[DelegationRequest], at: datetime) -> dict[Pair, datetime | None]:
    """When what the askers hold already ends, by holder and account. One query, none for no request."""
    if not requests:
        return {}
    askers, accounts = {row.requester_id for row in requests}, {row.account_id for row in requests}
    held = Delegation.objects.in_force(at).filter(holder__in=askers, account__in=accounts)
    return {(row.holder_id, row.account_id): row.period.upper for row in held}


def _of_request(
    standing: Standing, row: DelegationRequest, able: tuple[Power, Scope] | None, ends: Mapping[Pair, datetime | None]
) -> RequestCan:
    if row.state != RequestState.PENDING:
        return RequestCan()
    if standing.is_own(row.requester):
        return RequestCan(withdraw=True)
    if able is None:
        return RequestCan()
    power, part = able
    is_outlived = _is_outlived(power, (row.requester_id, row.account_id), ends)
    accept = [] if is_outlived else scopes_within(part)
    return RequestCan(True, accept, most=power.scope, until=power.until, ground=power.ground)


def _is_outlived(power: Power, pair: Pair, ends: Mapping[Pair, datetime | None]) -> bool:
    """Does what the asker holds end after all that this person may give? One row would hold both, and never ends sooner
    than the one in force: there is nothing to accept."""
    if power.until is None or pair not in ends:
        return False
    end = ends[pair]
    return end is None or end > power.until


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
