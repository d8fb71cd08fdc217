"""The outbox emptied: each mail at least once, always under the same Message-ID, and later when the server is away."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from enum import Enum, auto

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import MailState, OutgoingMail
from accounts.notifications.kinds import subject_of

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# What is waited for after each attempt that failed: some three days in all, then the mail is abandoned.
DELAYS = [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, *[12 * HOUR] * 5]
PERMANENT = 500
log = structlog.stdlib.get_logger("spico.mail")


class Outcome(Enum):
    NOTHING_DUE = auto()
    SENT = auto()
    NOT_SENT = auto()
    SERVER_AWAY = auto()


def send_waiting(at: datetime) -> int:
    """Send what is due; return how many mails left.

    A server that is away is asked about one mail only: the others keep their turn for the next sweep.
    """
    sent = 0
    with _server() as server:
        while (outcome := _send_next(server, at)) in (Outcome.SENT, Outcome.NOT_SENT):
            sent += outcome is Outcome.SENT
    return sent


@contextmanager
def _server() -> Iterator[BaseEmailBackend]:
    """Called at the first mail, and kept for the next ones."""
    server = get_connection()
    try:
        yield server
    finally:
        with suppress(OSError):
            server.close()


@transaction.atomic
def _send_next(server: BaseEmailBackend, at: datetime) -> Outcome:
    """A transaction a mail: the row stays locked while it leaves, so that no other worker sends it too, and a worker
    that dies leaves one mail in doubt at most."""
    mail = _due(at).first()
    if mail is None:
        return Outcome.NOTHING_DUE
    mail.attempts += 1
    outcome = _send(mail, server, at)
    mail.save(update_fields=["attempts", "state", "next_attempt_at", "sent_at", "last_error"])
    return outcome


def _due(at: datetime) -> QuerySet[OutgoingMail]:
    return (
        OutgoingMail.objects.filter(state=MailState.WAITING, next_attempt_at__lte=at)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("recipient")
        .order_by("next_attempt_at", "pk")
    )


def _send(mail: OutgoingMail, server: BaseEmailBackend, at: datetime) -> Outcome:
    if not mail.recipient.is_active or not mail.recipient.email:
        return _abandon(mail, "NoAddress")
    try:
        message = _message(mail)
    except Exception as error:  # a fault of ours in one text holds up no other mail
        log.exception("mail_not_written", kind=mail.kind)
        return _later(mail, _name(error), at)
    try:
        server.open()
        server.send_messages([message])
    except (smtplib.SMTPDataError, smtplib.SMTPRecipientsRefused) as error:
        # About this mail; the server itself is there.
        is_refused = isinstance(error, smtplib.SMTPRecipientsRefused) and _code(error) >= PERMANENT
        return _abandon(mail, _name(error)) if is_refused else _later(mail, _name(error), at)
    except OSError as error:  # of which every error of smtplib is one
        _later(mail, _name(error), at)
        return Outcome.SERVER_AWAY
    except ValueError as error:  # an address that no mail can be written to
        return _abandon(mail, _name(error))
    mail.state, mail.sent_at, mail.next_attempt_at, mail.last_error = MailState.SENT, at, None, ""
    return Outcome.SENT


def _later(mail: OutgoingMail, error: str, at: datetime) -> Outcome:
    if mail.attempts > len(DELAYS):
        return _abandon(mail, error)
    mail.next_attempt_at, mail.last_error = at + DELAYS[mail.attempts - 1], error
    log.info("mail_waits", attempts=mail.attempts, error=error)
    return Outcome.NOT_SENT


def _abandon(mail: OutgoingMail, error: str) -> Outcome:
    """Kept, for the service centre to see; what it told is in the portal."""
    mail.state, mail.next_attempt_at, mail.last_error = MailState.ABANDONED, None, error
    log.warning("mail_abandoned", attempts=mail.attempts, error=error)
    return Outcome.NOT_SENT


def _code(error: Exception) -> int:
    """The answer of the server, 0 without one; of several recipients, the mildest."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return min((code for code, _ in error.recipients.values()), default=0)
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0


def _name(error: Exception) -> str:
    code = _code(error)
    return f"{type(error).__name__} {code}" if code else type(error).__name__


def _message(mail: OutgoingMail) -> EmailMessage:
    told = [(one.text, _address(one.pk)) for one in mail.notifications.order_by("pk")]
    context: dict[str, object] = {
        "subject": subject_of(mail.kind),
        "told": told,
    }
    return EmailMessage(
        # A subject is one line, whatever is put into it.
        " ".join(_rendered(mail.kind, "subject", context).splitlines()).strip(),
        _rendered(mail.kind, "body", context),
        to=[mail.recipient.email],
        headers={"Message-ID": f"<{mail.message_id}>", "Auto-Submitted": "auto-generated"},
    )


def _rendered(kind: str, part: str, context: dict[str, object]) -> str:
    return render_to_string([f"emails/{name}_{part}.txt" for name in (kind, "notification")], context)


def _address(notification: int) -> str:
    """Through the notification, so that what was opened from the mail is marked read in the portal."""
    return settings.PORTAL_URL.rstrip("/") + reverse("accounts:notification", args=[notification])
