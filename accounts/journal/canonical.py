"""The one form of an entry that is hashed, written once for the sealer and for whoever verifies.

A JSON array of every column in a fixed order, as text, so that no value can pass for another. The moment is counted in
microseconds since 1970, and JSON writes numbers and texts alike whatever the session's time zone or date style.
"""

COLUMNS = (
    "e.id",
    "(extract(epoch FROM e.at) * 1000000)::bigint",
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
# Of the row `e` of accounts_journalentry, as text; hashed in UTF-8.
CANONICAL = f"jsonb_build_array({', '.join(COLUMNS)})::text"
GENESIS = bytes(32)
