"""Both embedded services together: find or start, stop, say how they are."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType

from spico.embedded import postgresql, valkey
from spico.embedded.home import STATE, Access, EmbeddedError, Home, tag_of
from spico.embedded.processes import identity_for
from spico.embedded.programs import work_folder

SERVICES: tuple[ModuleType, ...] = (postgresql, valkey)


@contextmanager
def in_plain_words() -> Iterator[None]:
    """End the process with a French sentence instead of a traceback that helps nobody."""
    try:
        yield
    except EmbeddedError as error:
        raise SystemExit(f"SPICO : {error}") from None
    except OSError as error:
        raise SystemExit(
            f"SPICO : les services embarqués ne peuvent pas être préparés ({error}). Vérifiez que ce "
            "dossier vous appartient, ou indiquez-en un autre dans SPICO_HOME ; vous pouvez aussi "
            "indiquer des services existants dans DATABASE_URL et REDIS_URL."
        ) from None


def urls(variables: Sequence[str]) -> dict[str, str]:
    """The URLs behind these variables, each service being started if it does not answer."""
    home = Home.current()
    wanted = [service for service in SERVICES if service.VARIABLE in variables]
    return {service.VARIABLE: service.url(find_or_start(home, service)) for service in wanted}


def find_or_start(home: Home, service: ModuleType) -> Access:
    """Ask first and lock after: the usual case costs one question to a server that runs."""
    access = running(home, service)
    if access is None:
        with home.lock():
            adopt(home)
            access = launch(home, service)
    return access


def running(home: Home, service: ModuleType) -> Access | None:
    """The access of the service if it answers to it."""
    access = home.access(service.NAME)
    return access if access and service.answers(home, access) else None


def launch(home: Home, service: ModuleType) -> Access:
    """Start one service, or find it started by whoever held the lock before."""
    if home.access(service.NAME) is None:
        service.stop(home.tag)  # of a home of the same name that was deleted
    identity = identity_for(home)
    access: Access = service.start(home, work_folder(home, identity), identity)
    return access


def adopt(home: Home) -> None:
    """Make a folder that was moved or copied from another home a home of its own."""
    state = home.read()
    former = Path(state.get("home", home.path))
    if former == home.path:
        return
    if former.exists():  # a copy: the original keeps its servers, its ports and its data elsewhere
        database = {"port": 0, "password": state.get(postgresql.NAME, {}).get("password", "")}
        (home.path / STATE).unlink()
        home.write(**({} if state.get("work") else {postgresql.NAME: database}))
        return
    for service in SERVICES:
        service.stop(tag_of(former))
    home.write()


def stop() -> None:
    """Stop both services."""
    home = Home.current()
    with home.lock():
        for service in SERVICES:
            service.stop(home.tag)


def purge() -> None:
    """Stop both services and delete their data, wherever they are."""
    stop()
    home = Home.current()
    work = Path(home.read().get("work", home.path))
    if work != home.path:
        shutil.rmtree(work, ignore_errors=True)
        with suppress(OSError):
            work.parent.rmdir()  # unless it holds another home's
    shutil.rmtree(home.path)


def status() -> list[str]:
    """A French line for each service, without its password."""
    home = Home.current()
    work = Path(home.read().get("work", home.path))
    return [line_about(home, service, work) for service in SERVICES]


def line_about(home: Home, service: ModuleType, work: Path) -> str:
    """How one service is and where it keeps its files."""
    access = running(home, service)
    state = f"en marche, 127.0.0.1:{access.port}" if access else "arrêté"
    return f"{service.NAME} : {state} (fichiers dans {work / service.NAME})"
