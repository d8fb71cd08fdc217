from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.journal.heads import HeadFileRefused, read_heads
from accounts.journal.verification import verify
from spico.web.typography import counted, french_moment, thousands


class Command(BaseCommand):
    help = "Recalcule toute la chaîne du journal et nomme la première ligne qui ne correspond plus."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head",
            type=Path,
            metavar="FICHIER",
            help="le fichier des têtes exportées : la chaîne doit encore les contenir toutes",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            exported = read_heads(options["head"]) if options["head"] else {}
        except HeadFileRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        verdict = verify(exported)
        read = counted(verdict.read, "entrée scellée relue", "entrées scellées relues")
        self.stdout.write(f"{read}, {thousands(verdict.rate)} par seconde.")
        if verdict.unsealed_since:
            waiting = counted(verdict.unsealed, "entrée attend son sceau", "entrées attendent leur sceau")
            self.stdout.write(f"{waiting}, la plus ancienne depuis le {french_moment(verdict.unsealed_since)}.")
        if verdict.broken:
            raise CommandError(verdict.broken)
        if exported:
            found = counted(len(exported), "tête exportée est", "têtes exportées sont")
            self.stdout.write(f"{found} dans la chaîne.")
        self.stdout.write("La chaîne est intacte.")
