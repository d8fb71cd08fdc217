from typing import Any

from django.core.management.base import BaseCommand, CommandError

from delegations.checking import faults
from spico.web.typography import counted

SHOWN = 100


class Command(BaseCommand):
    help = "Compare les délégations avec ce que le journal en dit, et vérifie ce que lit django-guardian."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(faults())
        for fault in found[:SHOWN]:
            self.stderr.write(fault.sentence)
        if found:
            raise CommandError(f"{counted(len(found), 'désaccord')}.")
        self.stdout.write("Les délégations, la vue et le journal disent la même chose.")
