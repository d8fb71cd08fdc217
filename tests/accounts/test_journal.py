"""Writing: in the act's transaction, with who asked, and never again touched."""

import uuid
from datetime import date, datetime
from http import HTTPStatus

import pytest
import structlog
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.grounds import Ground
from accounts.journal import entry, record, record_all, record_opening, register_verbs, verb_label
from accounts.models import JournalEntry, JournalQueue, JournalSeal, User
from spico.web.logging import RequestIdMiddleware
from tests.accounts.journal import AT, TABLES, write
from tests.factories import ProfessionalFactory

pytestmark = pytest.mark.django_db
LIST = "/administration/accounts/journalentry/"
REWRITES = {
    "UPDATE": "UPDATE {} SET {} = 1 WHERE false",
    "DELETE": "DELETE FROM {} WHERE false",
    "TRUNCATE": "TRUNCATE {} CASCADE",
}


def test_an_entry_says_who_in_whose_name_and_on_what_ground(user: User) -> None:
    own, key = user.account, uuid.uuid4()
    told = {"holder": own.pk, "scope": "total", "from": AT, "day": date(2026, 11, 23), "replaces": None}
    record(
        "door.opened",
        at=AT,
        ground=Ground.OWN,
        actor=user,
        actor_account=own,
        account=own.pk,
        object_kind="door",
        object_key=key,
        details=told,
    )
    kept = JournalEntry.objects.get()
    assert (kept.actor, kept.actor_account, kept.account, kept.delegation) == (user, own, own, None)
    assert (kept.at, kept.ground, kept.verb) == (AT, "own", "door.opened")
    assert (kept.object_kind, kept.object_key, kept.request_id) == ("door", str(key), "")
    assert kept.details == {
        **{"holder": str(own.pk), "scope": "total", "replaces": None},
        **{"from": "2026-11-23T09:30:15.123456+00:00", "day": "2026-11-23"},
    }


@pytest.mark.django_db(transaction=True)
def test_nothing_is_journalled_outside_the_acts_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        record("door.opened", at=AT, ground=Ground.SYSTEM)
    with pytest.raises(transaction.TransactionManagementError):
        record_all([entry("door.opened", at=AT, ground=Ground.SYSTEM)])
    assert not JournalEntry.objects.exists()


def test_an_act_that_fails_leaves_no_entry() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        write()
        raise RuntimeError
    assert not JournalEntry.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_journalqueue")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"verb": "door.painted"}, ValueError),
        ({"at": datetime(2026, 11, 23, 9, 30)}, ValueError),  # noqa: DTZ001, that is what is refused
        ({"details": {"who": User()}}, TypeError),
    ],
)
def test_what_cannot_be_told_is_refused_and_not_left_out(wrong: dict[str, object], error: type[Exception]) -> None:
    told = {"verb": "door.opened", "at": AT, "ground": Ground.SYSTEM, **wrong}
    with pytest.raises(error):
        record(**told)  # type: ignore[arg-type]
    assert not JournalEntry.objects.exists()


def test_many_entries_are_one_insert(django_assert_num_queries: object) -> None:
    entries = [entry("door.opened", at=AT, ground=Ground.SYSTEM, object_key=rank) for rank in range(20)]
    with django_assert_num_queries(1):  # type: ignore[operator]
        record_all(entries)
    assert JournalEntry.objects.count() == 20


def test_a_verb_has_one_sentence() -> None:
    register_verbs({"door.opened": "a ouvert une porte"})
    assert verb_label("door.opened") == "a ouvert une porte"
    assert verb_label("door.gone") == "door.gone"
    with pytest.raises(ValueError, match="Two sentences"):
        register_verbs({"door.opened": "a fermé une porte"})
    for verb in ("", "door", f"door.{'o' * 40}"):
        with pytest.raises(ValueError, match="is no verb"):
            register_verbs({verb: "a fait"})


def test_an_entry_carries_the_number_of_its_request() -> None:
    def page(request: HttpRequest) -> HttpResponse:
        write()
        return HttpResponse(status=HTTPStatus.NO_CONTENT)

    response = RequestIdMiddleware(page)(RequestFactory().post("/"))
    assert JournalEntry.objects.get().request_id == response["X-Request-ID"] != ""
    assert "request_id" not in structlog.contextvars.get_contextvars()


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("act", REWRITES)
@pytest.mark.parametrize("session", ["origin", "replica"])
def test_the_journal_is_not_rewritten_even_by_a_superuser(table: str, act: str, session: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (True,)
        # A replica's session runs neither ordinary triggers nor the checks of foreign keys.
        cursor.execute(f"SET LOCAL session_replication_role = {session}")
        # What a session may set to have django-pgtrigger's triggers ignored.
        cursor.execute(f"SET LOCAL pgtrigger.ignore = '{{{table}:journal_stays,journal_stays}}'")
        with pytest.raises(DatabaseError, match="ne se récrit pas et ne s’efface pas") as refusal:
            cursor.execute(REWRITES[act].format(table, "entry_id" if "seal" in table else "id"))
    assert act in str(refusal.value)


def test_the_orm_does_not_rewrite_it_either() -> None:
    one = write()
    one.object_key = "2"
    for act in (one.save, one.delete, JournalEntry.objects.all().delete, JournalSeal.objects.all().delete):
        with pytest.raises(DatabaseError, match="ne se récrit pas"), transaction.atomic():
            act()
    assert JournalEntry.objects.get().object_key == "1"


def test_a_broken_rule_is_said_in_french(user: User) -> None:
    with pytest.raises(ValidationError, match="sauf quand c’est SPICO seul"):
        JournalEntry(at=AT, ground=Ground.SYSTEM, actor=user, verb="door.opened").full_clean(exclude=["actor_account"])


def test_the_service_centre_reads_it_filtered(client: Client, service_centre: User, user: User) -> None:
    write("du-jour", ground=Ground.OWN, actor=user, actor_account=user.account)
    write("de-spico")
    client.force_login(service_centre)
    assert b"a ouvert une porte" in client.get(LIST).content
    assert b"du-jour" not in client.get(f"{LIST}?ground__exact=system").content
    assert b"du-jour" in client.get(f"{LIST}?verb__exact=door.opened&at__year=2026").content
    assert b"du-jour" not in client.get(f"{LIST}?verb__exact=space.opened").content
    assert client.get(f"{LIST}?actor__password__startswith=m").status_code == HTTPStatus.BAD_REQUEST
    page = client.get(f"{LIST}{JournalEntry.objects.order_by('pk')[0].pk}/change/")
    assert b"a ouvert une porte" in page.content
    assert b'name="_save"' not in page.content


def test_its_list_asks_as_much_for_twenty_as_for_one(
    client: Client, service_centre: User, user: User, django_assert_max_num_queries: object
) -> None:
    client.force_login(service_centre)
    write(ground=Ground.OWN, actor=user, actor_account=user.account, account=user.account)
    with django_assert_max_num_queries(40) as first:  # type: ignore[operator]
        client.get(LIST)
    for _ in range(19):
        write(ground=Ground.OWN, actor=user, actor_account=user.account, account=user.account)
    with django_assert_max_num_queries(len(first)):  # type: ignore[operator]
        client.get(LIST)


@pytest.mark.django_db(transaction=True)
def test_an_opening_is_written_by_itself_in_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    account = ProfessionalFactory(signed_in=True).account
    opened = entry("space.opened", at=timezone.now(), ground=Ground.OWN, actor=account.user, account=account)
    with django_assert_num_queries(1):
        record_opening(opened)
    assert JournalEntry.objects.get() == opened
    assert JournalQueue.objects.get().entry_id == opened.pk
