from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from spico.web.typography import counted
from workspace.closing import accounts_left_alone, left_alone


class Command(BaseCommand):
    help = "Compte les dossiers dont le cercle de soins n’a plus que des comptes fermés, sans en nommer aucun."

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        for found in accounts_left_alone(at):
            self.stdout.write(f"{found.name}\N{NO-BREAK SPACE}: {counted(found.dossiers, 'dossier')}")
        total = left_alone(at).count()
        self.stdout.write(f"{counted(total, 'dossier')} sans personne pour l’ouvrir." if total else "Aucun dossier.")
