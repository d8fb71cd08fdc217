"""The folder of the embedded services: where it is, what it remembers, who may change it."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pwd
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[2]
LOCK_PATIENCE = 180.0
STATE = "services.json"


class EmbeddedError(Exception):
    """Carries a French sentence for the person at the keyboard: what is wrong, what to do."""


@dataclass(frozen=True)
class Access:
    """How to reach one service; `port` is 0 as long as none was chosen."""

    port: int
    password: str


def is_known(uid: int) -> bool:
    """Whether the system knows a name for this user: initdb refuses to run otherwise."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def tag_of(path: Path) -> str:
    """The word that the servers of one home carry in their command lines.

    A process is recognised by it and never by its number, which the system gives out again.
    """
    return f"spico-{hashlib.sha256(os.fsencode(path)).hexdigest()[:12]}"


@dataclass(frozen=True)
class Home:
    """The folder of one checkout; two checkouts never share it."""

    path: Path

    @classmethod
    def current(cls) -> Home:
        """The home of this process: `SPICO_HOME`, or `.spico` in the project."""
        home = cls((PROJECT_ROOT / (os.environ.get("SPICO_HOME") or ".spico")).resolve())
        if not home.path.is_dir():
            home.path.mkdir(parents=True, exist_ok=True)
            home.path.chmod(0o755)  # for `nobody`, whatever the umask; every file inside is closed
            if os.geteuid() == 0 and is_known(home.path.parent.stat().st_uid):
                # Root at work in somebody's checkout leaves nothing that this person could not use.
                shutil.chown(home.path, home.path.parent.stat().st_uid, home.path.parent.stat().st_gid)
        return home

    @property
    def tag(self) -> str:
        """See `tag_of`."""
        return tag_of(self.path)

    def load(self, name: str) -> dict[str, Any]:
        """What one file of the home remembers; nothing when it is not there yet."""
        try:
            state: dict[str, Any] = json.loads((self.path / name).read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return state

    def save(self, name: str, state: dict[str, Any]) -> None:
        """Remember `state`, whole or not at all: a reader never sees half a file."""
        draft = self.path / f"{name}.{os.getpid()}"
        with os.fdopen(self.open(draft.name, os.O_WRONLY | os.O_TRUNC), "w") as file:
            json.dump(state, file, indent=1)
        draft.replace(self.path / name)

    def read(self) -> dict[str, Any]:
        """What is remembered of the services."""
        return self.load(STATE)

    def write(self, **changes: object) -> None:
        """Remember `changes` about the services; the caller holds the lock of the home."""
        self.save(STATE, self.read() | {"home": str(self.path)} | changes)

    def access(self, service: str) -> Access | None:
        """The access remembered for a service, unless the folder was copied from elsewhere."""
        state = self.read()
        if state.get("home") != str(self.path) or service not in state:
            return None
        return Access(**state[service])

    def remember(self, service: str, access: Access) -> None:
        """Keep the access of a service for the processes to come."""
        self.write(**{service: asdict(access)})

    def open(self, name: str, flags: int) -> int:
        """Open a private file of the home, which stays its owner's even when root writes it."""
        handle = os.open(self.path / name, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        if os.geteuid() == 0:
            owner = self.path.stat()
            os.fchown(handle, owner.st_uid, owner.st_gid)
        return handle

    def try_lock(self, name: str) -> int | None:
        """Take a lock that the kernel frees with the process, or return None if another has it."""
        handle = self.open(name, os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        return handle

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the home alone while services start or stop."""
        deadline = time.monotonic() + LOCK_PATIENCE
        while (handle := self.try_lock("services.lock")) is None:
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    "Une autre commande prépare les services embarqués depuis plus de trois minutes. "
                    "Arrêtez-la, puis recommencez."
                )
            time.sleep(0.05)
        try:
            yield
        finally:
            with suppress(OSError):
                os.close(handle)
