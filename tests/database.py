"""The database of each worker, copied from one that is migrated once a run: a copy takes half a second, migrations
twenty.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.utils import CursorWrapper

from directory.reference import load_reference

# Of the lock that workers take in turn; nothing else takes it.
LOCK = 20_261_127


def copy_of_the_model(run: str) -> None:
    """In place of the worker's database, whatever it held. The first worker of a run makes the model, with the
    reference lists in it; the others wait for it."""
    name = connection.creation._get_test_db_name()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET lock_timeout = 0")
        with _alone(cursor):
            model = f"{connection.settings_dict['NAME']}_tests_model"
            if _told_of(cursor, model) != run:
                _make(model)
                cursor.execute(f"COMMENT ON DATABASE \"{model}\" IS '{run}'")
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{model}"')


@contextmanager
def _alone(cursor: CursorWrapper) -> Iterator[None]:
    cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _told_of(cursor: CursorWrapper, database: str) -> str | None:
    """The run that a model was made for; a model that was not finished tells none."""
    cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [database])
    row = cursor.fetchone()
    return row and row[0]


def _make(model: str) -> None:
    usual, named = connection.settings_dict["NAME"], connection.settings_dict["TEST"]["NAME"]
    connection.settings_dict["TEST"]["NAME"] = model
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        load_reference()
    finally:
        # Closed, and the connection is again what it was.
        connection.creation.destroy_test_db(usual, verbosity=0, keepdb=True)
        connection.settings_dict["TEST"]["NAME"] = named
