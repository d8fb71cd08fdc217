from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.journal.sealing import seal
from spico.web.typography import counted


class Command(BaseCommand):
    help = "Scelle ce qui attend dans le journal ; le planificateur le fait chaque seconde."

    def handle(self, *args: Any, **options: Any) -> None:
        done = seal(timezone.now())
        self.stdout.write(
            "Un autre scelle déjà." if done is None else counted(done, "entrée scellée", "entrées scellées")
        )
