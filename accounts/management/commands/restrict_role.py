from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

SEALED = ("accounts_journalentry", "accounts_journalseal")


class Command(BaseCommand):
    help = "Donne à un rôle ce que l’application demande, sans pouvoir récrire le journal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", help="le rôle PostgreSQL de l’application, autre que le propriétaire de la base")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        role = options["role"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolname = current_user FROM pg_roles WHERE rolname = %s", [role])
            found = cursor.fetchone()
            if found is None:
                raise CommandError(f"Le rôle « {role} » n’existe pas : créez-le d’abord.")
            if found[0]:
                raise CommandError("Ce rôle est celui qui possède la base : l’application en demande un autre.")
            name = connection.ops.quote_name(role)
            for statement in (
                f"GRANT USAGE ON SCHEMA public TO {name}",
                f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
                f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}",
                f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {name}",
                *(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {name}" for table in SEALED),
            ):
                cursor.execute(statement)
        self.stdout.write(f"« {role} » lit et écrit, et ne récrit pas le journal. À relancer après chaque migration.")
