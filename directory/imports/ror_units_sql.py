"""Units of the ROR and where each stands: in a structure, or in another unit, at any depth."""

from accounts.models import AccountKind
from accounts.states import ON_UNIT_CLOSED, ON_UNIT_REOPENED
from directory.imports.accounts import move_from
from directory.imports.engine import Closing, Job
from directory.imports.mirror import Mirror
from directory.imports.staging import execute, one, rows, temporary

# ruff: noqa: S608, statements are put together from constants alone; values are parameters.

# A unit is « u:<id> » when we have it and « r:<reference> » until then; a structure is « s:<number> ».
NEWEST = """
    SELECT DISTINCT ON (coalesce(o.oi, o.reference)) o.*, v.updated_at, v.updated_on, v.rank, v.file, v.raw
    FROM ror_organization o JOIN ror_version v USING (seq)
    WHERE o.level = 'OI' AND NOT o.is_ended
    ORDER BY coalesce(o.oi, o.reference), v.updated_at DESC NULLS LAST, o.seq DESC
"""
MATCHED = f"""
    SELECT n.*, coalesce(by_oi.id, by_reference.id) AS known_id,
           coalesce(by_oi.source, by_reference.source) AS known_as,
           coalesce('u:' || coalesce(by_oi.id, by_reference.id), 'r:' || n.reference) AS key
    FROM ({NEWEST}) n
    LEFT JOIN directory_internalorganisation by_oi ON by_oi.ror_id = n.oi
    LEFT JOIN directory_internalorganisation by_reference ON by_reference.ror_reference = n.reference
"""
UNITS = f"SELECT DISTINCT ON (key) * FROM ({MATCHED}) matched ORDER BY key, updated_at DESC NULLS LAST, seq DESC"
# What a reference stands for: what this reading says first, then what we knew.
TARGETS = """
    SELECT DISTINCT ON (name) name, key FROM (
        SELECT reference AS name, 's:' || finess AS key, 0 AS turn FROM ror_organization
            WHERE level = 'EG' AND finess IS NOT NULL AND NOT is_ended
        UNION ALL SELECT reference, key, 0 FROM ror_unit
        UNION ALL SELECT 'oi:' || oi, key, 0 FROM ror_unit WHERE oi IS NOT NULL
        UNION ALL SELECT 'finess:' || finess, 's:' || finess, 0 FROM ror_structure
        UNION ALL SELECT ror_reference, 's:' || finess, 1 FROM directory_structure
        UNION ALL SELECT 'finess:' || finess, 's:' || finess, 1 FROM directory_structure
        UNION ALL SELECT ror_reference, 'u:' || id, 1 FROM directory_internalorganisation
        UNION ALL SELECT 'oi:' || ror_id, 'u:' || id, 1 FROM directory_internalorganisation
    ) named WHERE name <> '' ORDER BY name, turn
"""
KNOWN_EDGES = """
    SELECT 'u:' || u.id AS key, coalesce('u:' || u.parent_id, 's:' || s.finess) AS above
    FROM directory_internalorganisation u JOIN directory_structure s ON s.id = u.structure_id
"""
SAID_EDGES = "SELECT u.key, t.key AS above FROM ror_unit u LEFT JOIN ror_target t ON t.name = u.parent"
# From each unit up: a circle is a way that comes back to where it began. Nobody nests units deeper than this.
DEEPEST = 200
CIRCLES = f"""
    WITH RECURSIVE way(start, key, steps) AS (
        SELECT key, above, 1 FROM ror_edge WHERE is_said
        UNION ALL
        SELECT w.start, e.above, w.steps + 1 FROM way w JOIN ror_edge e ON e.key = w.key
        WHERE w.key <> w.start AND w.steps < {DEEPEST}
    )
    SELECT DISTINCT start FROM way WHERE key = start
"""
# From each structure down. What no structure reaches is not reached: a circle never ends the walk, it never begins it.
REACHED = """
    WITH RECURSIVE reached(key, finess, above) AS (
        SELECT key, substr(above, 3), above FROM ror_edge WHERE above LIKE 's:%'
        UNION ALL
        SELECT e.key, r.finess, e.above FROM ror_edge e JOIN reached r ON e.above = r.key
    )
    SELECT key, finess, above FROM reached
"""
UNITS_CHANGED = Mirror(
    table="directory_internalorganisation",
    changes="ror_unit_change",
    released=("ror_reference", "ror_id"),
    # Units that the file says, then those that follow the one they stand in to another structure.
    wanted="""
        SELECT n.id, u.known_id, s.id AS structure_id, p.id AS parent_id, ty.code AS type_id, u.oi AS ror_id,
               u.reference AS ror_reference, u.name, u.opened_on, u.updated_on AS record_updated_on, 'ror' AS source,
               true AS is_said
        FROM ror_unit u
        JOIN ror_reached r USING (key)
        JOIN ror_unit_number n USING (key)
        JOIN directory_structure s ON s.finess = r.finess
        LEFT JOIN ror_unit_number p ON p.key = r.above
        LEFT JOIN directory_unittype ty ON ty.code = u.unit_type
        UNION ALL
        SELECT u.id, u.id, s.id, u.parent_id, u.type_id, u.ror_id, u.ror_reference, u.name, u.opened_on,
               u.record_updated_on, u.source, false
        FROM ror_reached r
        JOIN directory_internalorganisation u ON r.key = 'u:' || u.id
        JOIN directory_structure s ON s.finess = r.finess
        WHERE s.id <> u.structure_id AND NOT EXISTS (SELECT FROM ror_unit WHERE key = r.key)
    """,
    match="t.id = w.known_id",
    columns=("structure_id", "parent_id", "type_id", "ror_reference", "name", "source"),
    kept=("ror_id", "opened_on", "record_updated_on"),
    owner=AccountKind.UNIT,
    reopened=ON_UNIT_REOPENED,
    opens="w.is_said",
    numbered=True,
)
NUMBERS = """
    SELECT key, coalesce(substr(key, 3)::bigint, 0) AS id FROM ror_edge WHERE key LIKE 'u:%'
    UNION ALL
    SELECT key, nextval(pg_get_serial_sequence('directory_internalorganisation', 'id')) FROM ror_unit
    WHERE key LIKE 'r:%'
"""
ENDED = """
    SELECT DISTINCT ON (u.id) u.id, u.account_id, coalesce(o.ended_on, %s) AS closed_on
    FROM (SELECT seq, ended_on, reference AS key FROM ror_organization WHERE is_ended
          UNION ALL SELECT seq, ended_on, 'oi:' || oi FROM ror_organization WHERE is_ended AND oi IS NOT NULL) o
    JOIN (SELECT id, ror_reference AS key FROM directory_internalorganisation
          UNION ALL SELECT id, 'oi:' || ror_id FROM directory_internalorganisation) known USING (key)
    JOIN directory_internalorganisation u ON u.id = known.id
    WHERE u.source = 'ror' AND u.closed_on IS NULL
    ORDER BY u.id, o.seq DESC
"""
# Structures whose units the file tells: it holds them, and at least one unit in them.
TOLD = """
    SELECT DISTINCT r.finess FROM ror_unit u JOIN ror_reached r USING (key)
    WHERE r.finess IN (SELECT finess FROM ror_structure)
"""
MISSING = """
    WITH RECURSIVE present(key) AS (
        SELECT t.key FROM ror_read r JOIN ror_target t ON t.name = r.reference
        UNION
        SELECT r.above FROM present p JOIN ror_reached r USING (key)
    )
    SELECT u.id, u.account_id, %s::date AS closed_on
    FROM directory_internalorganisation u JOIN directory_structure s ON s.id = u.structure_id
    WHERE u.source = 'ror' AND u.closed_on IS NULL AND s.finess IN (SELECT finess FROM ror_told)
      AND 'u:' || u.id NOT IN (SELECT key FROM present)
"""
CLOSE = "UPDATE directory_internalorganisation u SET closed_on = g.closed_on FROM ror_unit_gone g WHERE g.id = u.id"


def prepare(job: Job, *, is_whole: bool) -> None:
    """Find where every unit stands once this file is in; set aside those that stand nowhere, or in themselves."""
    temporary("ror_unit", UNITS)
    _drop_other_sources(job)
    temporary("ror_target", TARGETS)
    _draw_edges()
    _set_aside_circles(job)
    _set_aside_orphans(job)
    temporary("ror_told", TOLD)
    temporary("ror_unit_missing", MISSING + ("" if is_whole else " LIMIT 0"), [job.day])


def _drop_other_sources(job: Job) -> None:
    others = rows("SELECT rank, file, raw, name FROM ror_unit WHERE known_as <> 'ror' ORDER BY seq")
    for rank, file, raw, name in others:
        job.warn(rank, f"« {name} » vient d’une autre source : sa fiche n’a pas été modifiée", raw, file)
    execute("DELETE FROM ror_unit WHERE known_as <> 'ror'")


def _draw_edges() -> None:
    """Where each unit stands: as the file says, or as we know."""
    temporary(
        "ror_edge",
        f"""
        SELECT key, above, true AS is_said FROM ({SAID_EDGES}) said
        UNION ALL
        SELECT key, above, false FROM ({KNOWN_EDGES}) known WHERE key NOT IN (SELECT key FROM ror_unit)
        """,
    )


def _set_aside_circles(job: Job) -> None:
    temporary("ror_circle", CIRCLES)
    _set_aside(job, "key IN (SELECT start FROM ror_circle)", "unité qui, de proche en proche, se contient elle-même")


def _set_aside_orphans(job: Job) -> None:
    """What stays unreached: units whose parent is not there, and those that stand in one that was set aside."""
    _set_aside(
        job,
        "key IN (SELECT key FROM ror_edge WHERE is_said AND above IS NULL)",
        "unité dont l’établissement est introuvable : elle entrera quand il sera connu",
    )
    temporary("ror_reached", REACHED)
    _set_aside(
        job,
        "key NOT IN (SELECT key FROM ror_reached)",
        "unité contenue dans une autre qui n’a pas pu entrer : elle entrera avec elle",
    )
    temporary("ror_reached", REACHED)


def _set_aside(job: Job, condition: str, reason: str) -> None:
    """Take these units out of what the file says; those that we have stay where they are."""
    for rank, file, raw in rows(f"SELECT rank, file, raw FROM ror_unit WHERE {condition} ORDER BY seq"):
        job.set_aside(rank, reason, raw, file)
    temporary("ror_dropped", f"SELECT key FROM ror_unit WHERE {condition}")
    execute("DELETE FROM ror_contact WHERE seq IN (SELECT seq FROM ror_unit JOIN ror_dropped USING (key))")
    execute("DELETE FROM ror_version WHERE seq IN (SELECT seq FROM ror_unit JOIN ror_dropped USING (key))")
    execute("DELETE FROM ror_unit WHERE key IN (SELECT key FROM ror_dropped)")
    execute("DELETE FROM ror_edge WHERE key IN (SELECT key FROM ror_dropped)")
    execute(
        f"""
        INSERT INTO ror_edge (key, above, is_said)
        SELECT key, above, false FROM ({KNOWN_EDGES}) known WHERE key IN (SELECT key FROM ror_dropped)
        """
    )


def closing() -> Closing:
    known = one("SELECT count(*) FROM directory_internalorganisation WHERE source = 'ror' AND closed_on IS NULL")[0]
    return Closing("unités", known, one("SELECT count(*) FROM ror_unit_missing")[0])


def write(job: Job) -> None:
    temporary("ror_unit_number", NUMBERS)
    UNITS_CHANGED.apply(job.at, job.day)
    UNITS_CHANGED.count(job.counts, of="ror_unit")
    temporary("ror_unit_ended", ENDED, [job.day])
    temporary("ror_unit_gone", "SELECT * FROM ror_unit_ended UNION SELECT * FROM ror_unit_missing")
    job.counts.closed += execute(CLOSE)
    move_from("ror_unit_gone", ON_UNIT_CLOSED, job.at)
