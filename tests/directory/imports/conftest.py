"""Runs the commands as a person does, and looks at what they leave in the database."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from directory.models import ImportIssue, ImportRun
from tests.directory.imports.builders import write
from tests.directory.imports.resources import bundle


@dataclass(frozen=True)
class Told:
    """What the command answered."""

    status: int
    output: str
    run: ImportRun | None

    @property
    def reasons(self) -> list[str]:
        return list(ImportIssue.objects.filter(run=self.run, is_warning=False).values_list("reason", flat=True))

    @property
    def remarks(self) -> list[str]:
        return list(ImportIssue.objects.filter(run=self.run, is_warning=True).values_list("reason", flat=True))


def command(name: str, path: Path, *options: str) -> Told:
    output, status = StringIO(), 0
    try:
        call_command(name, str(path), *options, stdout=output, stderr=output)
    except CommandError as error:
        status = error.returncode
        output.write(str(error))
    except SystemExit as stop:
        status = int(str(stop.code))
    return Told(status, output.getvalue(), ImportRun.objects.order_by("-pk").first())


@pytest.fixture
def finess(db: None, tmp_path: Path) -> Callable[..., Told]:
    """`finess(lines, "--extract")` writes the file and imports it."""

    def run(lines: Iterable[str], *options: str, name: str = "stock.csv", encoding: str = "utf-8") -> Told:
        return command("import_finess", write(tmp_path / name, lines, encoding), *options)

    return run


@pytest.fixture
def rpps(db: None, tmp_path: Path) -> Callable[..., Told]:
    def run(lines: Iterable[str], *options: str, name: str = "PS_LibreAcces_Personne_activite_20260914.txt") -> Told:
        return command("import_rpps", write(tmp_path / name, lines), *options)

    return run


def versions() -> dict[str, set[tuple[str, str]]]:
    """Where each row of the directory and of the accounts is and which transaction wrote it: a write cannot hide."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT relname FROM pg_stat_user_tables WHERE (relname LIKE 'directory_%' OR relname LIKE 'accounts_%')
               AND relname NOT IN ('directory_importrun', 'directory_importissue')"""
        )
        found = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT ctid::text, xmin::text FROM {table}")
            found[table] = set(cursor.fetchall())
    return found


@pytest.fixture
def ror(db: None, tmp_path: Path) -> Callable[..., Told]:
    """`ror(resource, resource, "--extract")` imports them as one Bundle."""

    def run(*found: dict[str, Any] | str) -> Told:
        options = [item for item in found if isinstance(item, str)]
        path = tmp_path / "ror.json"
        path.write_text(json.dumps(bundle(*(item for item in found if not isinstance(item, str)))))
        return command("import_ror", path, *options)

    return run
