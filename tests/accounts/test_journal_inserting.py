"""The insert of the journal passes by psycopg’s cursors once it is planned: what they see to still holds."""

from typing import Any

import psycopg
import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.grounds import Ground
from accounts.journal import entry, record_all, record_opening
from accounts.journal.inserting import _Sending, _statement
from accounts.models import JournalEntry, JournalQueue, User
from tests.accounts.journal import AT, write
from tests.factories import ProfessionalFactory

pytestmark = pytest.mark.django_db(transaction=True)


def told(key: str = "1", **changes: Any) -> JournalEntry:
    return entry("door.opened", **{"at": AT, "ground": Ground.SYSTEM, "object_key": key, **changes})


def is_planned() -> bool:
    return _Sending(connection.connection, _statement(1))._name() is not None


@pytest.fixture(params=["planned", "not planned"])
def either_way(request: pytest.FixtureRequest) -> None:
    """Before the database has planned the statement on this connection, and after."""
    connection.close()
    connection.ensure_connection()
    if request.param == "planned":
        record_opening(told("planned"))
    assert is_planned() == (request.param == "planned")


def kept() -> list[str]:
    return [key for key in JournalEntry.objects.order_by("pk").values_list("object_key", flat=True) if key != "planned"]


@pytest.mark.usefixtures("either_way")
def test_an_entry_is_read_as_it_was_told() -> None:
    user = ProfessionalFactory(signed_in=True).account.user
    account, key = user.account, ProfessionalFactory().account.pk
    details = {
        "scope": "total",
        "by": key,
        "rank": 3,
        "is_first": True,
        "since": AT,
        "none": None,
        "é": "“l’été” \\ %s",
    }
    one = told("é %s '\"\\", ground=Ground.OWN, actor=user, actor_account=account, account=key, details=details)
    with CaptureQueriesContext(connection) as captured:
        record_opening(one)
    assert [query["sql"].split(" (")[0] for query in captured] == ["INSERT INTO accounts_journalentry"]
    read = JournalEntry.objects.get(pk=one.pk)
    names = [field.attname for field in JournalEntry._meta.concrete_fields]
    assert {name: getattr(read, name) for name in names} == {name: getattr(one, name) for name in names}
    assert (one._state.adding, one._state.db, one.actor) == (False, connection.alias, user)


def test_an_entry_is_made_as_django_makes_it(user: User) -> None:
    one = told("7", ground=Ground.OWN, actor=user, actor_account=user.account)
    values = {name: value for name, value in vars(one).items() if name != "_state"}
    made = JournalEntry(**values)
    assert list(vars(one)) == list(vars(made)) and {**vars(made), "_state": None} == {**values, "_state": None}
    assert vars(one._state).items() <= vars(made._state).items()
    assert one.actor == user and not one._state.fields_cache.keys() ^ {"actor"}


@pytest.mark.usefixtures("either_way")
def test_the_first_statement_of_an_act_is_in_its_transaction() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        record_all([told("1")])
        raise RuntimeError
    assert kept() == [] and not JournalQueue.objects.exclude(entry_id__in=JournalEntry.objects.values("pk")).exists()
    with transaction.atomic():
        record_all([told("2")])
        with pytest.raises(RuntimeError), transaction.atomic():
            record_all([told("3")])
            raise RuntimeError
        record_all([told("4"), told("5")])
    assert kept() == ["2", "4", "5"]


def test_what_psycopg_forgot_after_a_rollback_is_planned_anew() -> None:
    record_opening(told("1"))
    with pytest.raises(RuntimeError), transaction.atomic():
        write("2")
        raise RuntimeError
    assert not is_planned()
    for key in ("3", "4"):
        record_opening(told(key))
        assert is_planned()
    assert kept() == ["1", "3", "4"]


@pytest.mark.usefixtures("either_way")
def test_what_the_database_refuses_is_said_as_ever() -> None:
    with pytest.raises(IntegrityError) as refusal:
        record_opening(told("1", ground=Ground.OWN))
    cause = refusal.value.__cause__
    assert isinstance(cause, psycopg.errors.CheckViolation)
    assert cause.diag.constraint_name == "journal_no_actor_iff_system"
    with pytest.raises(DataError):
        record_opening(told("k" * 65))
    with pytest.raises(IntegrityError), transaction.atomic():
        record_all([told("1", ground=Ground.OWN)])
    record_opening(told("2"))
    assert kept() == ["2"]


@pytest.mark.usefixtures("either_way")
def test_a_text_is_kept_whole_or_refused() -> None:
    with pytest.raises(DataError):
        record_opening(told("1\0 and more"))
    assert kept() == []


@pytest.mark.usefixtures("either_way")
def test_a_connection_that_was_cut_is_an_error_of_operation_and_is_made_again() -> None:
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    with pytest.raises(OperationalError):
        record_opening(told("1"))
    connection.close_if_unusable_or_obsolete()
    record_opening(told("2"))
    assert kept() == ["2"]


@pytest.mark.usefixtures("either_way")
def test_nothing_is_added_to_an_act_that_failed() -> None:
    with transaction.atomic():
        with pytest.raises(IntegrityError), transaction.atomic(savepoint=False):
            record_all([told("1", ground=Ground.OWN)])
        with pytest.raises(transaction.TransactionManagementError):
            record_all([told("2")])
    assert kept() == []


@pytest.mark.usefixtures("either_way")
def test_who_wraps_the_statements_of_a_connection_sees_it() -> None:
    seen: list[str] = []

    def see(execute: Any, sql: str, *rest: Any) -> Any:
        seen.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(see):
        record_opening(told("1"))
    assert [sql.split(" (")[0] for sql in seen] == ["INSERT INTO accounts_journalentry"] and kept() == ["1"]
