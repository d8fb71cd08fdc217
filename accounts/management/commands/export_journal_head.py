from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.journal.heads import export_head


class Command(BaseCommand):
    help = "Ajoute la tête de la chaîne du journal à un fichier, hors de la base."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=Path, default=None, help="par défaut : JOURNAL_HEAD_FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        path = options["file"] or Path(settings.JOURNAL_HEAD_FILE)
        try:
            last = export_head(path, timezone.now())
        except OSError as error:
            raise CommandError(f"« {path} » ne peut pas être écrit : {error.strerror}.") from error
        self.stdout.write(f"Sceau n° {last.number} exporté dans {path}." if last else "Rien n’est encore scellé.")
