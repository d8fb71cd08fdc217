from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.journal.heads import HeadUnreadable, read_head
from accounts.journal.verification import verify
from spico.web.typography import counted, french_moment, thousands


class Command(BaseCommand):
    help = "Recalcule la chaîne du journal et nomme la première ligne qui ne correspond plus."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", type=Path, help="un export de la tête du journal, à retrouver dans la chaîne")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            expected = read_head(options["head"]) if options["head"] else None
        except HeadUnreadable as error:
            raise CommandError(str(error)) from error
        verdict = verify(expected)
        self.stdout.write(
            f"{counted(verdict.read, 'sceau relu', 'sceaux relus')}, {thousands(verdict.rate)} par seconde."
        )
        if verdict.unsealed_since:
            since = french_moment(verdict.unsealed_since)
            waiting = counted(verdict.unsealed, "entrée attend d’être scellée", "entrées attendent d’être scellées")
            self.stdout.write(f"{waiting}, depuis le {since}.")
        if verdict.broken:
            raise CommandError(verdict.broken)
        self.stdout.write("La chaîne est intacte.")
