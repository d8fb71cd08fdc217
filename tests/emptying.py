"""What tests leave in the database: nothing but the reference lists, and what several tests of a module share."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from directory.reference import LISTS, load_reference

KEPT = {"django_migrations", *(model._meta.db_table for model in (ContentType, Permission, *LISTS))}
# The journal refuses to be emptied whatever the role: as its owner, for a moment, its triggers are put aside.
JOURNAL = {"accounts_journalentry", "accounts_journalseal"}


def reference_counts() -> list[int]:
    return [model._default_manager.count() for model in LISTS]


def _written() -> list[str]:
    """The tables that hold a row, those that Django does not know included."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        names = [name for (name,) in cursor.fetchall() if name not in KEPT]
        cursor.execute(" UNION ALL ".join(f"(SELECT '{name}' FROM \"{name}\" LIMIT 1)" for name in names))
        return [name for (name,) in cursor.fetchall()]


def empty_tables(lists: list[int]) -> None:
    """Row by row, since few were written: emptying sixty tables whole takes half a second."""
    assert not connection.in_atomic_block, "A test that commits shares nothing with its module."
    with transaction.atomic(), connection.cursor() as cursor:
        # Neither foreign keys nor triggers have a say in what is wholly taken away.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name in _written():
            if name in JOURNAL:
                cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER journal_stays")
            cursor.execute(f'DELETE FROM "{name}"')
            if name in JOURNAL:
                cursor.execute(f"ALTER TABLE {name} ENABLE ALWAYS TRIGGER journal_stays")
    if reference_counts() != lists:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for model in LISTS:
                cursor.execute(f'DELETE FROM "{model._meta.db_table}"')
        load_reference()


@contextmanager
def emptied_by_rows() -> Iterator[None]:
    """A test that commits is followed by `empty_tables` in place of Django's flush. Once the lists are loaded."""
    lists = reference_counts()
    # Of a database that is used again, whatever a run that was cut had left.
    empty_tables(lists)
    usual = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]
    TransactionTestCase._fixture_teardown = lambda self: empty_tables(lists)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        TransactionTestCase._fixture_teardown = usual  # type: ignore[attr-defined]


@contextmanager
def undone_after_the_module(blocker: DjangoDbBlocker) -> Iterator[None]:
    """What is written inside stays for the tests of a module, each of which is undone in its turn, and goes with it.

    Not for tests that commit: another connection would not see it.
    """
    with blocker.unblock():
        whole = transaction.atomic()
        whole.__enter__()
        # Services that ask to be the outermost transaction accept that of a test.
        whole._from_testcase = True  # type: ignore[attr-defined]
    try:
        yield
    finally:
        with blocker.unblock():
            transaction.set_rollback(True)
            whole.__exit__(None, None, None)
