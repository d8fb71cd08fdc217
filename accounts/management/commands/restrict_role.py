from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from psycopg import sql

from accounts.models import JournalEntry, JournalSeal

SEALED = [model._meta.db_table for model in (JournalEntry, JournalSeal)]
WRITTEN_ONCE = ("UPDATE", "DELETE", "TRUNCATE")
# What comes later is granted too: a migration, which the owner runs, need not be followed by this command.
GRANTS = (
    "GRANT USAGE ON SCHEMA {schema} TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
    "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT EXECUTE ON FUNCTIONS TO {role}",
    "REVOKE TRUNCATE ON ALL TABLES IN SCHEMA {schema} FROM {role}",
)
REVOKE = "REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}, PUBLIC"


class Command(BaseCommand):
    help = "Donne à un rôle de PostgreSQL ce que SPICO demande, et lui refuse de récrire le journal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", help="le rôle des processus de SPICO, autre que le propriétaire de la base")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        role = options["role"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_schema(), EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [role])
            schema, exists = cursor.fetchall()[0]
            if not exists:
                raise CommandError(
                    f"Le rôle « {role} » n’existe pas. Créez-le d’abord : CREATE ROLE … LOGIN PASSWORD …."
                )
            names = {"schema": sql.Identifier(schema), "role": sql.Identifier(role)}
            for grant in GRANTS:
                cursor.execute(sql.SQL(grant).format(**names))
            for table in SEALED:
                cursor.execute(sql.SQL(REVOKE).format(table=sql.Identifier(table), **names))
            # Whoever owns the tables, or may become their owner, keeps every privilege that was taken back.
            cursor.execute(
                """SELECT bool_or(has_table_privilege(%(role)s, c.oid, p)
                    OR pg_has_role(%(role)s, c.relowner, 'MEMBER'))
                FROM pg_class c, unnest(%(privileges)s::text[]) p WHERE c.oid = ANY (%(tables)s::regclass[])""",
                {"role": role, "privileges": list(WRITTEN_ONCE), "tables": SEALED},
            )
            if cursor.fetchall()[0][0]:
                raise CommandError(
                    f"« {role} » pourrait encore récrire le journal : il en possède les tables, est superutilisateur, "
                    "ou tient ce droit d’un autre rôle. Rien n’a changé : prenez un rôle ordinaire."
                )
        self.stdout.write(f"« {role} » lit et écrit dans SPICO ; il ajoute au journal et ne peut pas le récrire.")
