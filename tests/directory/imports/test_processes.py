"""Imports as separate processes, on a database of their own: killed half way, and two at once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from directory.imports.runs import ANY_SOURCE, LOCKS
from tests.directory.imports.builders import finess_lines, write

ROWS = 400
COUNTED = ("accounts_account", "directory_structure", "directory_legalentity", "directory_searchentry")


class Portal:
    """A migrated database and the commands that run on it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=os.environ | {"DATABASE_URL": self.url, "DJANGO_SETTINGS_MODULE": "spico.settings.dev"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(process)
        return process

    def kill_all(self) -> None:
        for process in self.started:
            process.kill()
            process.wait()
            process.stdout.close()
        self.started.clear()

    def run(self, *arguments: str) -> tuple[int, str]:
        process = self.start(*arguments)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.url, autocommit=True) as session:
            yield session

    def ask(self, sql: str) -> list[tuple]:
        with self.session() as session:
            return session.execute(sql).fetchall()

    def counts(self) -> list[int]:
        return [self.ask(f"SELECT count(*) FROM {table}")[0][0] for table in COUNTED]

    def wait_until(self, sql: str) -> None:
        deadline = time.monotonic() + 60
        while not self.ask(sql)[0][0]:
            assert time.monotonic() < deadline, f"never: {sql}"
            time.sleep(0.05)


@pytest.fixture(scope="module")
def migrated(django_db_setup: None) -> Iterator[Portal]:
    wired = connection.settings_dict
    name = f"{wired['NAME']}_processes"
    server = f"postgresql://{wired['USER']}:{wired['PASSWORD']}@{wired['HOST']}:{wired['PORT']}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}"')
    portal = Portal(f"{server}/{name}")
    status, output = portal.run("migrate", "--skip-checks")
    assert status == 0, output
    yield portal
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def portal(migrated: Portal) -> Iterator[Portal]:
    with migrated.session() as session:
        # The journal points to accounts, and refuses: its owner puts that aside for a moment.
        aside = "ALTER TABLE accounts_journal{} {} TRIGGER journal_stays"
        for table in ("entry", "seal"):
            session.execute(aside.format(table, "DISABLE"))
        session.execute(f"TRUNCATE {', '.join(COUNTED)}, directory_importrun CASCADE")
        for table in ("entry", "seal"):
            session.execute(aside.format(table, "ENABLE ALWAYS"))
    yield migrated
    migrated.kill_all()


@pytest.fixture
def stock(tmp_path: Path) -> Path:
    return write(tmp_path / "stock.csv", finess_lines(ROWS))


def test_a_killed_import_applies_nothing_and_the_next_one_succeeds(portal: Portal, stock: Path) -> None:
    with portal.session() as blocker:
        blocker.execute("BEGIN; LOCK TABLE directory_searchentry IN SHARE MODE")
        process = portal.start("import_finess", str(stock))
        # Everything but the entries is written by now, in a transaction that waits for us.
        portal.wait_until("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND locktype = 'relation'")
        process.send_signal(signal.SIGKILL)
        process.communicate()
        blocker.execute("ROLLBACK")
    assert portal.counts() == [0, 0, 0, 0]
    status, output = portal.run("import_finess", str(stock))
    assert status == 0, output
    assert portal.counts() == [ROWS, ROWS, -(-ROWS // 3), ROWS]
    runs = portal.ask("SELECT state, written, message FROM directory_importrun ORDER BY id")
    assert [state for state, _, _ in runs] == ["failed", "done"]
    assert (runs[0][1], "Interrompu" in runs[0][2]) == (0, True)


@pytest.mark.parametrize("after", [0.2, 0.5, 1.0])
def test_killed_at_any_moment_it_is_all_or_nothing(portal: Portal, tmp_path: Path, after: float) -> None:
    rows = 4_000
    stock = write(tmp_path / "stock.csv", finess_lines(rows))
    process = portal.start("import_finess", str(stock))
    portal.wait_until("SELECT count(*) > 0 FROM directory_importrun")
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    portal.wait_until(f"SELECT pg_try_advisory_xact_lock({LOCKS}, {ANY_SOURCE})")
    assert portal.counts() in ([0, 0, 0, 0], [rows, rows, -(-rows // 3), rows])


def test_of_two_at_once_the_second_is_refused_with_a_sentence(portal: Portal, stock: Path) -> None:
    with portal.session() as blocker:
        blocker.execute(f"SELECT pg_advisory_lock({LOCKS}, {ANY_SOURCE})")
        first = portal.start("import_finess", str(stock), "--extract")
        portal.wait_until("SELECT count(*) > 0 FROM directory_importrun WHERE state = 'running'")
        status, output = portal.run("import_finess", str(stock), "--extract")
        assert status == 1
        assert "Un import FINESS est déjà en cours depuis le" in output
        assert "stock.csv" in output
    told, _ = first.communicate(timeout=120)
    assert first.returncode == 0, told


def test_an_import_of_another_source_waits_for_its_turn(portal: Portal, stock: Path, tmp_path: Path) -> None:
    organisation = '{"resourceType": "Organization", "id": "ej", "name": "Entité", "identifier": [{"system": '
    organisation += '"https://finess.esante.gouv.fr", "value": "120990009", "type": {"coding": [{"code": "FINEJ"}]}}]}'
    (tmp_path / "ej.json").write_text(organisation)
    with portal.session() as blocker:
        blocker.execute(f"SELECT pg_advisory_lock({LOCKS}, {ANY_SOURCE})")
        first = portal.start("import_finess", str(stock), "--extract")
        second = portal.start("import_ror", str(tmp_path / "ej.json"))
        portal.wait_until("SELECT count(*) = 2 FROM directory_importrun WHERE state = 'running'")
    for process in (first, second):
        told, _ = process.communicate(timeout=120)
        assert process.returncode == 0, told
