"""What closes ends at once what it held open, in the transaction that closes it; what reopens begins anew."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account, JournalEntry, Notification
from accounts.services import move_accounts
from accounts.states import ON_STRUCTURE_CLOSED, ON_STRUCTURE_REOPENED, ON_UNIT_CLOSED, AccountState
from delegations import checking, services
from delegations.access import accounts_referred_by, may_open
from delegations.errors import Refused
from delegations.models import Delegation, Referent
from delegations.reviews import to_review
from delegations.scopes import Space
from directory.imports.accounts import move_from, rename_from
from directory.models import Professional, Structure
from tests.directory.imports.builders import RPPS_HEADER, finess_line, finess_number, rpps_line, rpps_number, write
from tests.directory.imports.conftest import command
from tests.factories import (
    DelegationFactory,
    DelegationRequestFactory,
    InternalOrganisationFactory,
    ReferentFactory,
    StructureFactory,
    UserFactory,
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


# --- By an import -----------------------------------------------------------------------------------------------------


def test_whoever_leaves_the_rpps_holds_nothing_more(db: None, tmp_path: Path) -> None:
    def load(day: str, *ranks: int) -> None:
        path = tmp_path / f"PS_LibreAcces_Personne_activite_{day}.txt"
        lines = [RPPS_HEADER, *(rpps_line(rpps_number(rank), family_name=f"N{rank}") for rank in ranks)]
        assert command("import_rpps", write(path, lines), "--confirm").status == 0

    load("20260914", 1, 2)
    leaver, stays = (Professional.objects.get(rpps=rpps_number(rank)).account for rank in (1, 2))
    for account in (leaver, stays):
        Account.objects.filter(pk=account.pk).update(user=UserFactory())
        account.refresh_from_db()
    first = DelegationFactory(holder=leaver)
    granted = DelegationFactory(
        holder=stays, account=first.account, through=first, since=timezone.now() - timedelta(days=2)
    )
    asked = DelegationRequestFactory(requester=leaver, asked_by=leaver.user)
    load("20261014", 2)
    for row in (first, granted, asked):
        row.refresh_from_db()
    assert (first.ended_kind, granted.ended_kind, asked.state) == ("holder_closed", "", "expired")
    assert not may_open(leaver.user, first.account, Space.DOSSIERS, timezone.now())
    assert may_open(stays.user, first.account, Space.DOSSIERS, timezone.now())
    assert list(to_review(timezone.now())) == [granted]
    assert not list(checking.faults())


def test_a_structure_that_leaves_finess_opens_nothing_more(db: None, tmp_path: Path) -> None:
    def load(*ranks: int) -> None:
        lines = ["finess;etalab;111;2026-05-12", *(finess_line(finess_number(rank)) for rank in ranks)]
        assert command("import_finess", write(tmp_path / "stock.csv", lines, "utf-8"), "--confirm").status == 0

    load(1, 2)
    gone, kept = (
        DelegationFactory(account=Structure.objects.get(finess=finess_number(rank)).account) for rank in (1, 2)
    )
    load(2)
    for row in (gone, kept):
        row.refresh_from_db()
    assert (gone.ended_kind, gone.ended_ground, kept.ended_kind) == ("account_closed", "system", "")
    assert not may_open(gone.holder.user, gone.account, Space.DOSSIERS, timezone.now())
    assert may_open(kept.holder.user, kept.account, Space.DOSSIERS, timezone.now())
    assert Notification.objects.filter(recipient=gone.holder.user, kind="delegation.ended").exists()
    assert not list(checking.faults())


def locking(do: Callable[[], object]) -> list[str]:
    """The statements that lock or write accounts, in their order."""
    with CaptureQueriesContext(connection) as found:
        do()
    statements = [" ".join(query["sql"].replace('"', "").split()) for query in found]
    return [
        sql for sql in statements if ("FROM accounts_account" in sql and "FOR " in sql) or sql.startswith("UPDATE acc")
    ]


def test_accounts_are_locked_in_the_order_of_their_keys_before_they_are_written() -> None:
    accounts = [StructureFactory().account for _ in range(2)]
    first, *rest = locking(lambda: move_accounts([a.pk for a in accounts], ON_STRUCTURE_CLOSED, timezone.now()))
    assert first.startswith("SELECT accounts_account.id")
    assert first.endswith("ORDER BY 1 ASC FOR NO KEY UPDATE")
    assert [sql.split()[0] for sql in rest] == ["UPDATE"]
    with connection.cursor() as cursor:
        rows = "SELECT id AS account_id, 'Neuf' AS name FROM accounts_account"
        cursor.execute(f"CREATE TEMPORARY TABLE moving ON COMMIT DROP AS {rows}")
    for do in (
        lambda: move_from("moving", ON_STRUCTURE_REOPENED, timezone.now()),
        lambda: rename_from("moving", timezone.now()),
    ):
        first, *rest = locking(do)
        assert "ORDER BY" in first.partition("WHERE")[2]
        assert first.partition("ORDER BY ")[2].split()[0].endswith("id")
        assert "FOR NO KEY UPDATE" in first
        assert [sql.split()[0] for sql in rest] == ["UPDATE"]
    assert set(Account.objects.filter(pk__in=[a.pk for a in accounts]).values_list("state", "name")) == {
        (AccountState.LISTED, "Neuf")
    }


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
