"""The one way in which a file of any source enters the directory."""

import contextlib
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import ClassVar

from django.db import DatabaseError, transaction
from django.utils import timezone

from directory.imports.counts import Counts, rows_written
from directory.imports.errors import ImportHeld, ImportRefused
from directory.imports.issues import IssueLog
from directory.imports.progress import NoProgress, Progress
from directory.imports.runs import alone, end_dead_runs, finish, write_alone
from directory.imports.staging import execute
from directory.models import Department, ImportRun, ImportState, Source
from directory.reference import load_reference
from spico.web.typography import french_date, plural, thousands

HELD_ABOVE_PERCENT = 2


@dataclass(frozen=True)
class Options:
    """What the person asked for."""

    is_dry_run: bool = False
    is_extract: bool = False
    is_confirmed: bool = False


@dataclass(frozen=True)
class Closing:
    """How many open rows of the source there are, and how many of them the file would close."""

    what: str
    open: int
    closing: int

    @property
    def is_too_much(self) -> bool:
        return self.closing * 100 > self.open * HELD_ABOVE_PERCENT

    def __str__(self) -> str:
        return f"{thousands(self.closing)} {self.what} sur {thousands(self.open)}"


@dataclass
class Job:
    """One run while it lasts: what the importer of a source needs from the engine, and what it tells it."""

    path: Path
    options: Options
    at: datetime
    issues: IssueLog
    progress: Progress
    counts: Counts = field(default_factory=Counts)
    file_date: date | None = None
    remarks: list[str] = field(default_factory=list)

    @property
    def day(self) -> date:
        """The date that the file speaks of; of a file without date, today."""
        return self.file_date or timezone.localdate(self.at)

    def set_aside(self, line: int | None, reason: str, raw: str, file: str = "") -> None:
        self.issues.add(file or self.path.name, line, _sentence(reason), raw)

    def warn(self, line: int | None, reason: str, raw: str, file: str = "") -> None:
        """A remark on a line that went in."""
        self.issues.add(file or self.path.name, line, _sentence(reason), raw, is_warning=True)


def _sentence(reason: str) -> str:
    reason = reason[:1].upper() + reason[1:]
    return reason if reason.endswith((".", ")", "»", "?")) else f"{reason}."


class Importer(ABC):
    """What is particular to one source. Everything but `check` runs inside the import's one transaction."""

    source: ClassVar[Source]

    @abstractmethod
    def check(self, path: Path) -> None:
        """Refuse a path that cannot be what this source gives."""

    @abstractmethod
    def read(self, job: Job) -> None:
        """Read everything into temporary tables; set lines aside; refuse what is not a file of this source."""

    @abstractmethod
    def closings(self, job: Job) -> Iterable[Closing]:
        """What the file would close, before anything is written. Asked of whole files only."""

    @abstractmethod
    def write(self, job: Job) -> None:
        """Write what differs, and count it."""


def run_import(importer: Importer, path: Path, options: Options, progress: Progress | None = None) -> ImportRun:
    """Import a file in one transaction and return the row that tells it.

    Raises `ImportRefused` (its subclass `ImportHeld` when a person must approve) after writing that to the row too;
    no row is written when the file cannot be found or when another import of the same source is running.
    """
    if not os.path.exists(path):  # noqa: PTH110, a path that the system refuses to look at is no traceback
        raise ImportRefused(f"Le fichier « {path} » n’existe pas.")
    with alone(importer.source), contextlib.closing(IssueLog()) as issues:
        at = timezone.now()
        end_dead_runs(importer.source, at)
        job = Job(path, options, at, issues, progress or NoProgress())
        return _run(importer, job)


def _run(importer: Importer, job: Job) -> ImportRun:
    run = ImportRun.objects.create(
        source=importer.source,
        file_name=job.path.resolve().name[:255],
        is_extract=job.options.is_extract,
        is_dry_run=job.options.is_dry_run,
        started_at=job.at,
    )
    try:
        importer.check(job.path)
        with transaction.atomic():
            _write(importer, job)
            if job.options.is_dry_run:
                transaction.set_rollback(True)
            else:
                _finish(run, job, ImportState.DONE)
        if job.options.is_dry_run:
            _finish(run, job, ImportState.DONE)
    except ImportRefused as refusal:
        _refuse(run, job, refusal)
        raise
    except BaseException as error:
        _fail(run, job, error)
        raise
    return run


def _write(importer: Importer, job: Job) -> None:
    job.progress.say("Attente des autres imports")
    write_alone()
    before = rows_written()
    if not Department.objects.exists():
        load_reference()
    importer.read(job)
    if not job.options.is_extract and not job.options.is_confirmed:
        _hold_if_too_much(importer, job)
    job.progress.say("Écriture")
    importer.write(job)
    # What is checked at the end of a transaction is checked now, so that a dry run meets it too.
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("SET CONSTRAINTS ALL DEFERRED")
    job.counts.written = rows_written() - before


def _hold_if_too_much(importer: Importer, job: Job) -> None:
    too_much = [closing for closing in importer.closings(job) if closing.is_too_much]
    if too_much:
        raise ImportHeld(
            f"Retenu : ce fichier fermerait {' et '.join(map(str, too_much))}, plus de {HELD_ABOVE_PERCENT} %. "
            "Rien n’a été écrit. Si c’est bien voulu, relancez avec --confirm ; "
            "si ce fichier n’est qu’une partie de la source, relancez avec --extract."
        )


def _finish(run: ImportRun, job: Job, state: ImportState, message: str = "") -> None:
    job.counts.set_aside, job.counts.warnings = job.issues.set_aside, job.issues.warnings
    run.file_date = job.file_date
    finish(run, state, job.counts, job.issues, message or "\n".join([*job.remarks, _told(job)]))


def _refuse(run: ImportRun, job: Job, refusal: ImportRefused) -> None:
    state = ImportState.HELD if isinstance(refusal, ImportHeld) else ImportState.REFUSED
    job.counts = Counts(read=job.counts.read)
    _finish(run, job, state, str(refusal))


def _fail(run: ImportRun, job: Job, error: BaseException) -> None:
    """Say so if the database still listens; if not, the next run will find this one dead."""
    job.counts = Counts(read=job.counts.read)
    with contextlib.suppress(DatabaseError):
        _finish(run, job, ImportState.FAILED, f"Interrompu ({type(error).__name__}) : rien n’a été écrit.")


def _told(job: Job) -> str:
    count = job.counts.written
    dated = f"Fichier du {french_date(job.file_date)}. " if job.file_date else ""
    if job.options.is_dry_run:
        would = f"{thousands(count)} {plural(count, 'ligne')}"
        return f"{dated}Essai à blanc : rien n’a été écrit ; l’import écrirait {would}."
    written = f"{dated}{thousands(count)} {plural(count, 'ligne écrite', 'lignes écrites')}"
    return f"{written}." if count else f"{written} : l’annuaire dit déjà ce que dit ce fichier."
