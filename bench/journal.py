"""What the journal costs: eight writers, each entry a transaction of its own, while the sealer runs every second; then
the whole chain read again.

The peer writes as many rows of django.contrib.admin's own journal in the same way: no seal, no trigger.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from statistics import fmean
from tempfile import TemporaryFile
from time import perf_counter, process_time, sleep

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections, transaction
from django.utils import timezone

from accounts.grounds import Ground
from accounts.journal import entry, record_opening, register_verbs
from accounts.journal.sealing import seal
from accounts.journal.verification import Verdict, verify
from accounts.models import Account, JournalQueue
from bench.figures import decimal, percentile, verdict
from bench.search import backend_time
from spico.web.typography import thousands

WRITERS, SECONDS = 8, 10.0
WRITTEN_BUDGET, VERIFIED_BUDGET = 2_000, 100_000
ROWS, BEGUN = 300_000, 10_000
MANY = """
    INSERT INTO accounts_journalentry (at, actor_id, actor_account_id, account_id, ground, verb, object_kind,
        object_key, details, request_id)
    SELECT now() + n * interval '1 ms', %s, %s, %s, 'own', 'bench.written', 'space', 'dossiers',
        jsonb_build_object('scope', 'total', 'holder', gen_random_uuid()), replace(gen_random_uuid()::text, '-', '')
    FROM generate_series(1, %s) n
"""


@dataclass(frozen=True)
class Work:
    """What the writers did: how often a second all together, and the processor's milliseconds that one act took."""

    rate: float
    python: float
    database: float

    def processor(self) -> str:
        return f"Python {1000 * self.python:.0f} µs, base {1000 * self.database:.0f} µs"


@dataclass
class Sealed:
    """What the sealer did while the others wrote. `runs`: seconds that each of its runs took."""

    rows: int = 0
    runs: list[float] = field(default_factory=list)


def run() -> list[dict[str, str]]:
    register_verbs({"bench.written": "a écrit pour mesurer"})
    people = list(Account.objects.filter(user__isnull=False).order_by("pk").select_related("user")[:WRITERS])
    begin(people[0])
    return [*written(people), *verified(people[0])]


def begin(account: Account) -> None:
    """A journal in use: what is planned while it is empty reads it whole, until the database counts it again."""
    with connection.cursor() as cursor:
        cursor.execute(MANY, [account.user_id, account.pk, account.pk, BEGUN])
        seal(timezone.now())
        cursor.execute("VACUUM (ANALYZE) accounts_journalentry, accounts_journalseal, accounts_journalqueue")
    connections.close_all()


def written(people: list[Account]) -> Iterator[dict[str, str]]:
    sealed, kind = Sealed(), ContentType.objects.get_for_model(Account).pk
    peer = at_work([partial(log_one, somebody, kind) for somebody in people], lambda: None)
    ours = at_work([partial(write_one, somebody) for somebody in people], partial(seal_once, sealed))
    left = JournalQueue.objects.count()
    began = perf_counter()
    seal(timezone.now())
    caught_up = perf_counter() - began
    yield {
        "what": f"entrées écrites, {WRITERS} processus, une transaction chacune, scellées chaque seconde",
        "ours": f"{thousands(round(ours.rate))} par seconde ({verdict(ours.rate >= WRITTEN_BUDGET)})",
        "peer": f"{thousands(round(peer.rate))} par seconde (journal de l’administration de Django, sans sceau)",
        "note": f"budget {thousands(WRITTEN_BUDGET)} ; {disk()} ; processeur par entrée : {ours.processor()} "
        f"(comparant : {peer.processor()})",
    }
    worst = max(sealed.runs, default=0.0)
    yield {
        "what": "le scelleur pendant ce temps",
        "ours": f"{thousands(sealed.rows)} scellées ({verdict(worst < 1 and left <= 2 * ours.rate)})",
        "note": f"un passage : p50 {decimal(1000 * percentile(sealed.runs, 50))} ms, au pire {decimal(1000 * worst)} "
        f"ms ; à la fin {thousands(left)} en attente, rattrapées en {decimal(1000 * caught_up)} ms",
    }


def disk() -> str:
    """What each commit waits for: how long this disk takes to keep a page."""
    times, page = [], bytes(8192)
    with TemporaryFile(dir=".") as file:
        for _ in range(50):
            os.pwrite(file.fileno(), page, 0)
            began = perf_counter()
            os.fdatasync(file.fileno())
            times.append(1000 * (perf_counter() - began))
    return f"un fdatasync : p50 {decimal(percentile(times, 50))} ms, p95 {decimal(percentile(times, 95))} ms"


def at_work(acts: list[Callable[[], None]], each_second: Callable[[], None]) -> Work:
    """Eight processes, each with its own act and connection, all at once."""
    connections.close_all()
    context = multiprocessing.get_context("fork")
    counts = context.SimpleQueue()
    writers = [context.Process(target=keep_on, args=(act, counts.put)) for act in acts]
    for writer in writers:
        writer.start()
    deadline = perf_counter() + SECONDS
    while perf_counter() < deadline:
        began = perf_counter()
        each_second()
        sleep(max(0.0, min(1 - (perf_counter() - began), deadline - perf_counter())))
    for writer in writers:
        writer.join()
    if any(writer.exitcode for writer in writers):
        raise RuntimeError("A writer failed.")
    rates, python, database = zip(*(counts.get() for _ in writers), strict=True)
    return Work(sum(rates), fmean(python), fmean(database))


def keep_on(act: Callable[[], None], tell: Callable[[tuple[float, float, float]], None]) -> None:
    act()
    done, began, python, database = 0, perf_counter(), process_time(), backend_time()
    while perf_counter() - began < SECONDS:
        act()
        done += 1
    spent = (1000 * (process_time() - python) / done, (backend_time() - database) / done)
    tell((done / (perf_counter() - began), *spent))


def write_one(account: Account) -> None:
    """As a space that is opened, the entry that comes with every click."""
    opened = entry(
        "bench.written",
        at=timezone.now(),
        ground=Ground.OWN,
        actor=account.user,
        actor_account=account,
        account=account,
        object_kind="space",
        object_key="dossiers",
        details={"scope": "total"},
    )
    record_opening(opened)


def log_one(account: Account, content_type: int) -> None:
    LogEntry.objects.create(
        user_id=account.user_id,
        content_type_id=content_type,
        object_id=str(account.pk),
        object_repr="dossiers",
        action_flag=CHANGE,
        change_message={"scope": "total"},
    )


def seal_once(sealed: Sealed) -> None:
    began = perf_counter()
    sealed.rows += seal(timezone.now()) or 0
    sealed.runs.append(perf_counter() - began)


def verified(account: Account) -> Iterator[dict[str, str]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(MANY, [account.user_id, account.pk, account.pk, ROWS])
    began, sealed = perf_counter(), 0
    while done := seal(timezone.now()):
        sealed += done
    rate = sealed / (perf_counter() - began)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) accounts_journalentry, accounts_journalseal, accounts_journalqueue")
    best = max((sound(verify()) for _ in range(3)), key=lambda found: found.rate)
    yield {
        "what": f"sceller {thousands(sealed)} entrées d’un coup",
        "ours": f"{thousands(round(rate))} par seconde",
    }
    yield {
        "what": f"vérifier la chaîne, {thousands(best.read)} entrées",
        "ours": f"{thousands(best.rate)} par seconde ({verdict(best.rate >= VERIFIED_BUDGET)})",
        "note": f"budget {thousands(VERIFIED_BUDGET)} ; la meilleure de trois, {decimal(best.seconds)} s",
    }


def sound(found: Verdict) -> Verdict:
    if found.broken or found.unsealed:
        raise RuntimeError(found.broken or f"{found.unsealed} entries without a seal")
    return found
