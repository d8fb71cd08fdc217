"""What the access rule costs through Django, at a thousand and at a million delegations, beside django-guardian's own
generic tables with the same grants."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import perf_counter

from django.contrib.auth.models import Permission
from django.utils import timezone
from guardian.backends import ObjectPermissionBackend
from guardian.shortcuts import get_objects_for_user

from accounts.models import Account, User
from bench import access_data
from bench.figures import decimal, percentile, verdict
from delegations import access, explaining
from delegations.guardian import accounts_with_permission
from delegations.models import Delegation, Grant
from delegations.scopes import Space
from spico.web.typography import thousands

FEW, MANY = 1_000, 1_000_000
QUESTIONS, WARM_UP, ROUNDS = 300, 30, 8
Pair = tuple[User, Account]
BUDGETS = {
    "vérifier un accès": 2,
    "vérifier un accès, par has_perm": 2,
    "comptes ouverts à une personne": 5,
    "comptes ouverts, par django-guardian et la vue": 5,
    "qui a accès, aujourd’hui": 5,
    "qui a accès, il y a cent jours": 5,
    "expliquer": 5,
}
SLOWDOWN = 1.3


def run(few: int = FEW, many: int = MANY) -> list[dict[str, str]]:
    access_data.triggers("DISABLE")
    access_data.fill_accounts()
    # As many holders a place and places a holder as at a million: the answers have the same size, and only the tables
    # grow.
    access_data.fill(1, few, few / many)
    small = {what: times(ask) for what, ask in QUESTIONS_ASKED.items()}
    rows = access_data.fill(few + 1, many)
    large = {what: times(ask) for what, ask in QUESTIONS_ASKED.items()}
    with stock():
        peers = {what: times(ask) for what, ask in PEERS.items()}
    access_data.triggers("ENABLE")
    return [told(what, small[what], large[what], peers.get(what), rows) for what in QUESTIONS_ASKED]


def pairs() -> list[Pair]:
    """Half of them hold a delegation, half do not; always fresh rows, always the same draw."""
    draw = random.Random(20261126)
    ids = list(Delegation.objects.order_by("pk").values_list("pk", flat=True))
    chosen = Delegation.objects.filter(pk__in=draw.sample(ids, min(QUESTIONS, len(ids)))).select_related(
        "holder__user", "account"
    )
    found = [(row.holder.user, row.account) for row in chosen.order_by("pk") if row.holder.user]
    places = [account for _, account in found]
    draw.shuffle(places)
    return [(user, account if n % 2 else places[n]) for n, (user, account) in enumerate(found)]


def times(ask: Callable[[User, Account], object]) -> list[float]:
    """Of eight rounds, each on rows read anew, the one with the lowest p95: from one to another the machine alone
    changes, by up to three times, and a ratio of two readings would tell of nothing else."""
    return min((once(ask, pairs()) for _ in range(ROUNDS)), key=lambda spent: percentile(spent, 95))


def once(ask: Callable[[User, Account], object], asked: list[Pair]) -> list[float]:
    for user, account in asked[:WARM_UP]:
        ask(user, account)
    spent = []
    for user, account in asked:
        begun = perf_counter()
        ask(user, account)
        spent.append(1000 * (perf_counter() - begun))
    return spent


QUESTIONS_ASKED: dict[str, Callable[[User, Account], object]] = {
    "vérifier un accès": lambda user, account: access.may_open(user, account, Space.DOSSIERS, timezone.now()),
    "vérifier un accès, par has_perm": lambda user, account: user.has_perm("accounts.open_dossiers", account),
    "comptes ouverts à une personne": lambda user, account: access.open_accounts(user, Space.DOSSIERS, timezone.now()),
    "comptes ouverts, par django-guardian et la vue": lambda user, account: list(
        accounts_with_permission(user, Space.DOSSIERS)
    ),
    "qui a accès, aujourd’hui": lambda user, account: access.who_has_access(account, timezone.now()),
    "qui a accès, il y a cent jours": lambda user, account: access.who_has_access(
        account, timezone.now() - timedelta(days=100)
    ),
    "expliquer": lambda user, account: explaining.explain(user, account, timezone.now()),
}


def stock_check(user: User, account: Account) -> bool:
    fresh = User(pk=user.pk, username=user.username, is_active=True)
    return bool(ObjectPermissionBackend().has_perm(fresh, "accounts.open_dossiers", account))


PEERS: dict[str, Callable[[User, Account], object]] = {
    "vérifier un accès": stock_check,
    "vérifier un accès, par has_perm": stock_check,
    "comptes ouverts à une personne": lambda user, account: list(
        get_objects_for_user(user, "accounts.open_dossiers", klass=Account, accept_global_perms=False)
    ),
}


@contextmanager
def stock() -> Iterator[None]:
    """Guardian as it comes: without our view, it reads its generic table, where the same grants are."""
    assert Permission.objects.filter(codename="open_dossiers").exists()  # noqa: S101, or nothing would be measured
    Grant.enabled = False  # type: ignore[attr-defined]
    try:
        yield
    finally:
        del Grant.enabled  # type: ignore[attr-defined]


def told(what: str, small: list[float], large: list[float], peer: list[float] | None, rows: int) -> dict[str, str]:
    budget, ratio = BUDGETS[what], percentile(large, 95) / percentile(small, 95)
    parts = [f"{verdict(percentile(large, 95) <= budget)} (p95 ≤ {budget} ms)"]
    parts.append(f"{decimal(ratio)} fois le p95 à {thousands(FEW)} ({verdict(ratio <= SLOWDOWN)}, ≤ 1,3)")
    if peer:
        faster = percentile(peer, 95) / percentile(large, 95)
        parts.append(f"{decimal(faster)} fois plus rapide que le comparant")
    return {
        "what": f"{what}, {thousands(rows)} délégations",
        "ours": said(large),
        "peer": said(peer) if peer else "",
        "note": " ; ".join(parts),
    }


def said(spent: list[float]) -> str:
    return ", ".join(f"p{rank} {decimal(percentile(spent, rank))} ms" for rank in (50, 95, 99))
