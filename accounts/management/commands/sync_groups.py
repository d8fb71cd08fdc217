from typing import Any

from django.core.management.base import BaseCommand

from accounts.groups import GROUPS, sync_groups


class Command(BaseCommand):
    help = "Écrit les groupes du personnel et leurs permissions, tels que le code les définit."

    def handle(self, *args: Any, **options: Any) -> None:
        sync_groups()
        self.stdout.write(f"Groupes à jour : {', '.join(GROUPS)}.")
