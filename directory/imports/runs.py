"""The row that tells what an import did, and the locks that keep two imports apart."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from directory.imports.counts import Counts
from directory.imports.errors import ImportRefused
from directory.imports.issues import KEPT, IssueLog
from directory.imports.staging import copy, execute, one
from directory.models import ImportRun, ImportState, Source
from spico.web.typography import french_moment

PATIENCE_SECONDS = 5.0
BETWEEN_TRIES_SECONDS = 0.2
LOCKS = 7301
ANY_SOURCE = 0
LOCK_OF = {Source.FINESS: 1, Source.ROR: 2, Source.RPPS: 3}
COUNTED = ("read", "created", "changed", "unchanged", "closed", "reopened", "set_aside", "written")


@contextmanager
def alone(source: Source) -> Iterator[None]:
    """Hold this source's lock until the end, or refuse: it belongs to the session, so it dies with the process.

    A little patience first: the server takes a moment to see that a process was killed.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not one("SELECT pg_try_advisory_lock(%s, %s)", [LOCKS, LOCK_OF[source]])[0]:
        if time.monotonic() > deadline:
            raise ImportRefused(_already_running(source))
        time.sleep(BETWEEN_TRIES_SECONDS)
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            execute("SELECT pg_advisory_unlock(%s, %s)", [LOCKS, LOCK_OF[source]])


def _already_running(source: Source) -> str:
    run = ImportRun.objects.filter(source=source, state=ImportState.RUNNING).first()
    since = f" depuis le {french_moment(run.started_at)} (« {run.file_name} »)" if run else ""
    return f"Un import {source.label} est déjà en cours{since}. Attendez sa fin, puis relancez celui-ci."


def write_alone() -> None:
    """Wait for the imports of other sources: they write the same tables. Held until the end of the transaction."""
    execute("SET LOCAL statement_timeout = 0")
    execute("SET LOCAL lock_timeout = 0")
    # A killed import stops at once, and lets go of its locks, even in the middle of a statement of a minute.
    execute("SET LOCAL client_connection_check_interval = '500ms'")
    execute("SET LOCAL work_mem = '64MB'")
    # django-pgtrigger asks for this setting at each firing. Unset, that is an error caught and rolled back, and each
    # rollback walks every deferred check still to come: ten minutes instead of ten seconds for 200,000 rows.
    execute("SET LOCAL pgtrigger.ignore = '{}'")
    execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCKS, ANY_SOURCE])


def end_dead_runs(source: Source, at: datetime) -> None:
    """Runs still said to be running while we hold the lock were killed: nothing of them is in."""
    ImportRun.objects.filter(source=source, state=ImportState.RUNNING).update(
        state=ImportState.FAILED,
        finished_at=at,
        message="Interrompu avant la fin : rien n’a été écrit. Constaté par l’import suivant.",
    )


def finish(run: ImportRun, state: ImportState, counts: Counts, issues: IssueLog, message: str) -> None:
    """Write what happened. For a run that is done, inside its transaction: both are there or neither."""
    run.state, run.finished_at, run.message = state, timezone.now(), message
    for name in COUNTED:
        setattr(run, name, getattr(counts, name))
    if issues.are_cut:
        run.message += f"\nSeules les {KEPT} premières lignes signalées sont conservées."
    with transaction.atomic():
        run.save()
        copy(
            "directory_importissue",
            "run_id, file, line, reason, raw, is_warning",
            ((run.pk, *issue) for issue in issues),
        )
