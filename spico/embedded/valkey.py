"""The embedded Valkey: cache, queue and channels of development, in memory only."""

from __future__ import annotations

import secrets
import signal
import socket
import time
from dataclasses import replace
from pathlib import Path

from spico.embedded.home import Access, EmbeddedError, Home
from spico.embedded.processes import Identity, end, free_port, make_folder, run, tagged
from spico.embedded.programs import find_program, valkey_path

VARIABLE = "REDIS_URL"
NAME = "valkey"
PROGRAM = "valkey-server"
START_PATIENCE = 15


def url(access: Access) -> str:
    """The value of `REDIS_URL`."""
    return f"redis://:{access.password}@127.0.0.1:{access.port}/0"


def answers(home: Home, access: Access) -> bool:
    """Whether our server is there: nobody else takes this password, which contains the home's tag."""
    if not access.port or not access.password.startswith(home.tag):
        return False
    try:
        with socket.create_connection(("127.0.0.1", access.port), timeout=1) as connection:
            connection.sendall(f"AUTH {access.password}\r\nPING\r\nQUIT\r\n".encode())
            return connection.makefile("rb").read(64).startswith(b"+OK\r\n+PONG\r\n")
    except OSError:
        return False


def log(work: Path) -> Path:
    """Where the server writes what happens to it."""
    return work / NAME / "server.log"


def start(home: Home, work: Path, identity: Identity) -> Access:
    """Bring the server up at its usual port if it may be; the caller holds the lock of the home."""
    access = home.access(NAME)
    if access and tagged(home.tag, PROGRAM) and answers(home, access):
        return access
    stop(home.tag)
    program = find_program(valkey_path(), VARIABLE, work, identity)
    make_folder(work / NAME, identity)
    if access is None or not access.password.startswith(home.tag):
        access = Access(0, f"{home.tag}-{secrets.token_hex(24)}")
    for attempt in range(3):
        access = replace(access, port=free_port(0 if attempt else access.port))
        home.remember(NAME, access)
        answer = run([program, "-"], identity, configuration(home, work, access))
        if answer.returncode == 0 and became_ready(home, access):
            return access
        stop(home.tag)
    raise EmbeddedError(f"Valkey ne démarre pas. Son journal dit pourquoi : {log(work)}")


def configuration(home: Home, work: Path, access: Access) -> str:
    """What the server reads on its input: no file and no command line shows the password."""
    lines = {
        "bind": "127.0.0.1",
        "port": access.port,
        "requirepass": access.password,
        "daemonize": "yes",
        "dir": quoted(work / NAME),
        "pidfile": quoted(work / NAME / "server.pid"),
        "logfile": quoted(log(work)),
        "save": '""',
        "appendonly": "no",
        "proc-title-template": f'"{{title}} {{listen-addr}} {home.tag}"',
    }
    return "".join(f"{name} {value}\n" for name, value in lines.items())


def quoted(path: Path) -> str:
    """A path as one word of the configuration."""
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


def became_ready(home: Home, access: Access) -> bool:
    """Wait for a server just launched; False once its process is gone, as when the port was taken."""
    deadline = time.monotonic() + START_PATIENCE
    while time.monotonic() < deadline:
        if answers(home, access):
            return True
        if not tagged(home.tag, PROGRAM) and time.monotonic() > deadline - START_PATIENCE + 2:
            return False
        time.sleep(0.02)
    return False


def stop(tag: str) -> None:
    """Stop the server at once: it has nothing to write, and what waited in its queues is lost."""
    family = tagged(tag, PROGRAM)
    end(family, signal.SIGKILL, family)
