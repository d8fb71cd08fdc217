from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from directory.search import projection, rebuild_dictionary


class Command(BaseCommand):
    help = "Récrit les entrées de l’annuaire qui diffèrent des fiches, puis recompte les mots de la recherche."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--words", action="store_true", help="ne recompter que les mots")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["words"]:
            for kind in projection.OWN_KINDS:
                self.stdout.write(f"{kind} : {projection.refresh(kind)} entrée(s) récrite(s)")
        self.stdout.write(f"Dictionnaire : {rebuild_dictionary()} mot(s) recompté(s)")
