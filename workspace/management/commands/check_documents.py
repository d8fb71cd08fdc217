from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from spico.web.typography import counted
from workspace.store import faults

SHOWN = 100


class Command(BaseCommand):
    help = "Compare les documents avec leurs fichiers, et nomme ce qui manque ou n’est à personne."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--contents", action="store_true", help="lit chaque fichier et compare son empreinte")

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(faults(contents=options["contents"]))
        for fault in found[:SHOWN]:
            self.stderr.write(f"{fault.key} : {fault.what}".replace(" :", "\N{NO-BREAK SPACE}:"))
        if found:
            raise CommandError(f"{counted(len(found), 'désaccord')}.")
        self.stdout.write("Les documents et leurs fichiers disent la même chose.")
