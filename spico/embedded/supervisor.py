"""`make run`: the services, the database up to date, then web, live, worker and beat until Ctrl-C."""

from __future__ import annotations

import argparse
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psutil

from spico.embedded import VARIABLES, ensure_services, services
from spico.embedded.home import PROJECT_ROOT, EmbeddedError, Home
from spico.embedded.processes import end, free_port, is_free

STATE, LOCK, LOGINS = "supervisor.json", "supervisor.lock", "demo-logins.txt"
READY_PATIENCE = STOP_PATIENCE = 60
# Lines as they come; and Celery need not tell a developer what root may do to the developer's own machine.
ENVIRONMENT = {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore:You're running the worker"}
# One Python for all of it: starting Django three times would cost more than the work on most days.
PREPARE = """
import io, sys
import django
from django.core.management import call_command

django.setup()
call_command("migrate", interactive=False, verbosity=0)
call_command("load_reference", stdout=io.StringIO())
call_command("demo_region", if_missing=True)
call_command("demo_delegations", stdout=io.StringIO())
call_command("demo_workspace", stdout=io.StringIO())
with open(sys.argv[1], "w") as logins:
    call_command("demo_region", logins=True, stdout=logins)
"""


def commands(home: Home, port: int, live_port: int) -> dict[str, list[str]]:
    """The four processes of SPICO, by the name that stands before their lines."""
    web = ["granian", "--interface", "wsgi", "spico.wsgi:application", "--host", "127.0.0.1", "--port", str(port)]
    web += ["--workers", "1", "--blocking-threads", "4", "--no-ws", "--log-level", "warning"]
    live = ["granian", "--interface", "asgi", "spico.asgi:application", "--host", "127.0.0.1", "--port", str(live_port)]
    live += ["--workers", "1", "--no-ws", "--workers-kill-timeout", "5", "--log-level", "warning"]
    worker = ["celery", "--quiet", "--app", "spico", "worker", "--concurrency", "1", "--loglevel", "WARNING"]
    beat = ["celery", "--quiet", "--app", "spico", "beat", "--loglevel", "WARNING", "--pidfile", ""]
    beat += ["--schedule", str(home.path / "beat-schedule")]
    worker += ["--without-mingle"]
    return {name: ["-m", *words] for name, words in (("web", web), ("live", live), ("worker", worker), ("beat", beat))}


def live_settings(port: int, live_port: int) -> dict[str, str]:
    """The same host at another port: pages are told which, and the streams whose pages may listen."""
    origins = ",".join(f"http://{host}:{port}" for host in ("127.0.0.1", "localhost"))
    return {"LIVE_PORT": str(live_port), "LIVE_ORIGINS": origins}


@dataclass
class Child:
    """One process that we started, the leader of its own session so that Ctrl-C reaches only us."""

    name: str
    process: subprocess.Popen[str]

    def record(self) -> dict[str, Any]:
        """What tells this process from a later one with the same number."""
        return {"pid": self.process.pid, "created": psutil.Process(self.process.pid).create_time()}


class Supervisor:
    """The life of one `make run`; the lock of the home is held all along."""

    def __init__(self, home: Home, port: int) -> None:
        self.home = home
        self.port = port
        self.environment: dict[str, str] = {}
        # Where the links of mails lead, unless the environment says better.
        self.known = {"PORTAL_URL": f"http://127.0.0.1:{port}"}
        self.children: list[Child] = []
        self.stopping = threading.Event()

    def run(self) -> int:
        """Run until somebody stops us or a process of ours ends; the exit code of `make run`."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stopping.set())
        try:
            return self.prepare() or self.serve()
        finally:
            self.stop()

    def prepare(self) -> int:
        """Bring services and database up to date; 0 when the portal may start."""
        embedded = [name for name in VARIABLES if not os.environ.get(name)]
        ensure_services()
        if embedded:
            say("PostgreSQL et Valkey sont prêts. Ils resteront en marche après SPICO ; « make stop » les arrête.")
        say("Mise à jour de la base de données et de la démonstration (une minute la première fois)…")
        child = self.start("base", ["-c", PREPARE, str(self.home.path / LOGINS)])
        code = self.wait(lambda: child.process.poll() is not None) or child.process.returncode
        self.children.remove(child)
        if code and not self.stopping.is_set():
            say("SPICO ne démarre pas : la mise à jour de la base a échoué (lignes « base » ci-dessus).")
        return code

    def serve(self) -> int:
        """Start the portal and stay until it ends."""
        # Asked for when it is taken: minutes have passed since the start, and another portal may have come meanwhile.
        live_port = free_port(self.port + 1)
        self.environment = live_settings(self.port, live_port)
        for name, words in commands(self.home, self.port, live_port).items():
            self.start(name, words)
        deadline = time.monotonic() + READY_PATIENCE
        self.wait(lambda: self.has_lost_a_child() or answers(self.port) or time.monotonic() > deadline)
        if not self.has_lost_a_child() and not self.stopping.is_set():
            if not answers(self.port):
                say(f"SPICO ne répond pas après {READY_PATIENCE} secondes (voir les lignes « web » ci-dessus).")
                return 1
            self.welcome()
            self.wait(self.has_lost_a_child)
        if self.stopping.is_set():
            return 0
        say(f"Arrêt de SPICO : le processus « {self.lost()} » s'est arrêté de lui-même (lignes ci-dessus).")
        return 1

    def start(self, name: str, words: list[str]) -> Child:
        """Start one Python process and note it, so that a later run finds it if we are killed."""
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, *words],
            cwd=PROJECT_ROOT,
            env={
                "DJANGO_SETTINGS_MODULE": "spico.settings.dev",
                **self.known,
                **os.environ,
                **ENVIRONMENT,
                **self.environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        child = Child(name, process)
        self.children.append(child)
        self.save()
        threading.Thread(target=relay, args=[child], daemon=True).start()
        return child

    def save(self) -> None:
        """Write down who runs."""
        records = [child.record() for child in self.children if child.process.poll() is None]
        self.home.save(STATE, {"port": self.port, "supervisor": own_record(), "children": records})

    def wait(self, condition: Callable[[], object]) -> int:
        """Wait for a condition, or for somebody to stop us: then 1."""
        while not condition():
            if self.stopping.wait(0.1):
                return 1
        return 0

    def has_lost_a_child(self) -> bool:
        """Whether one of ours ended."""
        return bool(self.lost())

    def lost(self) -> str:
        """The name of the process that ended, if one did."""
        return next((child.name for child in self.children if child.process.poll() is not None), "")

    def welcome(self) -> None:
        """Say where the portal is and who may sign in."""
        logins = self.home.path / LOGINS
        say("", f"SPICO est prêt : {address(self.port)}", *logins.read_text().splitlines(), "Ctrl-C l'arrête.", "")

    def stop(self) -> None:
        """Stop what we started and forget it."""
        if any(child.process.poll() is None for child in self.children):
            say("Arrêt de SPICO…")
        end_recorded(self.home)
        self.home.save(STATE, {})


def own_record() -> dict[str, Any]:
    """What tells this process from a later one with the same number."""
    return {"pid": os.getpid(), "created": psutil.Process().create_time()}


def relay(child: Child) -> None:
    """Pass the lines of a process on, its name before them."""
    for line in child.process.stdout or ():
        say(f"{child.name:<6} | {line.rstrip()}")


def say(*lines: str) -> None:
    """Write lines for the person at the keyboard, who may have closed the window."""
    with suppress(OSError, ValueError):
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()


def address(port: int) -> str:
    """Where the browser finds SPICO."""
    return f"http://127.0.0.1:{port}/"


def answers(port: int) -> bool:
    """Whether the portal answers on this port."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def find(record: dict[str, Any]) -> psutil.Process | None:
    """The recorded process if it still runs; its number may be somebody else's by now."""
    try:
        process = psutil.Process(record["pid"])
        return process if abs(process.create_time() - record["created"]) < 2 else None
    except psutil.NoSuchProcess:
        return None


def session_of(record: dict[str, Any]) -> list[psutil.Process]:
    """What a recorded leader started and left: its number stays taken as long as its session has members."""
    if find(record) is None and psutil.pid_exists(record["pid"]):
        return []
    found = []
    for process in psutil.process_iter():
        with suppress(OSError):
            if os.getsid(process.pid) == record["pid"]:
                found.append(process)
    return found


def end_recorded(home: Home) -> None:
    """End the processes written down by this run or by one that was killed."""
    records = home.load(STATE).get("children", [])
    leaders = [process for record in records if (process := find(record))]
    family = [process for record in records for process in session_of(record)]
    end(leaders, signal.SIGTERM, leaders)  # a leader ends its own children in order
    end(family, signal.SIGTERM, family)


def stop_running() -> None:
    """Stop the `make run` of this home, or what is left of one that was killed."""
    home = Home.current()
    deadline = time.monotonic() + STOP_PATIENCE
    while (handle := home.try_lock(LOCK)) is None:
        record = home.load(STATE).get("supervisor")
        process = find(record) if record else None
        if process and time.monotonic() < deadline:
            process.terminate()
        elif time.monotonic() > deadline:
            raise EmbeddedError("SPICO ne s'arrête pas. Fermez le terminal de « make run », puis recommencez.")
        time.sleep(0.2)
    end_recorded(home)
    os.close(handle)


def run(port: int) -> int:
    """Run SPICO unless it already runs; the exit code."""
    home = Home.current()
    if home.try_lock(LOCK) is None:
        say(f"SPICO tourne déjà : {address(home.load(STATE).get('port', port))}")
        return 0
    end_recorded(home)
    if not is_free(port):
        say(f"Le port {port} est déjà pris par un autre programme. Choisissez-en un autre : make run PORT={port + 1}")
        return 1
    return Supervisor(home, port).run()


def port_number(text: str) -> int:
    """A port that an ordinary user may open."""
    if not text.isdigit() or not 1024 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"« {text} » n'est pas un port entre 1024 et 65535")
    return int(text)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m spico.embedded.supervisor", description="Lance SPICO.")
    parser.add_argument("--port", type=port_number, default=8000)
    port = parser.parse_args().port
    with services.in_plain_words():
        sys.exit(run(port))


if __name__ == "__main__":
    main()
