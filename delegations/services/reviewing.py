from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.grounds import Ground
from accounts.journal import record
from accounts.models import Account, User
from accounts.notifications import tell
from delegations.access import Standing
from delegations.chains import Chain, chains_of
from delegations.errors import conflict, forbidden
from delegations.models import Delegation, DelegationReview
from delegations.reviews import to_review
from delegations.scopes import Scope
from delegations.services.common import overseers, own_account, referents_of, service_centre_users
from delegations.services.ending import lock_delegation
from delegations.services.service_centre import may_grant
from spico.web.typography import counted

NOT_YOURS = (
    "Vous ne pouvez pas revoir cette délégation\N{NO-BREAK SPACE}: c’est à qui peut y mettre fin pour le compte."
)
NOT_ONES_OWN = (
    "Personne ne revoit sa propre délégation\N{NO-BREAK SPACE}: c’est à une autre personne qui répond pour ce compte."
)
NOTHING = "Cette délégation n’est pas, ou n’est plus, à revoir."
PATH = "/delegations/?liste=revoir"
CENTRE_PATH = "/administration/delegations/toreview/"


@transaction.atomic
def keep_delegation(user: User, delegation: Delegation, at: datetime) -> DelegationReview:
    """Keep a delegation whose granter has left, by whoever may end it for the account. It stays as it is."""
    present = lock_delegation(delegation, at)
    standing = Standing.of(user, at, [present.account], is_locked=True)
    if standing.is_own(present.holder):
        raise forbidden(NOT_ONES_OWN)
    ground = standing.may_end(present, chains_of([present])[present.pk])
    if ground is None:
        raise forbidden(NOT_YOURS)
    through = standing.held.get(present.account_id) if ground == Ground.DELEGATION else None
    return _keep(present, user, ground, through, at)


@transaction.atomic
def keep_by_service_centre(operator: User, delegation: Delegation, at: datetime) -> DelegationReview:
    if not may_grant(operator):
        raise forbidden(NOT_YOURS)
    present = lock_delegation(delegation, at)
    if present.holder.user_id == operator.pk:
        raise forbidden(NOT_ONES_OWN)
    return _keep(present, operator, Ground.SERVICE_CENTRE, None, at)


def _keep(
    present: Delegation, user: User, ground: Ground, through: Delegation | None, at: datetime
) -> DelegationReview:
    if not to_review(at).filter(pk=present.pk).exists():
        raise conflict(NOTHING)
    own = own_account(user)
    review = DelegationReview.objects.create(
        delegation=present, reviewed_by=user, reviewed_by_account=own, ground=ground, reviewed_at=at
    )
    record(
        "delegation.kept",
        at=at,
        ground=ground,
        actor=user,
        actor_account=own,
        account=present.account_id,
        delegation=through.pk if through else None,
        object_kind="delegation",
        object_key=present.pk,
    )
    return review


def tell_of_reviews(granters: set[UUID], at: datetime) -> None:
    """That these people have left: once an account, each who may keep or end some of what they granted on it is told of
    how many; the service centre, of those that nobody else may."""
    rows = to_review(at).filter(granted_by_account__in=granters).told().order_by("account", "pk")
    by_account: dict[Account, list[Delegation]] = defaultdict(list)
    for row in rows:
        by_account[row.account].append(row)
    for account, granted in by_account.items():
        by_user, left = _reviewers(account, granted, at)
        for user, count in by_user.items():
            tell([user], "delegation.to_review", _sentence(account, count), path=PATH, at=at)
        if left:
            centre = service_centre_users()
            tell(centre, "delegation.service_centre", _sentence(account, left), path=CENTRE_PATH, at=at)


def _reviewers(account: Account, rows: Sequence[Delegation], at: datetime) -> tuple[Counter[int], int]:
    """How many each user may review, and how many nobody may."""
    everybody = overseers(account, at)
    referents = everybody & set(referents_of(account, at).values_list("account__user", flat=True))
    by_user: Counter[int] = Counter()
    left = 0
    chains = chains_of(rows)
    for row in rows:
        able = everybody if row.scope != Scope.TOTAL else referents | (everybody & _users(chains[row.pk]))
        able = able - {row.holder.user_id}
        by_user.update(able)
        left += not able
    return by_user, left


def _users(chain: Chain) -> set[int | None]:
    """Those who granted it, or what it took over."""
    granters = {link.granter for link in chain.links}
    return set(Account.objects.filter(pk__in=granters).values_list("user", flat=True))


def _sentence(account: Account, count: int) -> str:
    what = counted(count, "délégation à revoir, accordée", "délégations à revoir, accordées")
    return f"{account.name}\N{NO-BREAK SPACE}: {what} par une personne qui a quitté l’annuaire."
