"""The one form of an entry that is hashed, written once, for the sealer and for whoever verifies.

A JSON array of a version and of every column as text, in a fixed order, in UTF-8. No value passes for another: JSON
keeps null and texts apart and quotes what separates, and `jsonb` orders the keys of `details`. It is the same in every
session: `at` is told in seconds since 1970, with microseconds, out of reach of TimeZone and DateStyle. The version will
tell a later form from this one.

Read from the row `e` of accounts_journalentry, by PostgreSQL's own functions alone.
"""

VERSION = "1"
COLUMNS = (
    "e.id",
    "extract(epoch FROM e.at)",
    "e.actor_id",
    "e.actor_account_id",
    "e.account_id",
    "e.ground",
    "e.delegation",
    "e.verb",
    "e.object_kind",
    "e.object_key",
    "e.details",
    "e.request_id",
)
TEXTS = ", ".join(f"{column}::text" for column in COLUMNS)
CANONICAL = f"pg_catalog.convert_to(pg_catalog.array_to_json(ARRAY['{VERSION}', {TEXTS}])::text, 'UTF8')"
# What the first seal links to.
GENESIS = bytes(32)
