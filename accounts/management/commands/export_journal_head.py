from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.journal.heads import HeadFileRefused, export_head
from spico.web.typography import thousands


class Command(BaseCommand):
    help = (
        "Ajoute la tête de la chaîne du journal à un fichier, hors de la base ; le planificateur le fait chaque jour."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=Path, metavar="FICHIER", help="par défaut : JOURNAL_HEAD_FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        path = options["file"] or Path(settings.JOURNAL_HEAD_FILE)
        try:
            last = export_head(path, timezone.now())
        except HeadFileRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if last is None:
            self.stdout.write("Rien n’est encore scellé : rien n’est exporté.")
        else:
            self.stdout.write(f"Sceau n° {thousands(last.number)} exporté dans « {path} ».")
