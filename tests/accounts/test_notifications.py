"""Who is told, of what, and that an act undone tells nobody."""

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from accounts.models import Notification, OutgoingMail, User
from accounts.notifications import register_kinds, tell, unread_count
from tests.accounts.telling import KIND, SUBJECT, TEXT, told
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
ELSEWHERE = [
    "//ailleurs.example/",
    "https://ailleurs.example/",
    "javascript:alert(1)",
    "/\\ailleurs.example/",
    "\\\\ailleurs.example",
    "/\t/ailleurs.example/",
    "/annuaire/\n",
    "/annuaire/ ",
    "annuaire/",
    "?q=ehpad",
    " /annuaire/",
    "/" + "a" * 200,
]


@pytest.fixture
def soline() -> User:
    return UserFactory(email="soline@ehpad.example")


@pytest.fixture
def maelle() -> User:
    return UserFactory(email="maelle@ehpad.example")


def test_each_is_told_once_in_the_portal_and_by_mail(
    soline: User, maelle: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    at = timezone.now()
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        assert tell([soline, maelle.pk, soline.pk, None], KIND, TEXT, path="/annuaire/", at=at) == 2
    assert {(one.recipient, one.text, one.path, one.created_at, one.read_at) for one in Notification.objects.all()} == {
        (soline, TEXT, "/annuaire/", at, None),
        (maelle, TEXT, "/annuaire/", at, None),
    }
    assert sorted(message.to for message in mail.outbox) == [["maelle@ehpad.example"], ["soline@ehpad.example"]]
    assert {message.subject for message in mail.outbox} == {SUBJECT}


def test_a_mail_leaves_only_after_the_commit(
    soline: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as after:
        told(soline)
    assert not mail.outbox
    for callback in after:
        callback()
    assert len(mail.outbox) == 1


class Undone(Exception):
    pass


@pytest.mark.django_db(transaction=True)
def test_an_act_undone_tells_nobody(soline: User) -> None:
    with pytest.raises(Undone), transaction.atomic():
        tell([soline], KIND, TEXT, at=timezone.now())
        raise Undone
    assert not Notification.objects.exists()
    assert not OutgoingMail.objects.exists()
    assert not mail.outbox


@pytest.mark.django_db(transaction=True)
def test_a_part_of_an_act_undone_takes_only_its_own_telling_back(soline: User, maelle: User) -> None:
    """The sweep that the undone part asked for is not the only one."""
    with transaction.atomic():
        with pytest.raises(Undone), transaction.atomic():
            tell([maelle], KIND, TEXT, at=timezone.now())
            raise Undone
        tell([soline], KIND, TEXT, at=timezone.now())
    assert [message.to for message in mail.outbox] == [["soline@ehpad.example"]]


@pytest.mark.django_db(transaction=True)
def test_nobody_is_told_outside_the_transaction_of_an_act(soline: User) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        tell([soline], KIND, TEXT, at=timezone.now())
    assert not Notification.objects.exists()


def test_an_unknown_kind_is_refused(soline: User) -> None:
    with pytest.raises(ValueError, match=r"tests\.never_registered"):
        tell([soline], "tests.never_registered", TEXT, at=timezone.now())


@pytest.mark.parametrize(
    "kind", ["told", "tests/told", "../tests.told", "tests.told\n", "Tests.told", "tests." + "a" * 40]
)
def test_a_kind_that_is_no_name_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="A kind of notification"):
        register_kinds({kind: SUBJECT})


@pytest.mark.parametrize("path", ELSEWHERE)
def test_a_path_that_leads_out_of_the_portal_is_refused(soline: User, path: str) -> None:
    with pytest.raises(ValueError, match="page of the portal"):
        tell([soline], KIND, TEXT, path=path, at=timezone.now())
    assert not Notification.objects.exists()


@pytest.mark.parametrize("path", ["", "/", "/annuaire/?q=ehpad&page=2#resultats", "/delegations/demandes/12/"])
def test_a_page_of_the_portal_is_taken(soline: User, path: str) -> None:
    assert told(soline, path=path).path == path


def test_who_is_inactive_is_told_nothing() -> None:
    gone = UserFactory(is_active=False, email="partie@ehpad.example")
    assert tell([gone], KIND, TEXT, at=timezone.now()) == 0
    assert not Notification.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_who_has_no_address_is_told_in_the_portal_alone() -> None:
    assert told(UserFactory(email="")).mail is None
    assert not OutgoingMail.objects.exists()


def test_what_needs_no_mail_has_none(soline: User) -> None:
    assert told(soline, mail=False).mail is None
    assert not OutgoingMail.objects.exists()


def test_nobody_to_tell_asks_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert tell([None], KIND, TEXT, at=timezone.now()) == 0


def test_twenty_are_told_in_as_many_queries_as_one(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    people = [UserFactory(email=f"personne{number}@ehpad.example") for number in range(20)]
    for users in (people[:1], people):
        with django_assert_num_queries(3):
            tell(users, KIND, TEXT, at=timezone.now())


def test_a_sentence_is_one_line_and_fits() -> None:
    text = told(UserFactory(), text="Une phrase\r\nsur deux lignes, " + "trop longue " * 60).text
    assert text.startswith("Une phrase sur deux lignes, trop longue")
    assert len(text) == 500
    assert text.endswith("…")


def test_what_is_unread_is_counted_in_one_query(
    soline: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    told(soline)
    told(soline)
    read = told(soline)
    Notification.objects.filter(pk=read.pk).update(read_at=timezone.now())
    told(UserFactory())
    with django_assert_num_queries(1):
        assert unread_count(soline) == 2
