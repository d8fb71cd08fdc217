"""A well-filled account, in the database of the measures: 5,000 dossiers, 200,000 messages, a talk of 10,000."""

from uuid import UUID

from django.db import connection

DOSSIERS, ENTRIES, CONVERSATIONS, LONG, EVENTS, TASKS = 5_000, 10, 1_900, 10_000, 5_000, 3_000
EACH = 100
TABLES = [
    f"workspace_{name}"
    for name in (
        "dossier",
        "circlemember",
        "entry",
        "entryversion",
        "conversation",
        "participant",
        "message",
        "event",
        "task",
    )
]
AUTHOR = "actor_id, actor_account_id, account_id, ground, created_at"
# In this order: the user, their account twice.
BY = "%(user)s, %(own)s, %(own)s, 'own'"
FILL = f"""
    INSERT INTO workspace_dossier (id, family_name, given_names, birth_date, sex, ins, version, moved_at, {AUTHOR})
    SELECT md5('d' || n)::uuid, 'Cazal' || chr(97 + n %% 26) || chr(97 + n / 26 %% 26), 'Odile ' || chr(65 + n %% 26),
        date '1930-01-01' + (n %% 9000), 'F', '', 1, now() - n * interval '1 hour', {BY}, now() - interval '2 years'
    FROM generate_series(1, {DOSSIERS}) n;
    INSERT INTO workspace_circlemember (dossier_id, member_id, period, informed_how, informed_on, ended_kind, {AUTHOR})
    SELECT md5('d' || n)::uuid, member, tstzrange(now() - interval '2 years', NULL, '[)'), 'oral', '2024-11-26', '',
        {BY}, now() - interval '2 years'
    FROM generate_series(1, {DOSSIERS}) n, unnest(ARRAY[%(own)s, %(other)s]) member;
    INSERT INTO workspace_entry (id, dossier_id, kind, profession, confidentiality, happened_at, number, {AUTHOR})
    SELECT md5('e' || n || '-' || e)::uuid, md5('d' || n)::uuid, 'observation', 'Infirmier', 'circle',
        now() - e * interval '9 days', 1, {BY}, now() - e * interval '9 days'
    FROM generate_series(1, {DOSSIERS}) n, generate_series(1, {ENTRIES}) e;
    INSERT INTO workspace_entryversion (entry_id, number, title, text, happened_at, confidentiality, {AUTHOR})
    SELECT md5('e' || n || '-' || e)::uuid, 1, 'Passage du matin', repeat('Rien à signaler. ', 12),
        now() - e * interval '9 days', 'circle', {BY}, now() - e * interval '9 days'
    FROM generate_series(1, {DOSSIERS}) n, generate_series(1, {ENTRIES}) e;
    INSERT INTO workspace_conversation (id, origin, title, last_message_id, {AUTHOR})
    SELECT md5('c' || n)::uuid, 'plain', 'Coordination ' || n, 0, {BY}, now() - interval '2 years'
    FROM generate_series(0, {CONVERSATIONS}) n;
    INSERT INTO workspace_participant (conversation_id, member_id, period, sees_after, ended_kind, {AUTHOR})
    SELECT md5('c' || n)::uuid, member, tstzrange(now() - interval '2 years', NULL, '[)'), 0, '', {BY},
        now() - interval '2 years'
    FROM generate_series(0, {CONVERSATIONS}) n, unnest(ARRAY[%(own)s, %(other)s]) member;
    INSERT INTO workspace_message (conversation_id, text, client_key, {AUTHOR})
    SELECT md5('c' || CASE WHEN n <= {LONG} THEN 0 ELSE 1 + n %% {CONVERSATIONS} END)::uuid,
        'Passage prévu demain matin, nous vous tenons au courant. ' || n, gen_random_uuid(), {BY},
        now() - (300000 - n) * interval '3 minutes'
    FROM generate_series(1, {LONG + CONVERSATIONS * EACH}) n;
    UPDATE workspace_conversation c SET last_message_id = m.id, last_message_at = m.at
    FROM (SELECT conversation_id, max(id) AS id, max(created_at) AS at FROM workspace_message GROUP BY 1) m
    WHERE m.conversation_id = c.id;
    INSERT INTO workspace_event (id, kind, title, starts_at, ends_at, place, notes, version, changed_at, {AUTHOR})
    SELECT gen_random_uuid(), 'visit', 'Visite', now() + (n - {EVENTS // 2}) * interval '3 hours',
        now() + (n - {EVENTS // 2}) * interval '3 hours' + interval '45 minutes', '', '', 1, now(), {BY}, now()
    FROM generate_series(1, {EVENTS}) n;
    INSERT INTO workspace_task (id, title, notes, due_on, version, changed_at, {AUTHOR})
    SELECT gen_random_uuid(), 'Commander le matériel', '', current_date + (n %% 60 - 30), 1, now(), {BY}, now()
    FROM generate_series(1, {TASKS}) n;
"""


def fill(user: int, own: UUID, other: UUID) -> None:
    """All of it written by one person in their own account, shared with another one."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in FILL.strip().removesuffix(";").split(";\n"):
            cursor.execute(statement, {"user": user, "own": own, "other": other})
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cursor.execute(f"VACUUM ANALYZE {table}")
