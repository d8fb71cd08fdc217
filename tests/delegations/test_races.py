"""Two real connections at the same instant: one answer, one row, and whoever comes second is told so."""

import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import Account, JournalEntry, Notification
from accounts.services import move_accounts
from accounts.states import ON_STRUCTURE_CLOSED
from delegations import checking, services
from delegations.access import may_open
from delegations.errors import Refused
from delegations.models import AccessCase, Delegation, DelegationRequest
from delegations.scopes import Scope, Space
from tests.delegations.pages import person
from tests.factories import (
    DelegationFactory,
    DelegationRequestFactory,
    GrantProposalFactory,
    ReferentFactory,
    StructureFactory,
    UserFactory,
)
from tests.soak import TIMES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]
ANSWERS_AT_ONCE = 20 if TIMES == 1 else 1_000
RENEWED_AT_ONCE = 8 if TIMES == 1 else 500


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Each act in its own thread and connection, all let go together: what each returned, or its refusal."""
    barrier = threading.Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def play(place: int, act: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=10)
            results[place] = act()
        except Refused as refusal:
            results[place] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=play, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
        assert not thread.is_alive(), "two acts wait for each other"
    return results


def statuses(results: Iterable[object]) -> list[int]:
    return sorted(found.status for found in results if isinstance(found, Refused))


def two_holders() -> tuple[Account, Delegation, Delegation]:
    account = StructureFactory(open_account=True).account
    return account, DelegationFactory(account=account), DelegationFactory(account=account)


def answer(holder: Delegation, request: DelegationRequest) -> Delegation:
    return services.accept(holder.holder.user, request, timezone.now())


def test_two_holders_answer_at_the_same_instant_and_one_answer_counts(db: None) -> None:
    account, one, other = two_holders()
    for _ in range(ANSWERS_AT_ONCE):
        request = DelegationRequestFactory(account=account)
        results = at_once(*(partial(answer, holder, request) for holder in (one, other)))
        assert statuses(results) == [409]
        told = JournalEntry.objects.filter(object_kind="request", object_key=str(request.pk))
        assert told.filter(verb="request.accepted").count() == 1
        assert Delegation.objects.filter(holder=request.requester, account=account).count() == 1
        late = next(place for place, found in enumerate(results) if isinstance(found, Refused))
        loser = (one, other)[late].holder.user
        path = f"/delegations/demandes/{request.pk}/"
        assert Notification.objects.filter(recipient=loser, kind="delegation.answered", path=path).exists()
    assert not list(checking.faults())


def test_accepting_and_refusing_at_once_leave_one_answer(db: None) -> None:
    account, one, other = two_holders()
    request = DelegationRequestFactory(account=account)
    results = at_once(
        lambda: services.accept(one.holder.user, request, timezone.now()),
        lambda: services.refuse(other.holder.user, request, "L’équipe est complète.", timezone.now()),
    )
    assert statuses(results) == [409]
    request.refresh_from_db()
    opened = may_open(request.requester.user, account, Space.DOSSIERS, timezone.now())
    assert opened == (request.state == "accepted")


def test_accepting_and_withdrawing_at_once_leave_one_answer(db: None) -> None:
    account, one, _ = two_holders()
    request = DelegationRequestFactory(account=account)
    results = at_once(
        lambda: services.accept(one.holder.user, request, timezone.now()),
        lambda: services.withdraw(request.requester.user, request, timezone.now()),
    )
    assert statuses(results) == [409]
    request.refresh_from_db()
    assert Delegation.objects.filter(holder=request.requester).exists() == (request.state == "accepted")


def test_whoever_is_revoked_while_accepting_either_granted_before_or_not_at_all(db: None) -> None:
    account, one, _ = two_holders()
    boss = DelegationFactory(account=account, through=one)
    request = DelegationRequestFactory(account=account)
    results = at_once(
        lambda: services.accept(boss.holder.user, request, timezone.now()),
        lambda: services.end_delegation(one.holder.user, boss, "Fin de mission.", timezone.now()),
    )
    boss.refresh_from_db()
    assert boss.ended_kind == "revoked"
    granted = Delegation.objects.filter(holder=request.requester, account=account).first()
    assert isinstance(results[0], Refused) == (granted is None)
    assert not list(checking.faults())


def test_an_account_that_closes_while_somebody_accepts_opens_nothing(db: None) -> None:
    account, one, _ = two_holders()
    request = DelegationRequestFactory(account=account)
    at_once(
        lambda: services.accept(one.holder.user, request, timezone.now()),
        lambda: move_accounts([account.pk], ON_STRUCTURE_CLOSED, timezone.now()),
    )
    assert not may_open(request.requester.user, account, Space.DOSSIERS, timezone.now())
    assert not Delegation.objects.in_force(timezone.now()).filter(account=account).exists()
    request.refresh_from_db()
    assert request.state in ("accepted", "expired")


def test_prolonging_and_revoking_at_once_leave_one_or_the_other(db: None) -> None:
    """Whoever comes second is told so: revoked, nothing goes on; prolonged, what goes on was not revoked."""
    term = ReferentFactory()
    account, renewer = term.structure.account, term.account.user
    revoker = DelegationFactory(account=account).holder.user
    for _ in range(RENEWED_AT_ONCE):
        held = DelegationFactory(account=account, partial=True, until=timezone.now() + timedelta(days=9))
        at = timezone.now()
        results = at_once(
            partial(services.renew, renewer, held, at + timedelta(days=99), at),
            partial(services.end_delegation, revoker, held, "Fin de mission.", at),
        )
        assert statuses(results) == [409]
        held.refresh_from_db()
        is_revoked = isinstance(results[0], Refused)
        assert held.ended_kind == ("revoked" if is_revoked else "replaced")
        assert may_open(held.holder.user, account, Space.DISCUSSIONS, timezone.now()) != is_revoked
        told = JournalEntry.objects.filter(object_kind="delegation", account=account)
        ended = told.get(verb="delegation.ended", object_key=str(held.pk))
        assert (ended.actor, ended.details["kind"]) == (revoker if is_revoked else renewer, held.ended_kind)
        after = Delegation.objects.filter(replaces=held)
        assert after.count() == (0 if is_revoked else 1)
        for row in after:
            assert told.get(verb="delegation.granted", object_key=str(row.pk)).actor == renewer
    assert not list(checking.faults())


def test_keeping_twice_at_once_keeps_once(db: None) -> None:
    own = DelegationFactory()
    row = DelegationFactory(account=own.account, through=own, partial=True, since=timezone.now() - timedelta(days=2))
    others = [DelegationFactory(account=own.account).holder.user for _ in range(2)]
    move_accounts([own.holder_id], ON_STRUCTURE_CLOSED, timezone.now())
    results = at_once(*(partial(services.keep_delegation, user, row, timezone.now()) for user in others))
    assert statuses(results) == [409]
    assert JournalEntry.objects.filter(verb="delegation.kept").count() == 1


def test_two_parts_granted_at_once_make_the_whole(db: None) -> None:
    account = StructureFactory(open_account=True).account
    talks, files = DelegationFactory(account=account, partial=True), DelegationFactory(account=account, dossier=True)
    request = DelegationRequestFactory(account=account)
    results = at_once(
        lambda: services.accept(talks.holder.user, request, timezone.now()),
        lambda: services.accept(files.holder.user, request, timezone.now()),
    )
    assert not statuses(results)
    request.refresh_from_db()
    assert request.state == "accepted"
    held = Delegation.objects.in_force(timezone.now()).get(holder=request.requester, account=account)
    assert held.scope == Scope.TOTAL


def test_two_requests_at_once_are_one(db: None) -> None:
    account = StructureFactory(open_account=True).account
    user = person().account.user
    ask = lambda: services.request_delegation(user, account.pk, "total", "", timezone.now())  # noqa: E731
    assert statuses(at_once(ask, ask)) == [409]
    assert DelegationRequest.objects.filter(account=account).count() == 1


def test_an_access_is_said_surprising_once_by_a_double_click(db: None) -> None:
    row = DelegationFactory()
    entry = JournalEntry.objects.get(object_kind="delegation", object_key=row.pk)
    say = partial(services.open_case, row.holder.user, entry, "Je ne connais pas cet accès.")
    assert statuses(at_once(*(lambda: say(timezone.now()) for _ in range(8)))) == [409] * 7
    assert AccessCase.objects.count() == JournalEntry.objects.filter(verb="case.opened").count() == 1


def test_one_operator_confirms_when_two_do_at_once(db: None) -> None:
    proposal = GrantProposalFactory()
    operators = [UserFactory(service_centre=True), UserFactory(service_centre=True)]
    results = at_once(
        *((lambda user=user: services.confirm_proposal(user, proposal, timezone.now())) for user in operators)
    )
    assert statuses(results) == [409]
    assert Delegation.objects.filter(holder=proposal.holder, account=proposal.account).count() == 1
