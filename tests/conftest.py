from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.db.backends.postgresql.operations import DatabaseOperations
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import User
from directory.models import Department
from directory.reference import load_reference
from tests.factories import ProfessionalFactory, UserFactory


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture(scope="session", autouse=True)
def the_journal_is_emptied_with_the_rest() -> Iterator[None]:
    """The journal refuses TRUNCATE, which is how a test that commits leaves empty tables: as their owner, for a moment,
    the triggers are put aside."""
    usual = DatabaseOperations.execute_sql_flush

    def flush(operations: DatabaseOperations, sql_list: list[str]) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for table in ("accounts_journalentry", "accounts_journalseal"):
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER journal_stays")
            usual(operations, sql_list)
            for table in ("accounts_journalentry", "accounts_journalseal"):
                cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER journal_stays")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The reference lists are there once for all; a test that empties the tables gets them back by `reference`."""
    with django_db_blocker.unblock():
        load_reference()
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        # A thread that served a browser may still hold its connection, and the database could not be dropped.
        cursor.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()"""
        )


@pytest.fixture
def reference(db: None) -> None:
    if not Department.objects.exists():
        load_reference()


@pytest.fixture
def user(db: None) -> User:
    return ProfessionalFactory(signed_in=True).account.user


@pytest.fixture
def service_centre(db: None) -> User:
    return UserFactory(service_centre=True)
