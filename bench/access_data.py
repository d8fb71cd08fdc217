"""Delegations by the thousand and by the million, in the database of the measures, and guardian's own rows too."""

from django.db import connection

PEOPLE, USERS, PLACES = 200_000, 100_000, 60_000
# A structure of every region has some fifteen holders, the largest two hundred: places are drawn unevenly.
TABLES = ("accounts_account", "delegations_delegation", "guardian_userobjectpermission")
ACCOUNTS = f"""
    INSERT INTO accounts_user (id, password, is_superuser, username, first_name, last_name, email, is_staff, is_active,
        date_joined, theme)
    SELECT 1000000 + n, '', false, 'bench' || n, 'Maëlle', 'Bench', '', false, true, now(), ''
    FROM generate_series(1, {USERS}) n;
    INSERT INTO accounts_account (id, kind, state, name, user_id, created_at)
    SELECT md5('p' || n)::uuid, 'pp', 'open', 'Personne ' || n, CASE WHEN n <= {USERS} THEN 1000000 + n END,
        now() FROM generate_series(1, {PEOPLE}) n;
    INSERT INTO accounts_account (id, kind, state, name, created_at)
    SELECT md5('l' || n)::uuid, CASE WHEN n % 4 = 0 THEN 'structure' ELSE 'unit' END, 'open',
        'Lieu ' || n, now() FROM generate_series(1, {PLACES}) n;
"""
# One in five has ended, one in three will end; one in two is total.
DELEGATIONS = f"""
    INSERT INTO delegations_delegation (holder_id, account_id, scope, origin, period, granted_ground, granted_by_id,
        ended_kind, ended_ground, ended_reason, created_at)
    SELECT md5('p' || holder)::uuid, md5('l' || place)::uuid,
        (ARRAY['total', 'discussions', 'total', 'dossier'])[1 + n %% 4], 'request',
        tstzrange(now() - interval '400 days', CASE
            WHEN n %% 5 = 0 THEN now() - interval '30 days'
            WHEN n %% 3 = 0 THEN now() + interval '300 days' END, '[)'),
        'own', 1000001, '', '', '', now()
    FROM (
        SELECT n, 1 + (n * 7919 %% %(holders)s) AS holder,
            1 + (power(((n * 104729 + n / {USERS} * 31) %% 999983) / 999983.0, 1.3) * (%(places)s - 1))::int AS place
        FROM generate_series(%(from)s::bigint, %(to)s::bigint) n
    ) drawn
"""
TWICE = """
    DELETE FROM delegations_delegation d USING delegations_delegation earlier
    WHERE earlier.holder_id = d.holder_id AND earlier.account_id = d.account_id AND earlier.id < d.id
"""
GENERIC = """
    INSERT INTO guardian_userobjectpermission (object_pk, content_type_id, permission_id, user_id)
    SELECT content_object_id::text, p.content_type_id, permission_id, user_id
    FROM delegations_grant g JOIN auth_permission p ON p.id = g.permission_id WHERE g.delegation_id IS NOT NULL
    ON CONFLICT DO NOTHING
"""


ONCE = "EXCLUDE USING gist (holder_id WITH =, account_id WITH =, period WITH &&) WHERE (NOT isempty(period))"


def triggers(word: str) -> None:
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} {word} TRIGGER USER")


def fill_accounts() -> None:
    with connection.cursor() as cursor:
        cursor.execute(ACCOUNTS)


def fill(first: int, last: int, share: float = 1) -> int:
    """Rows from `first` to `last`, for this share of the holders and on this share of the places; those that would
    overlap are left out. Returns how many there are in all."""
    drawn = {"holders": max(1, int(USERS * share)), "places": max(1, int(PLACES * share))}
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        # Row by row, the constraint would take five minutes of the fill; a pair drawn twice is left out after it.
        cursor.execute("ALTER TABLE delegations_delegation DROP CONSTRAINT IF EXISTS delegation_once_at_a_time")
        cursor.execute(DELEGATIONS, {"from": first, "to": last, **drawn})
        cursor.execute(TWICE)
        cursor.execute(f"ALTER TABLE delegations_delegation ADD CONSTRAINT delegation_once_at_a_time {ONCE}")
        cursor.execute("TRUNCATE guardian_userobjectpermission")
        cursor.execute(GENERIC)
        for table in TABLES:
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("SELECT count(*) FROM delegations_delegation")
        return int(cursor.fetchone()[0])
