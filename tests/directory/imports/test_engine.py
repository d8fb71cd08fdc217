"""What the three imports share: their row, their lock, their memory."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from directory.imports import finess_points, finess_sql, issues, staging
from directory.imports.engine import Closing, Job, Options
from directory.imports.errors import ImportRefused
from directory.imports.finess import FinessImport
from directory.imports.issues import IssueLog
from directory.imports.progress import NoProgress
from directory.models import Commune, Department, ImportRun, ImportState, Source, Structure
from tests.directory.imports.builders import finess_line, finess_lines, finess_number, write
from tests.directory.imports.conftest import Told, command

pytestmark = pytest.mark.django_db
Finess = Callable[..., Told]
LINES = ["finess;etalab;111;2026-05-12", finess_line(finess_number(1))]


def test_a_run_that_was_killed_is_said_so_by_the_next(finess: Finess) -> None:
    dead = ImportRun.objects.create(source=Source.FINESS, file_name="mort.csv")
    other = ImportRun.objects.create(source=Source.RPPS, file_name="vivant.txt")
    assert finess(LINES).status == 0
    dead.refresh_from_db()
    other.refresh_from_db()
    assert (dead.state, dead.get_state_display(), other.state) == (
        ImportState.FAILED,
        "interrompu",
        ImportState.RUNNING,
    )
    assert dead.finished_at
    assert "rien n’a été écrit" in dead.message


def test_a_fault_in_the_middle_writes_nothing_and_is_recorded(finess: Finess, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(job: Job) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    monkeypatch.setattr(finess_sql, "_refresh", fail)
    with pytest.raises(DatabaseError):
        finess(LINES)
    run = ImportRun.objects.get()
    assert (run.state, run.written, Structure.objects.count()) == ("failed", 0, 0)
    assert "DataError" in run.message
    monkeypatch.undo()
    assert finess(LINES).status == 0


def test_two_per_cent_is_not_too_much() -> None:
    assert not Closing("établissements", 100, 2).is_too_much
    assert Closing("établissements", 100, 3).is_too_much
    assert Closing("établissements", 0, 0).is_too_much is False
    assert Closing("établissements", 49, 1).is_too_much


def test_only_so_many_issues_are_kept_and_the_run_says_so(finess: Finess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issues, "KEPT", 5)
    told = finess([*LINES, *(f"structureet;{rank}" for rank in range(9))])
    assert (told.status, told.run.set_aside, told.run.issues.count()) == (3, 9, 5)


def test_reference_lists_are_loaded_when_they_are_missing(db: None, tmp_path: Path) -> None:
    for model in (Commune, Department):
        model.objects.all().delete()
    assert command("import_finess", write(tmp_path / "stock.csv", LINES)).status == 0
    assert Structure.objects.get().department_id == "12"


@pytest.mark.parametrize("bad", [False, True])
def test_memory_does_not_grow_with_the_file(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: bool
) -> None:
    """Measured while reading, which is all that happens outside the database."""
    for module in (staging, finess_points):
        monkeypatch.setattr(module, "CHUNK", 1_000)
    peaks = []
    for count in (2_000, 8_000):
        lines = finess_lines(count) if not bad else (f"{line};" for line in finess_lines(count))
        job = Job(write(tmp_path / f"{count}.csv", lines), Options(), timezone.now(), IssueLog(), NoProgress())
        with transaction.atomic():
            tracemalloc.start()
            try:
                FinessImport().read(job)
            except ImportRefused:
                assert bad
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        job.issues.close()
    assert peaks[1] < peaks[0] + 3_000_000


def test_a_fault_while_lines_are_being_sent_leaves_the_connection_usable(
    finess: Finess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("panne")

    monkeypatch.setattr(staging, "CHUNK", 2)
    monkeypatch.setattr(FinessImport, "_point", fail)
    with pytest.raises(RuntimeError, match="panne"):
        finess(finess_lines(5))
    assert (ImportRun.objects.get().state, Structure.objects.count()) == ("failed", 0)
    monkeypatch.undo()
    assert finess(finess_lines(5)).run.created == 5
