"""What closes ends at once what it held open, in the transaction that closes it; what reopens begins anew."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import JournalEntry, Notification
from accounts.services import move_accounts
from accounts.states import ON_STRUCTURE_CLOSED, ON_STRUCTURE_REOPENED, ON_UNIT_CLOSED, AccountState
from delegations import checking, services
from delegations.access import accounts_referred_by, may_open
from delegations.errors import Refused
from delegations.models import Delegation, Referent
from delegations.scopes import Space
from tests.factories import (
    DelegationFactory,
    DelegationRequestFactory,
    InternalOrganisationFactory,
    ReferentFactory,
    StructureFactory,
)

pytestmark = pytest.mark.django_db


def close(account: object, moves: dict[AccountState, AccountState] = ON_STRUCTURE_CLOSED) -> None:
    move_accounts([account.pk], moves, timezone.now())  # type: ignore[attr-defined]
    account.refresh_from_db()  # type: ignore[attr-defined]


def test_a_structure_that_closes_ends_its_delegations_its_referents_and_its_requests() -> None:
    term = ReferentFactory()
    account = term.structure.account
    held, asked = DelegationFactory(account=account), DelegationRequestFactory(account=account)
    close(account)
    held.refresh_from_db(), asked.refresh_from_db()
    assert held.ended_kind == "account_closed"
    assert (asked.state, asked.decided_ground, asked.reason) == ("expired", "system", "Le compte a fermé.")
    assert not Referent.objects.in_force(timezone.now()).exists()
    assert not may_open(held.holder.user, account, Space.DOSSIERS, timezone.now())
    assert Notification.objects.filter(recipient=held.holder.user, kind="delegation.ended").exists()
    assert Notification.objects.filter(recipient=asked.asked_by, kind="delegation.answered").exists()
    assert JournalEntry.objects.filter(verb="delegation.ended", ground="system", account=account).count() == 1
    assert not list(checking.faults())


def test_what_reopens_gives_nothing_back() -> None:
    held = DelegationFactory()
    close(held.account)
    move_accounts([held.account_id], ON_STRUCTURE_REOPENED, timezone.now())
    assert not may_open(held.holder.user, held.account, Space.DOSSIERS, timezone.now())


def test_a_person_who_leaves_holds_and_asks_nothing_more_and_what_they_granted_stays() -> None:
    first = DelegationFactory()
    granted = DelegationFactory(account=first.account, through=first, since=timezone.now() - timedelta(days=2))
    own = DelegationFactory(account=first.holder)
    asked = DelegationRequestFactory(requester=first.holder, asked_by=first.holder.user)
    term = ReferentFactory(account=first.holder)
    close(first.holder)
    for row in (first, granted, own, asked, term):
        row.refresh_from_db()
    assert (first.ended_kind, own.ended_kind, granted.ended_kind) == ("holder_closed", "account_closed", "")
    assert asked.state == "expired"
    assert term.ended_reason == "La personne ne figure plus dans l’annuaire."
    assert not may_open(first.holder.user, first.holder, Space.DOSSIERS, timezone.now())
    assert may_open(granted.holder.user, first.account, Space.DOSSIERS, timezone.now())
    assert not list(checking.faults())


def test_a_frozen_unit_keeps_its_holders_and_takes_nothing_new() -> None:
    held = DelegationFactory(on_a_unit=True, until=timezone.now() + timedelta(days=9))
    asked = DelegationRequestFactory(account=held.account)
    boss = ReferentFactory(structure=held.account.internalorganisation.structure).account.user
    close(held.account, ON_UNIT_CLOSED)
    asked.refresh_from_db()
    assert held.account.state == AccountState.FROZEN
    assert may_open(held.holder.user, held.account, Space.AGENDA, timezone.now())
    assert asked.state == "expired"
    for act in (
        lambda: services.request_delegation(asked.asked_by, held.account_id, "total", "", timezone.now()),
        lambda: services.renew(boss, held, timezone.now() + timedelta(days=99), timezone.now()),
    ):
        with pytest.raises(Refused, match="gelé") as refusal:
            act()
        assert refusal.value.status == 409
    services.end_delegation(boss, held, "L’unité a fermé.", timezone.now())
    assert not Delegation.objects.in_force(timezone.now()).filter(account=held.account).exists()


def test_a_referent_answers_for_units_at_any_depth_and_follows_those_that_move() -> None:
    term = ReferentFactory()
    top = InternalOrganisationFactory(structure=term.structure)
    deep = InternalOrganisationFactory(structure=term.structure, parent=top)
    elsewhere = InternalOrganisationFactory(structure=StructureFactory())
    user, at = term.account.user, timezone.now()
    assert set(accounts_referred_by(user, at)) == {term.structure.account, top.account, deep.account}
    type(elsewhere).objects.filter(pk=elsewhere.pk).update(structure=term.structure)
    assert elsewhere.account in accounts_referred_by(user, timezone.now())
    for account in (term.structure.account, deep.account):
        assert not may_open(user, account, Space.DOSSIERS, timezone.now())
