"""The sealer: one at a time, it links each committed entry to the chain, in the order in which it finds them.

A trigger puts the number of each new entry in a queue, so that one which commits late, with a lower number, is never
passed over, and a long transaction elsewhere holds nobody up. The queue is a convenience: `verification` asks the
entries themselves which have no seal.
"""

from datetime import datetime

from django.db import connection, transaction

from accounts.journal.canonical import CANONICAL

LOCK = 7_740_901
BATCH = 20_000
SEAL = f"""
    DO $seal$
    DECLARE
        link bytea;
        place bigint;
        one record;
    BEGIN
        SELECT s.number, s.hash INTO place, link FROM accounts_journalseal s ORDER BY s.number DESC LIMIT 1;
        place := coalesce(place, 0);
        link := coalesce(link, decode(repeat('00', 32), 'hex'));
        CREATE TEMPORARY TABLE sealed_now (number bigint, entry_id bigint, hash bytea) ON COMMIT DROP;
        FOR one IN
            SELECT e.id, convert_to({CANONICAL}, 'UTF8') AS told
            FROM accounts_journalqueue q JOIN accounts_journalentry e ON e.id = q.entry_id
            ORDER BY q.entry_id LIMIT {BATCH}
        LOOP
            place := place + 1;
            link := sha256(link || one.told);
            INSERT INTO sealed_now VALUES (place, one.id, link);
        END LOOP;
        INSERT INTO accounts_journalseal (number, entry_id, hash, sealed_at)
            SELECT number, entry_id, hash, '{{at}}'::timestamptz FROM sealed_now ORDER BY number;
        DELETE FROM accounts_journalqueue q USING sealed_now n WHERE n.entry_id = q.entry_id;
    END
    $seal$;
"""  # noqa: S608, our own columns; the moment is written by `isoformat`


def seal(at: datetime) -> int | None:
    """Seal what waits. Returns how many; None when another sealer is at work."""
    total = 0
    while (done := _seal_batch(at)) is not None:
        total += done
        if done < BATCH:
            return total
    return None if not total else total


@transaction.atomic
def _seal_batch(at: datetime) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:  # type: ignore[index]
            return None
        cursor.execute("SELECT EXISTS (SELECT FROM accounts_journalqueue)")
        if not cursor.fetchone()[0]:  # type: ignore[index]
            return 0
        cursor.execute(SEAL.replace("{at}", at.isoformat()))
        cursor.execute("SELECT count(*) FROM sealed_now")
        done: int = cursor.fetchone()[0]  # type: ignore[index]
        cursor.execute("DROP TABLE sealed_now")
        return done
