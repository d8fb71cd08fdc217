"""The sealer: one at a time, it links each committed entry to the chain, in the order in which it finds them.

A trigger puts the key of each new entry into a queue, so that one that commits late, with a lower key, is never passed
over, and a long transaction elsewhere holds nobody up. The queue is a convenience: `verification` asks the entries
themselves which of them have no seal.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from time import monotonic

from django.db import connection, transaction

from accounts.journal.canonical import CANONICAL, GENESIS

LOCKS, SEALER = 7302, 1
BATCH = 5_000
# A run that has a long queue to empty leaves the rest to the next one, and the worker to other tasks.
LONGEST = timedelta(seconds=10)
LAST = "SELECT number, hash FROM accounts_journalseal ORDER BY number DESC LIMIT 1"
TAKE = f"""
    WITH taken AS (
        DELETE FROM accounts_journalqueue
        WHERE entry_id = ANY (ARRAY(SELECT entry_id FROM accounts_journalqueue ORDER BY entry_id LIMIT {BATCH}))
        RETURNING entry_id)
    SELECT taken.entry_id, CASE WHEN s.number IS NULL THEN {CANONICAL} END
    FROM taken JOIN accounts_journalentry e ON e.id = taken.entry_id
    LEFT JOIN accounts_journalseal s ON s.entry_id = e.id
    ORDER BY taken.entry_id
"""  # noqa: S608, our own columns
SEAL = """
    INSERT INTO accounts_journalseal (number, entry_id, hash, sealed_at)
    SELECT link.number, link.entry_id, link.hash, %s
    FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[]) AS link (number, entry_id, hash)
"""
# Entries that never reached the queue, or were taken out of it by somebody else.
FORGOTTEN = """
    INSERT INTO accounts_journalqueue
    SELECT e.id FROM accounts_journalentry e
    WHERE NOT EXISTS (SELECT FROM accounts_journalseal s WHERE s.entry_id = e.id)
    ON CONFLICT DO NOTHING
"""
Link = tuple[int, int, bytes]


def seal(at: datetime) -> int | None:
    """Seal what waits, a transaction a batch. Returns how many; None when another sealer is at work."""
    sealed, deadline = 0, monotonic() + LONGEST.total_seconds()
    while (done := _seal_batch(at)) is not None:
        sealed += done[1]
        if done[0] < BATCH or monotonic() > deadline:
            return sealed
    return sealed or None


def queue_forgotten() -> int:
    """Put back into the queue every entry without a seal. Reads the whole journal."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(FORGOTTEN)
        return int(cursor.rowcount)


@transaction.atomic
def _seal_batch(at: datetime) -> tuple[int, int] | None:
    """How many left the queue and how many were sealed. The lock is a statement of its own: what the sealer before
    wrote is seen by the statements that follow it, and by no part of the one that waited."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCKS, SEALER])
        if not cursor.fetchall()[0][0]:
            return None
        cursor.execute(LAST)
        number, link = next(iter(cursor.fetchall()), (0, GENESIS))
        cursor.execute(TAKE)
        taken = cursor.fetchall()
        links = list(_linked(number, bytes(link), taken))
        if links:
            cursor.execute(SEAL, [at, *map(list, zip(*links, strict=True))])
        return len(taken), len(links)


def _linked(number: int, link: bytes, taken: list[tuple[int, bytes | None]]) -> Iterator[Link]:
    for entry, told in taken:
        if told is None:  # sealed already: it came into the queue twice
            continue
        number, link = number + 1, hashlib.sha256(link + told).digest()
        yield number, entry, link
