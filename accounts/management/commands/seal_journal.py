from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from accounts.journal.sealing import queue_forgotten, seal
from spico.web.typography import counted


class Command(BaseCommand):
    help = "Scelle les entrées du journal qui attendent ; le planificateur le fait chaque seconde."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--forgotten",
            action="store_true",
            help="cherche d’abord, dans tout le journal, les entrées sans sceau que la file ne connaît pas",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["forgotten"]:
            found = queue_forgotten()
            self.stdout.write(counted(found, "entrée remise dans la file.", "entrées remises dans la file."))
        sealed = seal(timezone.now())
        if sealed is None:
            self.stdout.write("Un autre processus scelle en ce moment.")
        else:
            self.stdout.write(counted(sealed, "entrée scellée.", "entrées scellées."))
