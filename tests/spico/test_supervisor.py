"""`make run`, with stand-ins for the processes of SPICO: who finds whom, and what is left when one is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from spico.embedded import supervisor
from spico.embedded.home import PROJECT_ROOT, Home
from spico.embedded.processes import free_port

# The worker has a child of its own, as Celery's has: it is to go too.
DRIVER = """
from spico.embedded import supervisor
supervisor.PREPARE = "import sys; open(sys.argv[1], 'w').write('Identifiant : jeanne@spico.example')"
supervisor.commands = lambda home, port, live_port: {
    "web": ["-m", "http.server", "--bind", "127.0.0.1", "--directory", str(home.path), str(port)],
    "worker": ["-c", "import subprocess, time; subprocess.Popen(['sleep', '300']); time.sleep(300)"],
}
supervisor.main()
"""


class Terminal:
    """What a developer types, in a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.opened = ExitStack()
        (home / "healthz").write_text("ok")

    def start(self, *words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *words],
            cwd=PROJECT_ROOT,
            # With both URLs given, no service is started.
            env=os.environ | {"SPICO_HOME": str(self.home), "DATABASE_URL": "unused", "REDIS_URL": "unused"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return self.opened.enter_context(process)

    def run(self) -> subprocess.Popen[str]:
        return self.start("-c", DRIVER, "--port", str(self.port))

    def run_until_ready(self) -> tuple[subprocess.Popen[str], list[str]]:
        process, lines = self.run(), []
        assert process.stdout
        for line in process.stdout:
            lines.append(line.strip())
            if "Ctrl-C" in line:
                return process, lines
        raise AssertionError(lines)

    def processes(self) -> list[psutil.Process]:
        """Everything that this home runs, told by the environment that it was given."""
        found = []
        for process in psutil.process_iter(["environ"]):
            environment = process.info["environ"] or {}
            if environment.get("SPICO_HOME") == str(self.home) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        return found

    def settled(self) -> list[psutil.Process]:
        """The same, once the last of the four is there: supervisor, web, worker and the worker's child."""
        deadline = time.monotonic() + 10
        while len(found := self.processes()) < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(found) == 4
        return found


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    made = Terminal(tmp_path)
    yield made
    for process in made.processes():
        process.kill()
    made.opened.close()


def test_a_second_run_finds_the_first_and_a_stop_leaves_nothing(terminal: Terminal) -> None:
    first, lines = terminal.run_until_ready()
    assert f"SPICO est prêt : http://127.0.0.1:{terminal.port}/" in lines
    assert "Identifiant : jeanne@spico.example" in lines
    terminal.settled()
    second = terminal.run()
    assert second.communicate(timeout=10) == (f"SPICO tourne déjà : http://127.0.0.1:{terminal.port}/\n", None)
    assert second.returncode == 0
    first.send_signal(signal.SIGINT)
    assert "Arrêt de SPICO" in first.communicate(timeout=10)[0]
    assert first.returncode == 0
    assert terminal.processes() == []


def test_what_a_killed_run_left_is_stopped_by_the_next_one(terminal: Terminal) -> None:
    first, _ = terminal.run_until_ready()
    orphans = {process.pid for process in terminal.settled()} - {first.pid}
    first.kill()
    first.communicate(timeout=10)
    assert {process.pid for process in terminal.processes()} == orphans
    second, _ = terminal.run_until_ready()
    assert not orphans & {process.pid for process in terminal.processes()}
    stop = terminal.start("-m", "spico.embedded", "stop")
    assert "arrêtés" in stop.communicate(timeout=20)[0]
    second.communicate(timeout=10)
    assert second.returncode == 0
    assert terminal.processes() == []


def test_a_port_that_is_taken_is_said_in_french(terminal: Terminal) -> None:
    with socket.create_server(("127.0.0.1", terminal.port)):
        run = terminal.run()
        output, _ = run.communicate(timeout=10)
    assert run.returncode == 1
    assert f"Le port {terminal.port} est déjà pris" in output
    assert f"make run PORT={terminal.port + 1}" in output


def test_a_process_that_dies_stops_the_others_and_is_named(terminal: Terminal) -> None:
    run, _ = terminal.run_until_ready()
    (web,) = (process for process in terminal.processes() if "http.server" in process.cmdline())
    web.kill()
    output, _ = run.communicate(timeout=10)
    assert run.returncode == 1
    assert "« web »" in output
    assert terminal.processes() == []


@pytest.mark.parametrize("port", ["http", "80", "70000"])
def test_a_port_that_is_none_is_refused(terminal: Terminal, port: str) -> None:
    run = terminal.start("-m", "spico.embedded.supervisor", "--port", port)
    output, _ = run.communicate(timeout=10)
    assert run.returncode == 2
    assert "n'est pas un port" in output


def test_pages_are_told_where_the_streams_are_and_streams_whose_pages_may_listen() -> None:
    commands = supervisor.commands(Home(Path("/nowhere")), 8000, 8001)
    assert list(commands) == ["web", "live", "worker", "beat"]
    assert commands["live"][:4] == ["-m", "granian", "--interface", "asgi"]
    assert commands["live"][commands["live"].index("--port") + 1] == "8001"
    told = supervisor.live_settings(8000, 8001)
    assert told["LIVE_PORT"] == "8001"
    assert "http://127.0.0.1:8000" in told["LIVE_ORIGINS"].split(",")
