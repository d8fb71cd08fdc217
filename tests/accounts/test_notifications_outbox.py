"""The outbox: at least once, under one Message-ID, whatever becomes of the mail server."""

import re
import smtplib
import time
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_string, policy
from itertools import accumulate
from pathlib import Path

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import MailState, Notification, OutgoingMail, User
from accounts.notifications.sending import DELAYS, send_waiting
from tests.accounts.telling import (
    KIND,
    SUBJECT,
    TEXT,
    MailServer,
    at_once,
    dead_port,
    mail_server,
    told,
    waiting_mail,
)
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
SMTP = "django.core.mail.backends.smtp.EmailBackend"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def soline() -> User:
    return UserFactory(email="soline@ehpad.example")


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    """A mail server on this machine, asked as in production."""
    with mail_server() as running:
        settings.EMAIL_BACKEND = SMTP
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", running.port, 5
        yield running


def test_a_mail_says_one_sentence_and_leads_to_the_portal(soline: User, settings: Settings) -> None:
    settings.PORTAL_URL = "https://portail.example/"
    one = told(soline, path="/delegations/demandes/12/")
    assert send_waiting(timezone.now()) == 1
    (message,) = mail.outbox
    assert message.subject == SUBJECT
    assert message.to == ["soline@ehpad.example"]
    assert TEXT in message.body
    assert re.findall(r"https?://\S+", message.body) == [f"https://portail.example/notifications/{one.pk}/"]
    headers = message.message()
    assert headers["Message-ID"] == f"<{one.mail.message_id}>"
    assert headers["Auto-Submitted"] == "auto-generated"


def test_a_mail_may_tell_several_things(soline: User) -> None:
    one, other = told(soline, text="Une demande attend."), told(soline, text="Une délégation finit.")
    Notification.objects.filter(pk=other.pk).update(mail=one.mail)
    OutgoingMail.objects.filter(pk=other.mail.pk).delete()
    assert send_waiting(timezone.now()) == 1
    assert mail.outbox[0].body.index("Une demande attend.") < mail.outbox[0].body.index("Une délégation finit.")
    assert all(f"/notifications/{told_one.pk}/" in mail.outbox[0].body for told_one in (one, other))


def test_a_kind_may_have_its_own_texts(soline: User, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "emails").mkdir()
    (tmp_path / "emails" / f"{KIND}_subject.txt").write_text("Un sujet\nX-Injected: oui\r\n à part")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
    told(soline)
    send_waiting(timezone.now())
    (message,) = mail.outbox
    assert message.subject == "Un sujet X-Injected: oui  à part"
    assert message.message()["X-Injected"] is None
    assert TEXT in message.body


def test_the_address_is_read_when_the_mail_leaves(soline: User) -> None:
    told(soline)
    soline.email = "soline@clinique.example"
    soline.save()
    send_waiting(timezone.now())
    assert mail.outbox[0].to == ["soline@clinique.example"]


@pytest.mark.parametrize("change", [{"email": ""}, {"is_active": False}])
def test_who_can_no_longer_be_written_to_is_not(soline: User, change: dict[str, object]) -> None:
    one = told(soline)
    User.objects.filter(pk=soline.pk).update(**change)
    assert send_waiting(timezone.now()) == 0
    one.mail.refresh_from_db()
    assert (one.mail.state, one.mail.last_error) == (MailState.ABANDONED, "NoAddress")
    assert not mail.outbox


def test_a_mail_sent_is_not_sent_again(soline: User) -> None:
    told(soline)
    at = timezone.now()
    assert send_waiting(at) == 1
    sent = OutgoingMail.objects.get()
    assert (sent.state, sent.sent_at, sent.attempts, sent.last_error) == (MailState.SENT, at, 1, "")
    assert send_waiting(at + timedelta(days=10)) == 0
    assert len(mail.outbox) == 1


def test_nothing_due_calls_no_server(
    soline: User, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", dead_port()
    waiting_mail(soline, next_attempt_at=timezone.now() + MINUTE)
    with django_assert_num_queries(3):  # a savepoint, the question, the end of the savepoint
        assert send_waiting(timezone.now()) == 0
    assert OutgoingMail.objects.get().attempts == 0


def test_a_server_down_then_up_gets_each_mail_once_under_its_message_id(
    soline: User, server: MailServer, settings: Settings
) -> None:
    first, second = told(soline).mail, told(UserFactory(email="maelle@ehpad.example")).mail
    settings.EMAIL_PORT = dead_port()
    at = timezone.now()
    assert send_waiting(at) == 0
    waiting = {row.pk: row for row in OutgoingMail.objects.all()}
    assert {row.state for row in waiting.values()} == {MailState.WAITING}
    assert (waiting[first.pk].attempts, waiting[first.pk].last_error) == (1, "ConnectionRefusedError")
    assert waiting[first.pk].next_attempt_at == at + MINUTE
    # The server was asked about one mail: the other keeps its turn.
    assert waiting[second.pk].attempts == 0
    settings.EMAIL_PORT = server.port
    assert send_waiting(at + MINUTE) == 2
    assert send_waiting(at + MINUTE) == 0
    received = [message_from_string(text, policy=policy.default) for text in server.received]
    assert sorted(one["Message-ID"] for one in received) == sorted(f"<{one.message_id}>" for one in (first, second))
    assert {one["Subject"] for one in received} == {SUBJECT}


def test_a_mute_server_is_waited_for_once(soline: User, settings: Settings) -> None:
    told(soline)
    told(UserFactory(email="maelle@ehpad.example"))
    with MailServer() as mute:  # it listens, and nobody serves
        settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", mute.port
        settings.EMAIL_TIMEOUT = 0.2
        began = time.monotonic()
        assert send_waiting(timezone.now()) == 0
        assert time.monotonic() - began < 2
    assert sorted(OutgoingMail.objects.values_list("state", "last_error")) == [
        ("waiting", ""),
        ("waiting", "SMTPServerDisconnected"),
    ]


@pytest.mark.parametrize(("verb", "code"), [("RCPT", 450), ("DATA", 451), ("MAIL", 421), ("MAIL", 550), ("EHLO", 421)])
def test_what_the_server_does_not_take_now_waits(soline: User, server: MailServer, verb: str, code: int) -> None:
    """A refused sender is a fault of ours, not of the address."""
    server.answers = {verb: code, "HELO": code} if verb == "EHLO" else {verb: code}
    told(soline)
    assert send_waiting(timezone.now()) == 0
    waiting = OutgoingMail.objects.get()
    assert waiting.state == MailState.WAITING
    assert waiting.last_error.startswith("SMTP")
    assert "example" not in waiting.last_error
    server.answers = {}
    assert send_waiting(timezone.now() + MINUTE) == 1


def test_an_address_refused_for_good_is_given_up_at_once(soline: User, server: MailServer) -> None:
    server.answers = {"RCPT": 550}
    told(soline)
    assert send_waiting(timezone.now()) == 0
    refused = OutgoingMail.objects.get()
    assert (refused.state, refused.attempts) == (MailState.ABANDONED, 1)
    assert refused.last_error == "SMTPRecipientsRefused 550"
    assert refused.next_attempt_at is None


def test_one_mail_refused_holds_up_no_other(soline: User, server: MailServer) -> None:
    told(soline)
    server.answers = {"RCPT": 450}
    send_waiting(timezone.now())
    server.answers = {}
    told(UserFactory(email="maelle@ehpad.example"))
    assert send_waiting(timezone.now()) == 1
    assert [message_from_string(text)["To"] for text in server.received] == ["maelle@ehpad.example"]


class Down(EmailBackend):
    """A server that is away: `attempts` are the Message-IDs that it was asked to take."""

    attempts: list[str] = []

    def send_messages(self, messages: list[mail.EmailMessage]) -> int:
        self.attempts.extend(str(message.message()["Message-ID"]) for message in messages)
        raise smtplib.SMTPServerDisconnected("soline@ehpad.example: a text that is not kept")


def test_a_server_away_for_three_days_is_given_up_and_the_mail_kept(soline: User, settings: Settings) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Down"
    Down.attempts.clear()
    written = timezone.now()
    one = told(soline, at=written)
    for after in accumulate(DELAYS, initial=timedelta()):
        assert OutgoingMail.objects.get().state == MailState.WAITING
        assert send_waiting(written + after - timedelta(seconds=1)) == 0
        assert send_waiting(written + after) == 0
    given_up = OutgoingMail.objects.get()
    assert given_up.state == MailState.ABANDONED
    assert given_up.last_error == "SMTPServerDisconnected"
    assert Down.attempts == [f"<{one.mail.message_id}>"] * (len(DELAYS) + 1)
    assert timedelta(days=2, hours=12) < sum(DELAYS, timedelta()) <= timedelta(days=3)
    assert [delay.total_seconds() / 60 for delay in DELAYS[:6]] == [1, 5, 30, 120, 360, 720]
    assert unread_of(soline) == 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_waiting(written + timedelta(days=30)) == 0


def unread_of(user: User) -> int:
    return Notification.objects.filter(recipient=user, read_at=None).count()


def test_a_text_that_cannot_be_written_holds_up_no_other(soline: User, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "emails").mkdir()
    (tmp_path / "emails" / "tests.broken_body.txt").write_text("{% no_such_tag %}")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
    broken = waiting_mail(soline, kind="tests.broken", next_attempt_at=timezone.now() - MINUTE)
    told(UserFactory(email="maelle@ehpad.example"))
    assert send_waiting(timezone.now()) == 1
    broken.refresh_from_db()
    assert (broken.state, broken.last_error) == (MailState.WAITING, "TemplateSyntaxError")


def test_an_address_that_is_none_is_given_up(server: MailServer) -> None:
    told(UserFactory(email="soline@ehpad.example\nbcc: autre@ehpad.example"))
    assert send_waiting(timezone.now()) == 0
    assert OutgoingMail.objects.get().state == MailState.ABANDONED
    assert not server.received


class Slow(EmailBackend):
    def send_messages(self, messages: list[mail.EmailMessage]) -> int:
        time.sleep(0.01)
        return super().send_messages(messages)


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_mail_once(settings: Settings) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Slow"
    for number in range(20):
        waiting_mail(UserFactory(email=f"personne{number}@ehpad.example"))
    counts: list[int] = []
    at = timezone.now()
    at_once(*[lambda: counts.append(send_waiting(at))] * 2)
    assert sum(counts) == 20
    assert min(counts) > 0
    assert len({message.to[0] for message in mail.outbox}) == len(mail.outbox) == 20


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_another_worker_holds_is_passed_over(soline: User) -> None:
    held = waiting_mail(soline)
    waiting_mail(UserFactory(email="maelle@ehpad.example"))
    with transaction.atomic():
        OutgoingMail.objects.select_for_update().get(pk=held.pk)
        at_once(lambda: send_waiting(timezone.now()))
        assert [message.to for message in mail.outbox] == [["maelle@ehpad.example"]]
    assert send_waiting(timezone.now()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_after_sending_sends_again_under_the_same_message_id(
    soline: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = told(soline, at=timezone.now() - MINUTE, mail=True)
    OutgoingMail.objects.update(state=MailState.WAITING, sent_at=None, next_attempt_at=timezone.now())
    mail.outbox.clear()
    with monkeypatch.context() as patch:
        patch.setattr(OutgoingMail, "save", lambda *args, **kwargs: connection.close() or 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send_waiting(timezone.now())
    assert OutgoingMail.objects.get().attempts == 1
    assert send_waiting(timezone.now()) == 1
    assert [message.message()["Message-ID"] for message in mail.outbox] == [f"<{one.mail.message_id}>"] * 2
