"""Do the delegations, the view that guardian reads and the journal tell the same story? Read-only; keys alone."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from delegations.view_sql import GRANT_VIEW


@dataclass(frozen=True)
class Fault:
    """`key`: the row; `sentence`: what disagrees, in French."""

    what: str
    key: str
    sentence: str


# What the journal says of each delegation: how it was granted and by whom, and how it ended if it did. One that was
# reduced goes on as its granter gave it; the journal says there who reduced it.
DISAGREE = """
    WITH told AS (
        SELECT object_key::bigint AS id,
            max(account_id::text) FILTER (WHERE verb = 'delegation.granted') AS account,
            max(details ->> 'holder') FILTER (WHERE verb = 'delegation.granted') AS holder,
            max(details ->> 'scope') FILTER (WHERE verb = 'delegation.granted') AS scope,
            max((details ->> 'from')::timestamptz) FILTER (WHERE verb = 'delegation.granted') AS since,
            max((details ->> 'until')::timestamptz) FILTER (WHERE verb = 'delegation.granted') AS until,
            max((details ->> 'until')::timestamptz) FILTER (WHERE verb = 'delegation.ended') AS ended,
            max(details ->> 'kind') FILTER (WHERE verb = 'delegation.ended') AS kind,
            max(ground) FILTER (WHERE verb = 'delegation.granted') AS ground,
            max(actor_id) FILTER (WHERE verb = 'delegation.granted') AS actor,
            max(actor_account_id::text) FILTER (WHERE verb = 'delegation.granted') AS own,
            max(delegation) FILTER (WHERE verb = 'delegation.granted') AS through,
            count(*) FILTER (WHERE verb = 'delegation.granted') AS grants,
            count(*) FILTER (WHERE verb = 'delegation.ended') AS ends
        FROM accounts_journalentry WHERE object_kind = 'delegation' GROUP BY object_key
    )
    SELECT coalesce(d.id, told.id),
        CASE
            WHEN d.id IS NULL THEN 'row_missing'
            WHEN coalesce(told.grants, 0) = 0 THEN 'grant_untold'
            WHEN told.grants > 1 OR told.ends > 1 THEN 'told_twice'
            WHEN (told.account, told.holder) IS DISTINCT FROM (d.account_id::text, d.holder_id::text)
                THEN 'accounts_differ'
            WHEN told.scope IS DISTINCT FROM d.scope THEN 'scope_differs'
            WHEN told.since IS DISTINCT FROM lower(d.period) THEN 'beginning_differs'
            WHEN (told.ends = 1) <> (d.ended_kind <> '') OR told.kind IS DISTINCT FROM nullif(d.ended_kind, '')
                THEN 'end_untold'
            WHEN upper(d.period) IS DISTINCT FROM coalesce(told.ended, told.until) THEN 'end_differs'
            ELSE 'granter_differs'
        END
    FROM delegations_delegation d FULL JOIN told ON told.id = d.id
        LEFT JOIN delegations_delegation former ON former.id = d.replaces_id AND former.ended_kind = 'reduced'
        CROSS JOIN LATERAL (
            SELECT former.granted_ground, former.granted_by_id, former.granted_by_account_id::text,
                former.granted_through_id WHERE former.id IS NOT NULL
            UNION ALL SELECT told.ground, told.actor, told.own, told.through WHERE former.id IS NULL
        ) granter (ground, actor, own, through)
    WHERE d.id IS NULL OR told.id IS NULL OR told.grants <> 1 OR told.ends > 1
        OR (told.account, told.holder) IS DISTINCT FROM (d.account_id::text, d.holder_id::text)
        OR told.scope IS DISTINCT FROM d.scope OR told.since IS DISTINCT FROM lower(d.period)
        OR (told.ends = 1) <> (d.ended_kind <> '') OR told.kind IS DISTINCT FROM nullif(d.ended_kind, '')
        OR upper(d.period) IS DISTINCT FROM coalesce(told.ended, told.until)
        OR d.granted_ground IS DISTINCT FROM granter.ground OR d.granted_by_id IS DISTINCT FROM granter.actor
        OR d.granted_by_account_id::text IS DISTINCT FROM granter.own
        OR d.granted_through_id IS DISTINCT FROM granter.through
    ORDER BY 1
"""
SENTENCES = {
    "row_missing": "le journal en parle, et la ligne n’existe plus",
    "grant_untold": "le journal ne dit pas qu’elle a été accordée",
    "told_twice": "le journal en dit deux fois la même chose",
    "accounts_differ": "ses comptes ne sont pas ceux que dit le journal",
    "scope_differs": "son périmètre n’est pas celui que dit le journal",
    "beginning_differs": "son début n’est pas celui que dit le journal",
    "end_untold": "sa fin n’est pas au journal, ou le journal dit une fin qu’elle n’a pas",
    "end_differs": "sa fin n’est pas celle que dit le journal",
    "granter_differs": "le journal dit qu’une autre personne l’a accordée, ou à un autre titre",
}
GENERIC = ("guardian_userobjectpermission", "guardian_groupobjectpermission")


def faults() -> Iterator[Fault]:
    """Every disagreement, row by row. Nothing at all when all is well."""
    yield from _of_delegations()
    yield from _of_the_view()
    yield from _of_generic_tables()


def _of_delegations() -> Iterator[Fault]:
    with connection.cursor() as cursor:
        cursor.execute(DISAGREE)
        for key, what in cursor.fetchall():
            yield Fault(what, str(key), f"Délégation {key} : {SENTENCES[what]}.")


def _of_the_view() -> Iterator[Fault]:
    """Compared as PostgreSQL itself writes it, with a view of the same text made beside it and undone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_viewdef('delegations_grant'::regclass)")
        present = cursor.fetchone()[0]
        cursor.execute(GRANT_VIEW.replace("OR REPLACE VIEW delegations_grant", "TEMPORARY VIEW spico_grant_expected"))
        cursor.execute("SELECT pg_get_viewdef('pg_temp.spico_grant_expected'::regclass)")
        expected = cursor.fetchone()[0]
        cursor.execute("DROP VIEW pg_temp.spico_grant_expected")
    if present != expected:
        yield Fault("view_differs", "delegations_grant", "La vue delegations_grant n’est pas celle du code.")


def _of_generic_tables() -> Iterator[Fault]:
    with connection.cursor() as cursor:
        for table in GENERIC:
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608, names of ours
            if cursor.fetchone()[0]:
                yield Fault("generic_rows", table, f"La table {table} n’est pas vide.")
