"""What the three commands share: options, the summary, the exit status (0 clean, 3 lines set aside, 1 refused)."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from directory.imports.engine import Importer, Options, run_import
from directory.imports.errors import ImportRefused
from directory.imports.progress import Bar, NoProgress, Progress
from directory.models import ImportRun
from spico.web.typography import french_date, thousands

SOME_SET_ASIDE = 3
ISSUES_SHOWN = 5
TOLD = {
    "lignes lues": "read",
    "créées": "created",
    "modifiées": "changed",
    "inchangées": "unchanged",
    "fermées": "closed",
    "rouvertes": "reopened",
    "mises de côté": "set_aside",
    "lignes écrites": "written",
}


class ImportCommand(BaseCommand):
    """One file, or one folder, given by its path."""

    importer: ClassVar[type[Importer]]
    path_help: ClassVar[str]
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help=self.path_help)
        parser.add_argument("--dry-run", action="store_true", help="tout calculer, ne rien écrire")
        parser.add_argument(
            "--extract", action="store_true", help="ce n’est qu’une partie de la source : ne rien fermer"
        )
        parser.add_argument("--confirm", action="store_true", help="laisser passer un fichier qui ferme plus de 2 %%")
        parser.add_argument("--quiet", action="store_true", help="ne rien afficher, sauf un refus")
        parser.add_argument("--no-progress", action="store_true", help="sans barre de progression")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = Options(options["dry_run"], options["extract"], options["confirm"])
        progress = self._progress(options)
        try:
            run = run_import(self.importer(), options["path"], chosen, progress)
        except ImportRefused as refusal:
            raise CommandError(str(refusal), returncode=1) from None
        finally:
            progress.stop()
        if not options["quiet"]:
            self._tell(run)
        if run.set_aside:
            sys.exit(SOME_SET_ASIDE)

    def _progress(self, options: dict[str, Any]) -> Progress:
        is_hidden = options["quiet"] or options["no_progress"] or not sys.stderr.isatty()
        return NoProgress() if is_hidden else Bar(Console(stderr=True))

    def _tell(self, run: ImportRun) -> None:
        dated = f", fichier du {french_date(run.file_date)}" if run.file_date else ""
        kinds = [*(["extrait"] if run.is_extract else []), *(["essai à blanc"] if run.is_dry_run else [])]
        self.stdout.write(f"{run}{dated}" + (f" ({', '.join(kinds)})" if kinds else ""))
        for label, name in TOLD.items():
            self.stdout.write(f"  {label:<15}{thousands(getattr(run, name)):>12}")
        self.stdout.write(run.message)
        self._tell_issues(run)

    def _tell_issues(self, run: ImportRun) -> None:
        issues = run.issues.order_by("is_warning", "pk")[: ISSUES_SHOWN + 1]
        for issue in issues[:ISSUES_SHOWN]:
            kind = "remarque" if issue.is_warning else "mise de côté"
            where = issue.file + (f", ligne {issue.line}" if issue.line else "")
            self.stdout.write(f"  {kind} : {where} : {issue.reason}")
        if len(issues) > ISSUES_SHOWN:
            self.stdout.write("  … toutes les lignes signalées sont dans l’administration, à la page de cet import.")
