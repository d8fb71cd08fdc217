"""The sealer: nothing is passed over, nothing is sealed twice, nobody is waited for. On real connections."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction

from accounts.journal import record_all
from accounts.journal.sealing import BATCH, LOCKS, SEALER, queue_forgotten, seal
from accounts.journal.verification import verify
from accounts.models import JournalEntry, JournalQueue, JournalSeal
from tests.accounts.journal import AT, as_owner, plain, write

pytestmark = pytest.mark.django_db(transaction=True)
INSERT = (
    "INSERT INTO accounts_journalentry (at, ground, verb, object_kind, object_key, details, request_id)"
    " VALUES (now(), 'system', 'door.opened', 'door', %s, '{}', '') RETURNING id"
)


@pytest.fixture
def elsewhere() -> Iterator[Callable[[], psycopg.Connection]]:
    """Other connections to the same database, closed at the end whatever was left open in them."""
    opened: list[psycopg.Connection] = []

    def connect() -> psycopg.Connection:
        parameters = connection.get_connection_params()
        keys = ("dbname", "user", "password", "host", "port")
        opened.append(psycopg.connect(**{key: parameters[key] for key in keys if key in parameters}))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


def sealed() -> list[tuple[int, int]]:
    return list(JournalSeal.objects.order_by("number").values_list("number", "entry_id"))


def test_entries_are_sealed_in_order_and_once() -> None:
    keys = [write(str(rank)).pk for rank in range(5)]
    assert seal(AT) == 5
    assert seal(AT) == 0
    keys.append(write("6").pk)
    assert seal(AT + timedelta(seconds=1)) == 1
    assert sealed() == list(enumerate(keys, start=1))
    assert not JournalQueue.objects.exists()
    assert verify().broken == ""


def test_an_entry_that_commits_late_is_sealed_when_it_comes(elsewhere: Callable[[], psycopg.Connection]) -> None:
    slow = elsewhere()
    late = slow.execute(INSERT, ["lente"]).fetchone()[0]  # type: ignore[index]
    early = write("rapide").pk
    assert late < early
    assert seal(AT) == 1
    slow.commit()
    assert seal(AT) == 1
    assert sealed() == [(1, early), (2, late)]
    verdict = verify()
    assert (verdict.broken, verdict.unsealed) == ("", 0)


def test_an_entry_that_is_taken_back_leaves_no_gap(elsewhere: Callable[[], psycopg.Connection]) -> None:
    undone = elsewhere()
    undone.execute(INSERT, ["annulée"])
    keys = [write("gardée").pk]
    undone.rollback()
    keys.append(write("suivante").pk)
    assert seal(AT) == 2
    assert sealed() == list(enumerate(keys, start=1))


def test_a_long_transaction_elsewhere_holds_nobody_up(elsewhere: Callable[[], psycopg.Connection]) -> None:
    long = elsewhere()
    long.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    long.execute("SELECT pg_current_xact_id()")
    long.execute("CREATE TEMPORARY TABLE held (id int)")
    key = write().pk
    assert seal(AT) == 1
    assert sealed() == [(1, key)]


def test_while_another_sealer_is_at_work_nothing_is_done(elsewhere: Callable[[], psycopg.Connection]) -> None:
    other = elsewhere()
    write()
    other.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCKS, SEALER])
    assert seal(AT) is None
    assert JournalQueue.objects.count() == 1
    other.rollback()
    assert seal(AT) == 1


def test_two_sealers_and_many_writers_make_one_chain() -> None:
    stop = threading.Event()
    failures: list[BaseException] = []

    def work(act: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            try:
                act()
            except BaseException as error:  # noqa: BLE001, told by the test
                failures.append(error)
            finally:
                connections.close_all()

        return run

    def write_some() -> None:
        for rank in range(60):
            write(str(rank))

    def seal_on() -> None:
        while not stop.is_set():
            seal(AT)

    writers = [threading.Thread(target=work(write_some)) for _ in range(4)]
    sealers = [threading.Thread(target=work(seal_on)) for _ in range(2)]
    for thread in [*writers, *sealers]:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sealers:
        thread.join()
    seal(AT)
    assert failures == []
    verdict = verify()
    assert (verdict.broken, verdict.read, verdict.unsealed) == ("", 240, 0)


def test_more_than_a_batch_is_sealed_in_one_run() -> None:
    with transaction.atomic():
        record_all(_many(BATCH + 3))
    assert seal(AT) == BATCH + 3
    assert verify().read == BATCH + 3


def _many(count: int) -> Iterator[JournalEntry]:
    for rank in range(count):
        yield JournalEntry(at=AT, ground="system", verb="door.opened", object_key=str(rank))


def test_what_somebody_took_out_of_the_queue_is_found_and_sealed(capsys: pytest.CaptureFixture[str]) -> None:
    write()
    JournalQueue.objects.all().delete()
    assert seal(AT) == 0
    assert verify().unsealed == 1
    call_command("seal_journal", "--forgotten")
    assert plain(capsys.readouterr().out).splitlines() == ["1 entrée remise dans la file.", "1 entrée scellée."]
    assert verify().unsealed == 0


def test_what_comes_twice_into_the_queue_is_sealed_once() -> None:
    key = write().pk
    seal(AT)
    JournalQueue.objects.create(entry_id=key)
    JournalQueue.objects.create(entry_id=key + 1_000_000)
    assert seal(AT) == 0
    assert queue_forgotten() == 0
    assert sealed() == [(1, key)]


def test_the_command_says_that_another_seals(
    elsewhere: Callable[[], psycopg.Connection], capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere().execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCKS, SEALER])
    call_command("seal_journal")
    assert capsys.readouterr().out == "Un autre processus scelle en ce moment.\n"


def test_the_queue_of_a_flushed_journal_is_empty() -> None:
    """Guards the tests themselves: what the last one committed is gone, its queue too, and the triggers are back."""
    assert not JournalQueue.objects.exists()
    with as_owner() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname = 'journal_stays' AND tgenabled = 'D'")
        assert cursor.fetchone() == (2,)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname = 'journal_stays' AND tgenabled = 'A'")
        assert cursor.fetchone() == (2,)


def test_a_key_whose_entry_was_not_inserted_leaves_the_queue() -> None:
    one = write("1")
    seal(AT)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_journalentry (id, at, ground, verb, object_kind, object_key, details, request_id)"
            " VALUES (%s, now(), 'system', 'door.opened', '', '', '{}', '') ON CONFLICT DO NOTHING",
            [one.pk],
        )
    assert JournalQueue.objects.get().entry_id == one.pk
    seal(AT)
    assert not JournalQueue.objects.exists()
    assert JournalSeal.objects.get().entry == one
