from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction

from accounts.models import Notification, OutgoingMail, User
from accounts.models.notifications import LONGEST_TEXT
from spico.web.queue import enqueue

_subjects: dict[str, str] = {}
OUTSIDE = "Somebody is told in the transaction of the act that it is about."


def register_kinds(subjects: dict[str, str]) -> None:
    """`{"delegation.requested": "Une demande vous attend"}`: a kind, and the subject of its mail."""
    _subjects.update(subjects)


def subject_of(kind: str) -> str:
    return _subjects[kind]


def tell(
    users: Iterable[User | int | None], kind: str, text: str, *, path: str = "", at: datetime, mail: bool = True
) -> int:
    """Tell each of these users once; inactive ones are left out. Returns how many were told.

    `text`: a sentence without health data. A user who has no address gets no mail. Raises outside a transaction, and
    for an unknown kind.
    """
    if kind not in _subjects:
        raise ValueError(f"Unknown kind of notification: {kind!r}. Register it first.")
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(OUTSIDE)
    wanted = {user.pk if isinstance(user, User) else user for user in users} - {None}
    if not wanted:
        return 0
    found = dict(User.objects.filter(pk__in=wanted, is_active=True).values_list("pk", "email"))
    told = Notification.objects.bulk_create(
        Notification(recipient_id=pk, kind=kind, text=text[:LONGEST_TEXT], path=path, created_at=at)
        for pk in sorted(found)
    )
    mails = [
        OutgoingMail(notification=one, created_at=at, next_attempt_at=at)
        for one in told
        if mail and found[one.recipient_id]
    ]
    if mails:
        OutgoingMail.objects.bulk_create(mails)
        enqueue("accounts.notifications.tasks.send_waiting_mails")
    return len(told)


def unread_count(user: User) -> int:
    return Notification.objects.filter(recipient=user, read_at=None).count()
