"""The sealer: one at a time, it links each committed entry to the chain, in the order in which it finds them.

A trigger puts the key of each new entry into a queue, so that one that commits late, with a lower key, is never passed
over, and a long transaction elsewhere holds nobody up. The queue is a convenience: `verification` asks the entries
themselves which of them have no seal.
"""

import hashlib
from collections.abc import Iterable, Iterator
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
# The hashes come end to end: as an array they take longer to write than to compute.
SEAL = """
    INSERT INTO accounts_journalseal (number, entry_id, hash, sealed_at)
    SELECT %(last)s + link.rank, link.entry_id,
        substring(%(hashes)s::bytea FROM (32 * (link.rank - 1) + 1)::int FOR 32), %(at)s
    FROM unnest(%(entries)s::bigint[]) WITH ORDINALITY AS link (entry_id, rank)
"""
# Entries that never reached the queue, or were taken out of it by somebody else.
FORGOTTEN = """
    INSERT INTO accounts_journalqueue
    SELECT e.id FROM accounts_journalentry e
    WHERE NOT EXISTS (SELECT FROM accounts_journalseal s WHERE s.entry_id = e.id)
    ON CONFLICT DO NOTHING
"""


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
        # What has no form is sealed already: it came into the queue twice.
        entries = [(entry, told) for entry, told in taken if told is not None]
        if entries:
            links = b"".join(_links(bytes(link), (told for _, told in entries)))
            given = {"last": number, "entries": [entry for entry, _ in entries], "hashes": links, "at": at}
            cursor.execute(SEAL, given)
        return len(taken), len(entries)


def _links(link: bytes, told: Iterable[bytes]) -> Iterator[bytes]:
    for form in told:
        link = hashlib.sha256(link + form).digest()
        yield link
