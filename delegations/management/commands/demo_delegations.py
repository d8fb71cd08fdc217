from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from delegations.demo import tell_the_story
from directory.demo import cast
from directory.models import Structure


class Command(BaseCommand):
    help = "Ajoute à la région de démonstration ses référents, ses délégations et ses demandes ; une seule fois."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IS_DEMO_ALLOWED:
            raise CommandError("La démonstration est refusée ici : elle n’a pas sa place en production.")
        if not Structure.objects.filter(finess=cast.EHPAD_FINESS).exists():
            raise CommandError("La région de démonstration n’est pas là : lancez d’abord « manage.py demo_region ».")
        done = tell_the_story(timezone.now())
        self.stdout.write("Délégations de démonstration : " + ("ajoutées." if done else "déjà là, rien n’a changé."))
