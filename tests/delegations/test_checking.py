"""Delegations, the view that guardian reads and the journal tell the same story, or the row that differs is named."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from structlog.testing import capture_logs

from accounts.journal.sealing import seal
from accounts.journal.verification import verify
from accounts.models import JournalEntry
from delegations.checking import faults
from delegations.models import Delegation, EndKind, RequestState
from delegations.scopes import Scope
from delegations.services import reduce_delegation
from delegations.tasks import check_grants
from tests.factories import (
    DelegationFactory,
    DelegationRequestFactory,
    GrantProposalFactory,
    ProfessionalFactory,
    ReferentFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

EVERY_TRAIT = [
    *({trait: True} for trait in ("expired", "ended", "partial", "dossier", "by_referent", "on_a_unit", "on_a_person")),
    *({"ends": kind} for kind in EndKind),
]


def found() -> list[tuple[str, str]]:
    return [(fault.what, fault.key) for fault in faults()]


@pytest.mark.parametrize("trait", EVERY_TRAIT, ids=str)
def test_what_the_factories_make_agrees_with_the_journal(trait: dict[str, object]) -> None:
    granter = DelegationFactory()
    if not {"by_referent", "on_a_unit", "on_a_person"} & set(trait):
        DelegationFactory(account=granter.account, through=granter, **trait)
    DelegationFactory(**trait)
    assert found() == []


@pytest.mark.parametrize("state", RequestState)
def test_requests_referents_and_proposals_agree_too(state: RequestState) -> None:
    row = DelegationRequestFactory(**({state.value: True} if state != RequestState.PENDING else {"claimed": True}))
    assert row.state == state
    assert row.delegations.count() == (state == RequestState.ACCEPTED)
    assert ReferentFactory(ended=True).ended_reason
    assert ReferentFactory().ended_reason == ""
    assert GrantProposalFactory(rejected=True).state == "rejected"
    assert GrantProposalFactory().word_of.referent_terms.get().structure.account
    assert found() == []


def tamper(sql: str, *values: object, trigger: str = "USER") -> None:
    """As the owner of the database, who can put triggers aside."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE delegations_delegation DISABLE TRIGGER {trigger}")
        cursor.execute(sql, values)
        assert cursor.rowcount == 1
        cursor.execute(f"ALTER TABLE delegations_delegation ENABLE TRIGGER {trigger}")


def change(column: str, value: str) -> Callable[[Delegation], None]:
    return lambda row: tamper(f"UPDATE delegations_delegation SET {column} = {value} WHERE id = %s", row.pk)


def give_to_another(row: Delegation) -> None:
    other = ProfessionalFactory().account
    tamper("UPDATE delegations_delegation SET holder_id = %s WHERE id = %s", other.pk, row.pk)


def move_to_another(row: Delegation) -> None:
    other = DelegationFactory().account
    tamper("UPDATE delegations_delegation SET account_id = %s WHERE id = %s", other.pk, row.pk)


TAMPERED: dict[str, tuple[str, Callable[[Delegation], None]]] = {
    "another scope": ("scope_differs", change("scope", "'dossier'")),
    "an earlier beginning": (
        "beginning_differs",
        change("period", "tstzrange(lower(period) - interval '1 day', upper(period))"),
    ),
    "an end that nobody decided": ("end_differs", change("period", "tstzrange(lower(period), now())")),
    "another holder": ("accounts_differ", give_to_another),
    "another account": ("accounts_differ", move_to_another),
    "another granter": (
        "granter_differs",
        lambda row: tamper(
            "UPDATE delegations_delegation SET granted_by_id = %s WHERE id = %s", UserFactory().pk, row.pk
        ),
    ),
    "another ground": ("granter_differs", change("granted_ground", "'referent'")),
    "a row less": ("row_missing", lambda row: tamper("DELETE FROM delegations_delegation WHERE id = %s", row.pk)),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_row_changed_as_owner_of_the_database_is_named(what: str) -> None:
    DelegationFactory()
    row = DelegationFactory(partial=True)
    fault, act = TAMPERED[what]
    act(row)
    assert found() == [(fault, str(row.pk))]
    with pytest.raises(CommandError, match=r"1\sdésaccord"):
        call_command("check_grants", stderr=(told := StringIO()), stdout=StringIO())
    assert f"Délégation {row.pk} : " in told.getvalue()


def test_what_goes_on_of_one_that_was_reduced_keeps_its_granter() -> None:
    holder = DelegationFactory().holder
    whole = Delegation.objects.get(holder=holder)
    part = reduce_delegation(holder.user, whole, Scope.DOSSIER, timezone.now())
    assert part.granted_by_id == whole.granted_by_id != holder.user_id
    assert found() == []
    tamper("UPDATE delegations_delegation SET granted_by_id = %s WHERE id = %s", holder.user_id, part.pk)
    assert found() == [("granter_differs", str(part.pk))]


def test_an_ended_row_made_alive_again_is_named() -> None:
    row = DelegationFactory(ended=True)
    tamper(
        "UPDATE delegations_delegation SET period = tstzrange(lower(period), NULL), ended_kind = '', ended_ground = '',"
        " ended_by_id = NULL, ended_reason = '' WHERE id = %s",
        row.pk,
    )
    assert found() == [("end_untold", str(row.pk))]


def test_a_row_that_the_journal_does_not_know_is_named() -> None:
    row = DelegationFactory()
    values = {field.attname: getattr(row, field.attname) for field in Delegation._meta.local_fields}
    hidden = Delegation.objects.create(**values | {"id": None, "holder_id": ProfessionalFactory().account.pk})
    assert found() == [("grant_untold", str(hidden.pk))]


def test_a_grant_told_twice_is_named() -> None:
    row = DelegationFactory()
    told = JournalEntry.objects.get(object_kind="delegation", object_key=row.pk)
    told.pk = None
    told.save(force_insert=True)
    assert found() == [("told_twice", str(row.pk))]


def test_a_view_that_says_otherwise_is_named() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_viewdef('delegations_grant'::regclass)")
        text = cursor.fetchone()[0].replace("u.is_active", "true")
        cursor.execute(f"CREATE OR REPLACE VIEW delegations_grant AS {text}")
    assert found() == [("view_differs", "delegations_grant")]


def test_a_row_in_the_generic_tables_is_named() -> None:
    account = DelegationFactory().account
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE guardian_userobjectpermission DISABLE TRIGGER no_generic_grant")
        cursor.execute(
            """INSERT INTO guardian_userobjectpermission (object_pk, content_type_id, permission_id, user_id)
            SELECT %s, p.content_type_id, p.id, u.id FROM auth_permission p, accounts_user u
            WHERE p.codename = 'open_agenda' LIMIT 1""",
            [str(account.pk)],
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert found() == [("generic_rows", "guardian_userobjectpermission")]


def test_all_is_well_is_said() -> None:
    DelegationFactory()
    call_command("check_grants", stdout=(told := StringIO()))
    assert "disent la même chose" in told.getvalue()


def test_the_nightly_task_is_loud_and_tells_keys_alone() -> None:
    row = DelegationFactory(partial=True)
    with capture_logs() as silent:
        check_grants()
    change("scope", "'dossier'")(row)
    with capture_logs() as told:
        check_grants()
    assert silent == []
    assert told == [
        {"event": "grants_disagree", "log_level": "error", "what": "scope_differs", "key": str(row.pk)},
    ]


def test_an_entry_of_the_journal_changed_as_owner_is_named() -> None:
    row = DelegationFactory()
    seal(timezone.now())
    assert verify().broken == ""
    entry = JournalEntry.objects.get(object_kind="delegation", object_key=row.pk)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accounts_journalentry DISABLE TRIGGER journal_stays")
        cursor.execute(
            "UPDATE accounts_journalentry SET details = details || %s WHERE id = %s", ['{"scope": "dossier"}', entry.pk]
        )
        cursor.execute("ALTER TABLE accounts_journalentry ENABLE ALWAYS TRIGGER journal_stays")
    assert f"{entry.pk}" in verify().broken
    assert found() == [("scope_differs", str(row.pk))]
