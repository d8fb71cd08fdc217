"""The outbox emptied: each mail at least once, always under the same Message-ID, and later when the server is away."""

import smtplib
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.template.loader import render_to_string

from accounts.models import MailState, OutgoingMail
from accounts.notifications.telling import subject_of

BATCH = 50
BACK_OFF = [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6)]
THEN = timedelta(hours=12)
PATIENCE = timedelta(days=3)
PERMANENT = 500


def send_waiting(at: datetime) -> int:
    """Send what is due. Two workers never hold the same row: each locks its own and passes over the other's."""
    sent = 0
    while True:
        with transaction.atomic():
            rows = list(_due(at)[:BATCH])
            done = _send_all(rows, at)
        sent += done
        # A server that is away is not asked for the next batch either: all of it waits.
        if len(rows) < BATCH or done < len(rows):
            return sent


def _due(at: datetime) -> "OutgoingMail.objects":  # type: ignore[name-defined]
    due = OutgoingMail.objects.filter(state=MailState.WAITING, next_attempt_at__lte=at)
    return (
        due.select_for_update(skip_locked=True, of=("self",))
        .select_related("notification__recipient")
        .order_by("next_attempt_at", "pk")
    )


def _send_all(rows: list[OutgoingMail], at: datetime) -> int:
    if not rows:
        return 0
    connection = get_connection()
    return sum(_send(mail, connection, at) for mail in rows)


def _send(mail: OutgoingMail, connection: BaseEmailBackend, at: datetime) -> bool:
    recipient = mail.notification.recipient
    mail.attempts += 1
    if not recipient.email or not recipient.is_active:
        return _abandon(mail, "NoAddress")
    try:
        _message(mail, connection).send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        if codes and min(codes) >= PERMANENT:
            return _abandon(mail, type(error).__name__)
        return _later(mail, type(error).__name__, at)
    except (smtplib.SMTPException, OSError) as error:
        return _later(mail, type(error).__name__, at)
    mail.state, mail.sent_at, mail.next_attempt_at, mail.last_error = MailState.SENT, at, None, ""
    mail.save()
    return True


def _later(mail: OutgoingMail, error: str, at: datetime) -> bool:
    if at - mail.created_at >= PATIENCE:
        return _abandon(mail, error)
    mail.next_attempt_at = at + (BACK_OFF[mail.attempts - 1] if mail.attempts <= len(BACK_OFF) else THEN)
    mail.last_error = error
    mail.save()
    return False


def _abandon(mail: OutgoingMail, error: str) -> bool:
    """Kept, for the service centre to see; what it told is in the portal."""
    mail.state, mail.next_attempt_at, mail.last_error = MailState.ABANDONED, None, error
    mail.save()
    return False


def _message(mail: OutgoingMail, connection: BaseEmailBackend) -> EmailMessage:
    told = mail.notification
    context = {
        "subject": subject_of(told.kind),
        "text": told.text,
        "link": settings.PORTAL_URL.rstrip("/") + (told.path or "/"),
        "recipient": told.recipient,
        "service_centre": settings.SERVICE_CENTRE,
    }
    subject = " ".join(render_to_string("emails/notification_subject.txt", context).split())
    return EmailMessage(
        subject,
        render_to_string("emails/notification_body.txt", context),
        to=[told.recipient.email],
        connection=connection,
        headers={"Message-ID": f"<{mail.message_id}>", "Auto-Submitted": "auto-generated"},
    )
