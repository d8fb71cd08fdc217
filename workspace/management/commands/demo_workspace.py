from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from delegations.models import Referent
from directory.demo import cast
from workspace.demo import fill_the_spaces
from workspace.demo.stage import NotYetHeldError


class Command(BaseCommand):
    help = "Ajoute à la région de démonstration ses dossiers, agendas, tâches et discussions ; une seule fois."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IS_DEMO_ALLOWED:
            raise CommandError("La démonstration est refusée ici : elle n’a pas sa place en production.")
        if not Referent.objects.filter(structure__finess=cast.EHPAD_FINESS).exists():
            raise CommandError("Les délégations ne sont pas là : lancez d’abord « manage.py demo_delegations ».")
        try:
            done = fill_the_spaces(timezone.now())
        except NotYetHeldError:
            self.stdout.write("Espaces de démonstration : laissés vides, cette région vient d’un SPICO plus ancien.")
            return
        self.stdout.write("Espaces de démonstration : " + ("ajoutés." if done else "déjà là, rien n’a changé."))
