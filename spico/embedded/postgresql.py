"""The embedded PostgreSQL: its cluster, its settings, its life cycle."""

from __future__ import annotations

import os
import secrets
import shlex
import signal
import time
from dataclasses import replace
from pathlib import Path

import psutil

from spico.embedded.home import Access, EmbeddedError, Home
from spico.embedded.processes import Identity, end, free_port, is_free, make_folder, run, tagged
from spico.embedded.programs import POSTGRES, find_program

VARIABLE = "DATABASE_URL"
NAME = "postgresql"
# One role that owns everything: development creates and drops test databases, extensions and event
# triggers all day. It is the superuser of a cluster that only this checkout knows, and the rules of
# the product never rest on what it may not do: production gives its own role through DATABASE_URL.
ROLE = DATABASE = "spico"
START_PATIENCE = 60
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # A socket's path is limited to 107 bytes, the path of a checkout is not.
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # What clients got wrong quotes their rows: it belongs to them, not to a file.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
}


def url(access: Access) -> str:
    """The value of `DATABASE_URL`."""
    return f"postgresql://{ROLE}:{access.password}@127.0.0.1:{access.port}/{DATABASE}"


def trouble(home: Home, access: Access, database: str = DATABASE) -> str | None:
    """Why the server at this port cannot be used, or None if it is ours and answers.

    The password alone does not prove that it is ours: a copied folder has the same one.
    """
    import psycopg  # noqa: PLC0415 (0.2 s, for nothing when DATABASE_URL is given)

    where = {"host": "127.0.0.1", "hostaddr": "127.0.0.1", "port": access.port, "dbname": database}
    safe = {"sslmode": "disable", "gssencmode": "disable", "connect_timeout": 2}
    try:
        with psycopg.connect(user=ROLE, password=access.password, **where, **safe) as connection:  # type: ignore[arg-type]
            row = connection.execute("SELECT current_setting('cluster_name')").fetchone()
    except psycopg.Error as error:
        return str(error)
    return None if row == (home.tag,) else "another cluster"


def answers(home: Home, access: Access) -> bool:
    """Whether our server is there."""
    return bool(access.port) and trouble(home, access) is None


def log(work: Path) -> Path:
    """Where the server writes what happens to it."""
    return work / NAME / "server.log"


def start(home: Home, work: Path, identity: Identity) -> Access:
    """Bring the server up, whatever state the last one left; the caller holds the lock of the home."""
    access = home.access(NAME)
    if access and is_running(home.tag) and became_ready(home, access):
        return access
    stop(home.tag)
    programs = find_program(POSTGRES, VARIABLE, work, identity).parent
    data = work / NAME / "data"
    if not data.exists():
        access = create_cluster(home, programs, data, identity)
    if access is None:
        raise EmbeddedError(
            f"Le mot de passe de la base de {data} a été effacé. « make clean » repart d'une base vide."
        )
    # No process of this cluster is left, so this file is stale, even if its number is somebody's today.
    (data / "postmaster.pid").unlink(missing_ok=True)
    access = launch(home, access, programs, data, identity)
    create_database(access)
    return access


def is_running(tag: str) -> bool:
    """Whether the main process of the cluster is there, ready or not."""
    return any("-D" in process.info["cmdline"] for process in tagged(tag, "postgres"))


def became_ready(home: Home, access: Access) -> bool:
    """Wait for a server that another process started; False if it goes away or is not at this port.

    A server that is merely too busy to answer is never taken for a dead one.
    """
    deadline = time.monotonic() + START_PATIENCE
    while time.monotonic() < deadline:
        reason = trouble(home, access)
        if reason is None or "too many clients" in reason or "connection slots" in reason:
            return True
        if "does not exist" in reason:
            create_database(access)
        elif not is_running(home.tag) or is_free(access.port) or reason == "another cluster":
            return False
        time.sleep(0.1)
    raise EmbeddedError(
        "Le PostgreSQL embarqué est lancé mais ne répond pas. Arrêtez-le avec « make stop », puis recommencez."
    )


def create_cluster(home: Home, programs: Path, data: Path, identity: Identity) -> Access:
    """Create an empty cluster beside its final place, so that an interrupted one is never used."""
    access = Access(0, secrets.token_hex(24))
    home.remember(NAME, access)
    make_folder(data.parent, identity)
    draft, password = data.with_name("data.new"), data.with_name("password.new")
    run(["/bin/rm", "-rf", draft, password], identity)
    write_password(password, access.password, identity)
    words = ["--username", ROLE, "--pwfile", str(password), "--auth", "scram-sha-256", "--encoding", "UTF8"]
    # A power cut in the seconds that follow would cost an empty cluster: not worth waiting for the disk.
    words += ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C", "--no-sync"]
    answer = run([programs / "initdb", "--pgdata", draft, *words], identity)
    password.unlink()
    if answer.returncode:
        raise EmbeddedError(f"La base de données n'a pas pu être créée dans {data} :\n{answer.stderr.strip()}")
    draft.rename(data)
    return access


def write_password(path: Path, password: str, identity: Identity) -> None:
    """Write the file that initdb reads the password from, for `identity` alone."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(password)
        if identity.uid is not None:
            os.fchown(handle, identity.uid, identity.gid or -1)


def launch(home: Home, access: Access, programs: Path, data: Path, identity: Identity) -> Access:
    """Start the server at its usual port, or at another if that one is taken."""
    words = [f"-c{name}={value}" for name, value in (SETTINGS | {"cluster_name": home.tag}).items()]
    for attempt in range(3):
        access = replace(access, port=free_port(0 if attempt else access.port))
        home.remember(NAME, access)
        options = shlex.join([*words, f"-cport={access.port}"])
        command: list[str | Path] = [programs / "pg_ctl", "start", "-w", "-t", str(START_PATIENCE), "-D", data]
        answer = run([*command, "-l", log(data.parents[1]), "-o", options], identity)
        reason = trouble(home, access, "postgres")
        if answer.returncode == 0 and reason is None:
            return access
        stop(home.tag)
    raise EmbeddedError(f"PostgreSQL ne démarre pas ({reason}). Son journal : {log(data.parents[1])}")


def create_database(access: Access) -> None:
    """Create the database of the project where it is missing."""
    import psycopg  # noqa: PLC0415

    server = url(access).removesuffix(DATABASE) + "postgres"
    with psycopg.connect(server, autocommit=True, sslmode="disable", connect_timeout=5) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if known is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def stop(tag: str) -> None:
    """Stop the server in order, or what is left of one whose main process was killed."""
    family: list[psutil.Process] = tagged(tag, "postgres")
    main = [process for process in family if "-D" in process.info["cmdline"]]
    # SIGINT to the main process is PostgreSQL's fast shutdown; its children must not get it.
    if family:
        end(main or family, signal.SIGINT if main else signal.SIGTERM, family)
