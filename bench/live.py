"""A thousand people with the same discussion open: how soon a message reaches them, what their streams weigh, and what
is left of the machine for a page."""

import asyncio
import multiprocessing
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from multiprocessing.connection import Connection
from statistics import median
from time import perf_counter, sleep, time

import psutil
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from bench.figures import decimal, percentile, verdict
from bench.pages import PAGE_BUDGET_MS, get
from delegations.scopes import Space
from directory.demo import cast
from directory.models import InternalOrganisation
from spico.embedded.processes import free_port
from spico.web.typography import thousands
from workspace.access import participation_or_404
from workspace.acting import act_in
from workspace.models import Conversation
from workspace.services.discussions import begin_conversation
from workspace.services.messages import send_message

READERS, MESSAGES, PAGES_BETWEEN = 1_000, 20, 5
DELIVERED_BUDGET_S, STREAM_BUDGET_KB = 2, 200
AT_ONCE, PATIENCE = 40, 120.0
FIRST = 5_000_000
PEOPLE = """
    INSERT INTO accounts_user (id, password, is_superuser, username, first_name, last_name, email, is_staff, is_active,
        date_joined, theme)
    SELECT %(first)s + n, '', false, 'lecteur' || n, 'Maëlle', 'Bench', '', false, true, now(), ''
    FROM generate_series(1, %(readers)s) n;
    INSERT INTO accounts_account (id, kind, state, name, user_id, created_at)
    SELECT md5('lecteur' || n)::uuid, 'pp', 'open', 'Lecteur ' || n, %(first)s + n, now()
    FROM generate_series(1, %(readers)s) n;
    INSERT INTO delegations_delegation (holder_id, account_id, scope, origin, period, granted_ground, granted_by_id,
        ended_kind, ended_ground, ended_reason, created_at)
    SELECT md5('lecteur' || n)::uuid, %(account)s, 'discussions', 'request',
        tstzrange(now() - interval '1 day', NULL, '[)'), 'own', %(first)s + 1, '', '', '', now()
    FROM generate_series(1, %(readers)s) n
"""
Arrivals = dict[int, list[float]]


def run() -> list[dict[str, str]]:
    call_command("collectstatic", interactive=False, verbosity=0)
    writer = User.objects.get(username="infirmiere")
    unit = InternalOrganisation.objects.get(ror_id=cast.EHPAD_UNIT).account
    fill_people(unit.pk)
    acting = act_in(writer, writer.account.pk, Space.DISCUSSIONS, timezone.now())
    talk = begin_conversation(acting, "Coordination en direct", [unit.pk], "Bonjour.", uuid.uuid4())
    path = f"/direct/espaces/{unit.pk}/discussions/{talk.pk}/"
    client = Client()
    client.force_login(writer)
    page_time(client)
    keys = [session_of(user) for user in User.objects.filter(pk__gt=FIRST).order_by("pk")]
    alone = [page_time(client) for _ in range(MESSAGES * PAGES_BETWEEN)]
    with live_process() as (port, process):
        with listening(port, path, keys[:1]) as told:
            finish(told)
        before, worked = weight(process), work(process)
        with listening(port, path, keys) as told:
            grown = (weight(process) - before) / len(keys) / 1024
            opened = work(process) - worked
            idle = load(process)
            sent, pages = write(writer, talk, client)
            arrived = finish(told)
    return [
        delivered(sent, arrived, len(keys)),
        {
            "what": f"mémoire du processus, par page ouverte ({thousands(len(keys))})",
            "ours": f"{decimal(grown)} Ko ({verdict(grown <= STREAM_BUDGET_KB)})",
            "note": f"budget {STREAM_BUDGET_KB} Ko ; {decimal(before / 2**20)} Mo sans page ; ouvrir : processeur "
            f"{decimal(1000 * opened / len(keys))} ms par page ; ouvertes et silencieuses : {decimal(100 * idle)} % "
            "d’un cœur",
        },
        {
            "what": "une page du portail pendant ce temps (accueil)",
            "ours": ranks(pages),
            "peer": f"{ranks(alone)} (sans page ouverte, juste avant)",
            "note": f"{verdict(percentile(pages, 95) <= PAGE_BUDGET_MS)} (p95 ≤ {PAGE_BUDGET_MS} ms) ; charge de la "
            f"machine à la fin : {decimal(os.getloadavg()[0])}",
        },
    ]


def delivered(sent: dict[int, float], arrived: Arrivals, readers: int) -> dict[str, str]:
    """From the call that writes to the line read, all of them counted; each reader gets each message once."""
    times = [
        1000 * (moment - sent[number]) for number, moments in arrived.items() if number in sent for moment in moments
    ]
    is_whole = all(len(arrived.get(number, [])) == readers for number in sent)
    last = [1000 * (max(arrived[number]) - sent[number]) for number in sent if number in arrived]
    kept = is_whole and percentile(times, 95) <= 1000 * DELIVERED_BUDGET_S
    return {
        "what": f"un message, de l’envoi à {thousands(readers)} pages ouvertes",
        "ours": f"{ranks(times)} ({verdict(kept)})",
        "note": f"budget p95 ≤ {DELIVERED_BUDGET_S} s ; {len(sent)} messages, {thousands(len(times))} arrivées, "
        f"{'aucune ne manque' if is_whole else 'IL EN MANQUE'} ; la dernière page : "
        f"p50 {decimal(median(last))} ms",
    }


# --- The people and what they do -------------------------------------------------------------------------------------


def fill_people(account: uuid.UUID) -> None:
    tables = ("accounts_account", "delegations_delegation")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in PEOPLE.split(";\n"):
            cursor.execute(statement, {"first": FIRST, "readers": READERS, "account": account})
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cursor.execute(f"VACUUM ANALYZE {table}")


def session_of(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "accounts.backends.PasswordBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def write(writer: User, talk: Conversation, client: Client) -> tuple[dict[int, float], list[float]]:
    """When each message was sent, and what a page cost meanwhile, in milliseconds."""
    sent, pages = {}, []
    for _ in range(MESSAGES):
        began = time()
        acting = act_in(writer, writer.account.pk, Space.DISCUSSIONS, timezone.now())
        place = participation_or_404(acting, talk.pk)
        sent[send_message(acting, place, "Passage prévu demain matin.", uuid.uuid4()).pk] = began
        pages += [page_time(client) for _ in range(PAGES_BETWEEN)]
    return sent, pages


def page_time(client: Client) -> float:
    """Every fifth of a second: some while a message is on its way, most not."""
    sleep(0.2)
    asked = perf_counter()
    get(client, reverse("pages:home"), {})
    return 1000 * (perf_counter() - asked)


def ranks(times: list[float]) -> str:
    return ", ".join(f"p{rank} {decimal(percentile(times, rank))} ms" for rank in (50, 95, 99))


# --- The process -----------------------------------------------------------------------------------------------------


@contextmanager
def live_process() -> Iterator[tuple[int, psutil.Process]]:
    """As `make run` and the compose file start it."""
    port = free_port()
    words = ["granian", "--interface", "asgi", "spico.asgi:application", "--host", "127.0.0.1", "--port", str(port)]
    words += ["--workers", "1", "--no-ws", "--backlog", "4096", "--backpressure", "4096", "--log-level", "warning"]
    started = subprocess.Popen([sys.executable, "-m", *words, "--workers-kill-timeout", "5"], env=os.environ)
    try:
        wait_for(port)
        yield port, psutil.Process(started.pid)
    finally:
        started.terminate()
        started.wait(30)


def wait_for(port: int) -> None:
    deadline = perf_counter() + PATIENCE
    while perf_counter() < deadline:
        asked = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            asked.request("GET", "/healthz", headers={"Host": "testserver"})
            if asked.getresponse().status == 200:
                return
        except OSError:
            sleep(0.1)
        finally:
            asked.close()
    raise RuntimeError("The live process does not answer.")


def family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def weight(process: psutil.Process) -> int:
    return sum(one.memory_info().rss for one in family(process))


def work(process: psutil.Process) -> float:
    """Seconds of processor."""
    return sum(sum(one.cpu_times()[:2]) for one in family(process))


def load(process: psutil.Process) -> float:
    """The part of one core that it takes when nothing happens."""
    began, worked = perf_counter(), work(process)
    sleep(10)
    return (work(process) - worked) / (perf_counter() - began)


# --- The pages, all in one other process ------------------------------------------------------------------------------


@contextmanager
def listening(port: int, path: str, keys: list[str]) -> Iterator[Connection]:
    """Every stream is open inside."""
    connections.close_all()
    ours, theirs = multiprocessing.Pipe()
    readers = multiprocessing.get_context("fork").Process(target=listen, args=(port, path, keys, theirs))
    readers.start()
    try:
        if not ours.poll(PATIENCE) or ours.recv() != "open":
            raise RuntimeError("The streams do not open.")
        yield ours
    finally:
        readers.terminate()
        readers.join()


def finish(told: Connection) -> Arrivals:
    """What has arrived, once nothing does any more."""
    sleep(3)
    told.send("enough")
    if not told.poll(PATIENCE):
        raise RuntimeError("The readers do not answer.")
    found: Arrivals = told.recv()
    return found


def listen(port: int, path: str, keys: list[str], told: Connection) -> None:
    asyncio.run(listen_to_all(port, path, keys, told))


async def listen_to_all(port: int, path: str, keys: list[str], told: Connection) -> None:
    arrived: Arrivals = {}
    gate = asyncio.Semaphore(AT_ONCE)
    opened = await asyncio.gather(*(open_one(port, path, key, gate) for key in keys))
    reading = [asyncio.create_task(read(reader, arrived)) for reader, _ in opened]
    told.send("open")
    await asyncio.get_running_loop().run_in_executor(None, told.recv)
    told.send(arrived)
    for task in reading:
        task.cancel()
    for _, writer in opened:
        writer.close()


async def open_one(
    port: int, path: str, key: str, gate: asyncio.Semaphore
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with gate:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        cookie = f"{settings.SESSION_COOKIE_NAME}={key}"
        writer.write(f"GET {path} HTTP/1.1\r\nHost: testserver\r\nCookie: {cookie}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise RuntimeError(head.decode())
        return reader, writer


async def read(reader: asyncio.StreamReader, arrived: Arrivals) -> None:
    while line := await reader.readline():
        if found := re.match(rb"id: (\d+)\n", line):
            arrived.setdefault(int(found[1]), []).append(time())
