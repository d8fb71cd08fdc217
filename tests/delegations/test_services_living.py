"""Ending, reducing, renewing: who may (rules 5 and 6), and what stays of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.grounds import Ground
from accounts.models import Account, JournalEntry, User
from accounts.states import AccountState
from delegations import services
from delegations.abilities import of_delegations
from delegations.access import may_open
from delegations.models import Delegation, EndKind
from delegations.orphans import is_last_to_answer
from delegations.scopes import Scope, Space
from tests.delegations.acting import holder_of, later, now, operator, referent_of, refused, someone, told, verbs
from tests.factories import DelegationFactory, InternalOrganisationFactory, StructureFactory, UserFactory

pytestmark = pytest.mark.django_db
REASON = "Elle a changé de service."


@pytest.fixture
def account() -> Account:
    found: Account = StructureFactory(open_account=True).account
    return found


def end(user: User, row: Delegation, reason: str = REASON) -> None:
    services.end_delegation(user, row, reason, now())


# --- Ending -----------------------------------------------------------------------------------------------------------


def test_one_gives_up_ones_own_without_a_reason(account: Account) -> None:
    row, other = DelegationFactory(account=account), holder_of(account)
    end(row.holder.user, row, "")
    row.refresh_from_db()
    assert (row.ended_kind, row.ended_by, row.ended_ground) == (EndKind.GIVEN_UP, row.holder.user, Ground.OWN)
    assert not may_open(row.holder.user, account, Space.DOSSIERS, now())
    assert verbs("delegation", row.pk) == ["delegation.granted", "delegation.ended"]
    assert told(row.holder.user) == []
    assert told(other) == ["delegation.ended"]


@pytest.mark.parametrize(
    ("who", "ground"),
    [
        ("referent", Ground.REFERENT),
        ("total holder", Ground.DELEGATION),
        ("owner", Ground.OWN),
        ("granter", Ground.DELEGATION),
    ],
)
def test_who_may_revoke(account: Account, who: str, ground: Ground) -> None:
    doers: dict[str, Callable[[], tuple[User, Delegation]]] = {
        "referent": lambda: (referent_of(account.structure), DelegationFactory(account=account)),
        "total holder": lambda: (holder_of(account), DelegationFactory(account=account, partial=True)),
        "owner": lambda: ((row := DelegationFactory(on_a_person=True)).account.user, row),
        "granter": lambda: (
            (mine := DelegationFactory(account=account)).holder.user,
            DelegationFactory(account=account, through=mine),
        ),
    }
    user, row = doers[who]()
    assert of_delegations(user, [row], now())[row.pk].revoke
    end(user, row)
    row.refresh_from_db()
    assert (row.ended_kind, row.ended_by, row.ended_by_account) == (EndKind.REVOKED, user, user.account)
    assert (row.ended_ground, row.ended_reason) == (ground, REASON)
    entry = JournalEntry.objects.get(verb="delegation.ended")
    assert (entry.actor, entry.ground, entry.delegation is not None) == (user, ground, ground == Ground.DELEGATION)
    assert told(row.holder.user) == ["delegation.ended"]


def test_who_may_not_revoke(account: Account) -> None:
    row = DelegationFactory(account=account)
    others = [
        holder_of(account),  # total, but did not grant it
        holder_of(account, partial=True),
        someone().user,
        operator(),
        UserFactory(is_superuser=True),
        referent_of(StructureFactory(open_account=True)),
        holder_of(InternalOrganisationFactory(structure=account.structure).account),
    ]
    for user in others:
        can = of_delegations(user, [row], now())[row.pk]
        assert not (can.revoke or can.give_up or can.reduce)
        with refused(403, "Vous ne pouvez pas mettre fin"):
            end(user, row)
        with refused(403, "Vous ne pouvez pas mettre fin"):
            services.reduce_delegation(user, row, Scope.DOSSIER, now())


def test_a_cut_sign_in_ends_nothing_not_even_its_own(account: Account) -> None:
    row = DelegationFactory(account=account)
    User.objects.filter(pk=row.holder.user_id).update(is_active=False)
    with refused(403, "Vous ne pouvez pas mettre fin"):
        end(User.objects.get(pk=row.holder.user_id), row)


def test_revoking_says_why(account: Account) -> None:
    user, row = referent_of(account.structure), DelegationFactory(account=account)
    with refused(400, "Dites pourquoi", "reason"):
        end(user, row, " \0 ")
    with refused(400, "Raccourcissez", "reason"):
        end(user, row, "x" * 501)


@pytest.mark.parametrize("trait", ["ended", "expired"])
def test_what_has_ended_is_neither_ended_nor_reduced_nor_renewed(account: Account, trait: str) -> None:
    user, row = referent_of(account.structure), DelegationFactory(account=account, **{trait: True})
    acts: list[Callable[[], object]] = [
        lambda: end(user, row),
        lambda: services.reduce_delegation(user, row, Scope.DOSSIER, now()),
        lambda: services.renew(user, row, None, now()),
        lambda: services.end_by_service_centre(operators, row, REASON, now()),
    ]
    operators = operator()
    for act in acts:
        with refused(409, "a déjà pris fin"):
            act()


def test_whoever_revokes_a_row_that_was_renewed_meanwhile_is_told_that_it_goes_on(account: Account) -> None:
    user, row = referent_of(account.structure), DelegationFactory(account=account, until=later(days=5))
    services.renew(user, row, None, now())
    with refused(409, "vient d’être prolongée"):
        end(user, row)


def test_an_end_wins_over_an_older_clock(account: Account) -> None:
    """What the act before wrote a moment later than `at` is not undone by it."""
    user, row, at = referent_of(account.structure), DelegationFactory(account=account), now()
    services.end_delegation(user, row, REASON, at + timedelta(seconds=1))
    with refused(409, "a déjà pris fin"):
        services.end_delegation(user, row, REASON, at)


def test_the_last_to_answer_leaving_is_known_before_and_told_after(account: Account) -> None:
    clerk, row, second = UserFactory(service_centre=True), DelegationFactory(account=account), None
    second = DelegationFactory(account=account)
    assert not is_last_to_answer(account, row.holder, now())
    end(row.holder.user, row)
    assert told(clerk) == []
    assert is_last_to_answer(account, second.holder, now())
    end(second.holder.user, second)
    assert told(clerk) == ["delegation.service_centre"]


def test_a_referent_who_gives_up_a_delegation_still_answers(account: Account) -> None:
    clerk, user = UserFactory(service_centre=True), referent_of(account.structure)
    row = DelegationFactory(account=account, holder=user.account)
    end(user, row)
    assert told(clerk) == []


def test_nobody_is_missed_on_the_account_of_a_person() -> None:
    clerk, row = UserFactory(service_centre=True), DelegationFactory(on_a_person=True)
    assert not is_last_to_answer(row.account, row.holder, now())
    end(row.holder.user, row)
    assert told(clerk) == []


def test_the_service_centre_ends_with_a_reason(account: Account) -> None:
    clerk, row = operator(), DelegationFactory(account=account)
    with refused(400, "Dites pourquoi", "reason"):
        services.end_by_service_centre(clerk, row, "", now())
    with refused(403, "Vous ne pouvez pas mettre fin"):
        services.end_by_service_centre(row.holder.user, row, REASON, now())
    services.end_by_service_centre(clerk, row, REASON, now())
    row.refresh_from_db()
    assert (row.ended_kind, row.ended_by, row.ended_ground) == (EndKind.REVOKED, clerk, Ground.SERVICE_CENTRE)


# --- Reducing ---------------------------------------------------------------------------------------------------------


def test_reducing_keeps_a_part_to_the_same_end_as_it_was_granted(account: Account) -> None:
    granter, until = DelegationFactory(account=account, until=later(days=60)), later(days=40)
    row = DelegationFactory(account=account, through=granter, until=until)
    services.end_delegation(granter.holder.user, granter, "", now())
    narrower = services.reduce_delegation(row.holder.user, row, Scope.DISCUSSIONS, now())
    row.refresh_from_db()
    assert (row.ended_kind, narrower.replaces, narrower.scope) == (EndKind.REDUCED, row, "discussions")
    assert (narrower.period.lower, narrower.period.upper) == (row.period.upper, until)
    assert (narrower.granted_by, narrower.granted_through) == (row.granted_by, row.granted_through)
    assert not may_open(row.holder.user, account, Space.DOSSIERS, now())
    assert may_open(row.holder.user, account, Space.DISCUSSIONS, now())


def test_a_frozen_account_may_be_reduced(account: Account) -> None:
    unit = InternalOrganisationFactory(account__state=AccountState.OPEN)
    row = DelegationFactory(account=unit.account)
    Account.objects.filter(pk=unit.account_id).update(state=AccountState.FROZEN)
    assert services.reduce_delegation(row.holder.user, row, Scope.DOSSIER, now()).scope == "dossier"


@pytest.mark.parametrize(("held", "keep"), [("total", "total"), ("dossier", "total"), ("dossier", "discussions")])
def test_only_a_part_is_kept(account: Account, held: str, keep: str) -> None:
    row = DelegationFactory(account=account, scope=held)
    with refused(400, "Choisissez une partie", "scope"):
        services.reduce_delegation(row.holder.user, row, Scope(keep), now())


# --- Renewing ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def ending(account: Account) -> Delegation:
    found: Delegation = DelegationFactory(account=account, dossier=True, until=later(days=10))
    return found


def test_renewing_ends_one_row_and_opens_the_next_without_a_gap(ending: Delegation) -> None:
    user = referent_of(ending.account.structure)
    until = later(days=100)
    assert of_delegations(user, [ending], now())[ending.pk].renew
    longer = services.renew(user, ending, until, now())
    ending.refresh_from_db()
    assert (ending.ended_kind, longer.replaces) == (EndKind.REPLACED, ending)
    assert (longer.period.lower, longer.period.upper) == (ending.period.upper, until)
    assert (longer.scope, longer.origin, longer.granted_by) == (ending.scope, ending.origin, user)


def test_a_holder_renews_what_they_hold_no_longer_than_they_do(ending: Delegation) -> None:
    mine = later(days=60)
    user = holder_of(ending.account, dossier=True, until=mine)
    assert of_delegations(user, [ending], now())[ending.pk].until == mine
    with refused(400, "plus longtemps que votre propre délégation", "until"):
        services.renew(user, ending, None, now())
    assert services.renew(user, ending, mine, now()).period.upper == mine


def test_who_may_not_renew(ending: Delegation) -> None:
    account = ending.account
    others = [
        holder_of(account, partial=True),
        holder_of(account, until=ending.period.upper),
        holder_of(account, ended=True),
        someone().user,
        operator(),
    ]
    for user in others:
        assert not of_delegations(user, [ending], now())[ending.pk].renew
        with refused(403, "Vous ne pouvez pas prolonger"):
            services.renew(user, ending, None, now())
    with refused(403, "Personne ne prolonge sa propre délégation"):
        services.renew(ending.holder.user, ending, None, now())


def test_what_is_renewed_lasts_longer(ending: Delegation) -> None:
    user = referent_of(ending.account.structure)
    for until in (ending.period.upper, ending.period.upper - timedelta(days=1)):
        with refused(400, "Choisissez une date plus tardive", "until"):
            services.renew(user, ending, until, now())
    endless = DelegationFactory(account=ending.account)
    with refused(409, "n’a pas de date de fin"):
        services.renew(user, endless, None, now())


def test_nothing_is_renewed_on_a_frozen_account() -> None:
    unit = InternalOrganisationFactory(account__state=AccountState.OPEN)
    row, user = DelegationFactory(account=unit.account, until=later(days=10)), referent_of(unit.structure)
    Account.objects.filter(pk=unit.account_id).update(state=AccountState.FROZEN)
    row = Delegation.objects.told().get(pk=row.pk)
    assert not of_delegations(user, [row], now())[row.pk].renew
    with refused(409, "est gelé"):
        services.renew(user, row, None, now())


def test_a_granter_who_has_become_the_holder_is_carried_on_by_no_row(account: Account) -> None:
    row = DelegationFactory(account=account)
    Account.objects.filter(user=row.granted_by).update(user=None)
    Account.objects.filter(pk=row.holder_id).update(user=row.granted_by)
    row.holder.refresh_from_db()
    referent = referent_of(account.structure)
    with refused(409, "mettez-y fin"):
        services.reduce_delegation(referent, row, Scope.DOSSIER, now())
