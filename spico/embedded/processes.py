"""Run the programs of the services as the right person, and find or end what they left running."""

from __future__ import annotations

import os
import pwd
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from spico.embedded.home import EmbeddedError, Home, is_known

COMMAND_PATIENCE = 120
# Below the range from which the kernel draws the ports of outgoing connections, so that the port
# remembered from yesterday is rarely taken by chance today.
PORTS = range(15000, 30000)


@dataclass(frozen=True)
class Identity:
    """Who runs the services; `uid` is None for the person who runs this process."""

    uid: int | None = None
    gid: int | None = None


def identity_for(home: Home) -> Identity:
    """Ourselves; for root, whom PostgreSQL refuses, the owner of the home or else `nobody`."""
    if os.geteuid() != 0:
        return Identity()
    owner = home.path.stat()
    if owner.st_uid != 0 and is_known(owner.st_uid):
        return Identity(owner.st_uid, owner.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedError(
            "PostgreSQL refuse d'être lancé par root et l'utilisateur « nobody » n'existe pas. "
            "Lancez la commande avec un autre utilisateur, ou indiquez DATABASE_URL et REDIS_URL."
        ) from None
    return Identity(nobody.pw_uid, nobody.pw_gid)


def run(command: Sequence[str | Path], identity: Identity, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run a short command as `identity`, away from our terminal, folder and environment.

    The environment is bare because `PGPORT` and its like would change what the programs do.
    """
    drop: dict[str, Any] = {}
    if identity.uid is not None:
        drop = {"user": identity.uid, "group": identity.gid, "extra_groups": []}
    try:
        return subprocess.run(  # noqa: S603
            [str(word) for word in command],
            input=text,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=COMMAND_PATIENCE,
            check=False,
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            start_new_session=True,
            umask=0o077,
            **drop,
        )
    except subprocess.TimeoutExpired:
        raise EmbeddedError(f"{command[0]} n'a pas fini en deux minutes. Recommencez.") from None


def make_folder(path: Path, identity: Identity) -> None:
    """Create a folder that `identity` alone may enter."""
    path.mkdir(mode=0o700, exist_ok=True)
    if identity.uid is not None and path.stat().st_uid != identity.uid:
        os.chown(path, identity.uid, identity.gid or -1, follow_symlinks=False)


def free_port(preferred: int = 0) -> int:
    """A port of 127.0.0.1 that nothing listens on, the preferred one if it may be."""
    for port in (preferred, *(secrets.choice(PORTS) for _ in range(100))):
        if port and is_free(port):
            return port
    raise EmbeddedError("Aucun port libre sur 127.0.0.1. Fermez des programmes, puis recommencez.")


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def tagged(tag: str, program: str) -> list[psutil.Process]:
    """The running processes of one program that carry the tag of a home."""
    return [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == program and any(tag in word for word in process.info["cmdline"] or ())
    ]


def end(targets: Sequence[psutil.Process], gentle: signal.Signals, family: Sequence[psutil.Process]) -> None:
    """Ask `targets` to stop, then kill whatever of `family` is still there."""
    try:
        signal_all(targets, gentle)
        alive = outlasting(family, patience=20)
        signal_all(alive, signal.SIGKILL)
        outlasting(alive, patience=5)
    except psutil.AccessDenied as error:
        raise EmbeddedError(
            f"Le processus {error.pid} a été lancé par un autre utilisateur : arrêtez-le avec cet "
            "utilisateur, ou indiquez un autre dossier dans SPICO_HOME."
        ) from None


def signal_all(processes: Sequence[psutil.Process], number: signal.Signals) -> None:
    """Send a signal to each process that is still there."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def outlasting(processes: Sequence[psutil.Process], patience: float) -> list[psutil.Process]:
    """Wait for processes to end; return those that did not.

    A zombie has ended: who its parent is and when it is buried is not our affair.
    """
    deadline = time.monotonic() + patience
    alive = [process for process in processes if is_alive(process)]
    while alive and time.monotonic() < deadline:
        time.sleep(0.02)
        alive = [process for process in alive if is_alive(process)]
    return alive


def is_alive(process: psutil.Process) -> bool:
    """Whether this very process, not another with its number, still runs."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
