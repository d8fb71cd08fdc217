"""The access rule, in one place. A delegation in force, and nothing else, opens another account's spaces.

Everything that lists, counts, checks or explains starts here. `at` is the moment of the question, always given by the
caller: in force is decided by the clock, and nothing is kept from one request to the next. No group, staff or superuser
flag is read: those give the administration, and open no account.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.grounds import Ground
from accounts.models import Account, AccountKind, User
from accounts.prepared import Prepared
from delegations.chains import Chain
from delegations.models import Delegation, DelegationRequest, Referent, RequestState
from delegations.querysets import OPENING_STATES, DelegationQuerySet, DelegationRequestQuerySet, ReferentQuerySet
from delegations.scopes import OPENS, Scope, Space, common, holds
from directory.models import InternalOrganisation, Structure


def accounts_open_to(user: User, space: Space | str, at: datetime) -> QuerySet[Account]:
    """The accounts whose space this user may open: their own, and those by a delegation in force."""
    return _own_or(user, Delegation.objects.in_force(at).opening(space))


def accounts_entered_by(user: User, at: datetime) -> QuerySet[Account]:
    """The accounts of which at least one space is open to this user, their own included."""
    return _own_or(user, Delegation.objects.in_force(at))


def _own_or(user: User, delegations: DelegationQuerySet) -> QuerySet[Account]:
    if user.pk is None or not user.is_active:
        return Account.objects.none()
    # A union of keys, each found by its own index: with an OR, the database would read every account. Each account is
    # looked at once, for its own state: not again for each delegation, as `open_to` would.
    keys = delegations.held_by(user).values("account").union(Account.objects.filter(user=user).values("pk"))
    return Account.objects.filter(pk__in=keys, state__in=OPENING_STATES)


_check = Prepared(
    lambda *, user, account, at, space: accounts_open_to(user, space, at).filter(pk=account).values_list("pk"),
    user=User,
    account=UUID,
    at=datetime,
)


def may_open(user: User, account: Account | UUID, space: Space | str, at: datetime) -> bool:
    """Is it among `accounts_open_to`? One query, whoever asks."""
    key = account.pk if isinstance(account, Account) else account
    return bool(_check.rows(user=user, account=key, at=at, space=Space(space)))


_open = Prepared(
    lambda *, user, at, space: accounts_open_to(user, space, at).order_by("name", "pk"), user=User, at=datetime
)


def open_accounts(user: User, space: Space | str, at: datetime) -> list[Account]:
    """All of `accounts_open_to`, by name: for whoever draws the whole list. One query."""
    return _open.rows(user=user, at=at, space=Space(space))


def pairs_open(
    users: Iterable[int], accounts: Iterable[UUID], space: Space | str, at: datetime
) -> set[tuple[int, UUID]]:
    """`may_open` for many people at once: the (user, account) for which it says yes, in two queries."""
    users, accounts = list(users), list(accounts)
    held = Delegation.objects.in_force(at).opening(space).filter(holder__user__in=users, holder__user__is_active=True)
    held = held.filter(account__in=accounts, account__state__in=OPENING_STATES)
    own = Account.objects.filter(pk__in=accounts, user__in=users, user__is_active=True, state__in=OPENING_STATES)
    return {*held.values_list("holder__user", "account"), *own.values_list("user", "pk")}


@dataclass(frozen=True)
class SpaceAnswer:
    """Whether a space is open, on what ground, and through which delegation (none for one's own account)."""

    space: Space
    allowed: bool
    ground: Ground | None = None
    delegation: Delegation | None = None


_through = Prepared(
    lambda *, user, account, at: (
        Delegation.objects.open_to(user, at).filter(account=account).select_related("granted_by_account")
    ),
    user=User,
    account=UUID,
    at=datetime,
)


def answers_for(user: User, account: Account, at: datetime) -> dict[Space, SpaceAnswer]:
    """For each space, the answer of `may_open` with its reason. One query; `account` is read by the caller."""
    through = _through.first(user=user, account=account.pk, at=at)
    if through:
        through.account = account
    return {space: _answer(user, account, space, through) for space in Space}


def _answer(user: User, account: Account, space: Space, through: Delegation | None) -> SpaceAnswer:
    if user.pk is not None and user.is_active and account.user_id == user.pk and account.state in OPENING_STATES:
        return SpaceAnswer(space, True, Ground.OWN)
    if through and space in OPENS[Scope(through.scope)]:
        return SpaceAnswer(space, True, Ground.DELEGATION, through)
    return SpaceAnswer(space, False)


_who = Prepared(
    lambda *, account, at: (
        Delegation.objects.in_force(at)
        .filter(account=account)
        .order_by("holder__name", "pk")
        .select_related("holder", "granted_by_account")
    ),
    account=UUID,
    at=datetime,
)


def who_has_access(account: Account | UUID, at: datetime) -> list[Delegation]:
    """The delegations that open this account at that moment, past or present, with their holders and granters. One
    query, by the account's index.

    A closed account opens nothing today; its delegations ended when it closed, so its past can still be told.
    """
    return _who.rows(account=account.pk if isinstance(account, Account) else account, at=at)


# The structure that an account is, or in which its unit stands.
_STRUCTURE = Coalesce("structure", "internalorganisation__structure")


# --- Who may answer, grant, end ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Power:
    """What somebody may give on one account: a scope at most, and not longer than `until` (None: no limit)."""

    ground: Ground
    scope: Scope
    until: datetime | None = None
    through: Delegation | None = None


def power_over(user: User, account: Account, holder: Account, at: datetime) -> Power | None:
    """The widest ground on which this user grants to that holder: as owner, referent, holder; None for others."""
    return Standing.of(user, at, [account]).power_over(account, holder)


def _still_held(user: User, accounts: list[UUID], at: datetime, is_locked: bool) -> DelegationQuerySet:
    held = Delegation.objects.open_to(user, at).filter(account__in=accounts)
    return held.not_taken_away() if is_locked else held


_held = Prepared(_still_held, user=User, accounts=list[UUID], at=datetime)


def _with_appointers(user: User, accounts: list[UUID], at: datetime, is_locked: bool) -> QuerySet[Account, Any]:
    served = Referent.objects.served_by(user, at)
    if is_locked:
        served = served.not_taken_away()
    appointed = served.filter(structure=OuterRef("served")).values("appointed_by")
    referred = _accounts_of(served).filter(pk__in=accounts).annotate(served=_STRUCTURE)
    return referred.values_list("pk", Subquery(appointed[:1]))


_referred = Prepared(_with_appointers, user=User, accounts=list[UUID], at=datetime)


@dataclass(frozen=True)
class Standing:
    """What one user is for some accounts at one moment, read in two queries whatever their number.

    `referred`: the accounts for which they are a referent, each with the user who appointed them.
    """

    user: User
    at: datetime
    held: dict[UUID, Delegation]
    referred: dict[UUID, int | None]

    @classmethod
    def of(cls, user: User, at: datetime, accounts: list[Account], is_locked: bool = False) -> "Standing":
        """`is_locked`: by an act that holds the locks of these accounts. It may have waited for them since `at`, and
        what was taken away meanwhile counts no more."""
        asked = {"user": user, "accounts": [account.pk for account in accounts], "at": at, "is_locked": is_locked}
        return cls(
            user=user,
            at=at,
            held={delegation.account_id: delegation for delegation in _held.rows(**asked)},
            referred=dict(_referred.rows(**asked)),
        )

    def is_own(self, account: Account) -> bool:
        return self.user.is_active and self.user.pk is not None and account.user_id == self.user.pk

    def owes(self, account: Account, holder: Account) -> bool:
        """Is this user a referent by the hand of the very person who would hold the delegation? Rule 9: nobody serves
        themselves, not by a referent whom they appointed either."""
        return holder.user_id is not None and self.referred.get(account.pk) == holder.user_id

    def power_over(self, account: Account, holder: Account) -> Power | None:
        """What this user may give on the account to that holder."""
        if account.state not in OPENING_STATES:
            return None
        if self.is_own(account):
            return Power(Ground.OWN, Scope.TOTAL)
        if account.pk in self.referred and not self.owes(account, holder):
            return Power(Ground.REFERENT, Scope.TOTAL)
        through = self.held.get(account.pk)
        if through and account.kind != AccountKind.PP:
            return Power(Ground.DELEGATION, Scope(through.scope), through.period.upper, through)
        return None

    def may_end(self, delegation: Delegation, chain: Chain) -> Ground | None:
        """On what ground this user may end it (rule 6), None when they may not. The service centre has its own door.

        `chain`: its own, since whoever granted what it took over may still end it.
        """
        if not is_in_force(delegation, self.at) or not self.user.is_active:
            return None
        if self.is_own(delegation.holder) or self.is_own(delegation.account):
            return Ground.OWN
        if delegation.account_id in self.referred:
            return Ground.REFERENT
        mine = self.held.get(delegation.account_id)
        if mine is None or mine.scope != Scope.TOTAL:
            return None
        is_mine_to_end = delegation.scope != Scope.TOTAL or chain.was_granted_by(mine.holder_id)
        return Ground.DELEGATION if is_mine_to_end else None

    def may_renew(self, delegation: Delegation) -> Power | None:
        """Renewing is a grant: of the whole scope, by somebody else than its holder, and later than it ends today."""
        upper = delegation.period.upper
        if upper is None or not is_in_force(delegation, self.at) or self.is_own(delegation.holder):
            return None
        if not delegation.account.permits.granted:
            return None
        power = self.power_over(delegation.account, delegation.holder)
        if power is None or not holds(power.scope, delegation.scope):
            return None
        return power if power.until is None or power.until > upper else None

    def may_answer(self, request: DelegationRequest) -> tuple[Power, Scope] | None:
        """The power, and the widest scope it may give of what is still asked. Nobody answers for themselves."""
        if request.state != RequestState.PENDING or self.is_own(request.requester):
            return None
        power = self.power_over(request.account, request.requester)
        part = common(power.scope, request.remaining) if power else None
        return (power, part) if power and part else None


def is_in_force(delegation: Delegation, at: datetime) -> bool:
    period = delegation.period
    return not period.isempty and period.lower <= at and (period.upper is None or at < period.upper)


def accounts_referred_by(user: User, at: datetime) -> QuerySet[Account]:
    """The accounts for which this user is a referent: those of their structures, and of the units at any depth."""
    return _accounts_of(Referent.objects.served_by(user, at))


def _accounts_of(terms: ReferentQuerySet) -> QuerySet[Account]:
    served = terms.values("structure")
    structures = Structure.objects.filter(pk__in=served).values("account")
    # A union of keys, each found by its own index: with an OR, the database would read every account.
    units = InternalOrganisation.objects.filter(structure__in=served).values("account")
    return Account.objects.filter(pk__in=structures.union(units))


def accounts_answered_by(user: User, at: datetime) -> QuerySet[Account]:
    """The accounts for which this user answers requests (rule 5): one's own; for a PM, its referents and holders."""
    return _answered(user, at, Delegation.objects.open_to(user, at))


_answerable = Prepared(
    lambda *, user, account, at: accounts_answered_by(user, at).filter(pk=account).values_list("pk"),
    user=User,
    account=UUID,
    at=datetime,
)


def may_answer_for(user: User, account: Account, at: datetime) -> bool:
    """Is it among `accounts_answered_by`? One query."""
    return bool(_answerable.rows(user=user, account=account.pk, at=at))


def accounts_overseen_by(user: User, at: datetime) -> QuerySet[Account]:
    """The accounts whose journal this user reads: one's own; for a PM, its referents and total holders."""
    return _answered(user, at, Delegation.objects.open_to(user, at).filter(scope=Scope.TOTAL))


def _answered(user: User, at: datetime, held: QuerySet[Delegation]) -> QuerySet[Account]:
    if user.pk is None or not user.is_active:
        return Account.objects.none()
    served = accounts_referred_by(user, at).values("pk")
    on_moral_accounts = held.exclude(account__kind=AccountKind.PP).values("account")
    return Account.objects.filter(Q(user=user) | Q(pk__in=served) | Q(pk__in=on_moral_accounts))


# --- What may be seen ---------------------------------------------------------------------------------------------


def requests_answerable_by(user: User, at: datetime) -> DelegationRequestQuerySet:
    """Waiting requests that this user may answer now, in whole or in part (rule 5)."""
    if user.pk is None or not user.is_active:
        return DelegationRequest.objects.none()
    mine = (
        Delegation.objects.open_to(user, at).filter(account=OuterRef("account")).exclude(account__kind=AccountKind.PP)
    )
    of_what_is_asked = mine.filter(Q(scope=Scope.TOTAL) | Q(scope=OuterRef("remaining")))
    here = Q(structure__account=OuterRef("account")) | Q(structure__internal_organisations__account=OuterRef("account"))
    by_the_asker = Referent.objects.served_by(user, at).filter(here, appointed_by=OuterRef("requester__user"))
    return (
        DelegationRequest.objects.pending()
        .filter(account__state__in=OPENING_STATES)
        .exclude(requester__user=user)
        .filter(
            Q(account__user=user)
            | (Q(account__in=accounts_referred_by(user, at).values("pk")) & ~Exists(by_the_asker))
            | Exists(of_what_is_asked)
            | (Q(remaining=Scope.TOTAL) & Exists(mine))
        )
    )


def requests_visible_to(user: User, at: datetime) -> DelegationRequestQuerySet:
    """Those that the user asked, those waiting that they may answer, and those answered on accounts they answer for, be
    it in part: a part that another granted does not take the request out of sight."""
    if user.pk is None or not user.is_active:
        return DelegationRequest.objects.none()
    is_answered = ~Q(state=RequestState.PENDING) | ~Q(remaining=F("scope"))
    return DelegationRequest.objects.filter(
        Q(requester__user=user)
        | Q(pk__in=requests_answerable_by(user, at).values("pk"))
        | (is_answered & Q(account__in=accounts_answered_by(user, at).values("pk")))
    )


def delegations_visible_to(user: User, at: datetime) -> DelegationQuerySet:
    """Those that the user holds or held, and those on accounts for which they answer or hold everything."""
    if user.pk is None or not user.is_active:
        return Delegation.objects.none()
    held_whole = Delegation.objects.open_to(user, at).filter(scope=Scope.TOTAL).values("account")
    return Delegation.objects.filter(
        Q(holder__user=user) | Q(account__in=accounts_answered_by(user, at).values("pk")) | Q(account__in=held_whole)
    )
