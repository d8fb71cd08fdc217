"""What the tests of the journal share: a verb of their own, entries, and what only the database's owner can do."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from accounts.grounds import Ground
from accounts.journal import record, register_verbs
from accounts.models import JournalEntry, JournalSeal

AT = datetime(2026, 11, 23, 9, 30, 15, 123456, tzinfo=UTC)
TABLES = ("accounts_journalentry", "accounts_journalseal")
register_verbs({"door.opened": "a ouvert une porte"})


def write(object_key: str = "1", **told: Any) -> JournalEntry:
    """One entry by nobody, committed where the test commits."""
    told = {"at": AT, "ground": Ground.SYSTEM, "object_kind": "door", **told}
    with transaction.atomic():
        return record("door.opened", object_key=object_key, **told)


def plain(text: str) -> str:
    """With the spaces of a keyboard."""
    return text.replace("\xa0", " ").replace("\u202f", " ")


@contextmanager
def as_owner() -> Iterator[Any]:
    """A cursor of whoever owns the database: neither triggers nor keys hold them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        yield cursor
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER journal_stays")


def raw_entry(**changes: Any) -> JournalEntry:
    """A row that no service would write."""
    return JournalEntry.objects.create(**{"at": AT, "ground": Ground.SYSTEM, "verb": "door.opened", **changes})


def raw_seal(**changes: Any) -> JournalSeal:
    told = {"number": 1, "hash": bytes(32), "sealed_at": AT, **changes}
    return JournalSeal.objects.create(entry=raw_entry(), **told)
