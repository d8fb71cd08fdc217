import re
from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count

from accounts.models import Notification, OutgoingMail, User
from accounts.models.notifications import LONGEST_PATH, LONGEST_TEXT, PORTAL_PATH
from accounts.notifications.kinds import check_kind
from accounts.notifications.tasks import send_waiting_mails
from accounts.prepared import Prepared
from spico.web.queue import enqueue

OUTSIDE = "Somebody is told in the transaction of the act that it is about."


def tell(  # noqa: PLR0913, what telling says
    users: Iterable[User | int | None], kind: str, text: str, *, path: str = "", at: datetime, mail: bool = True
) -> int:
    """Tell each of these users once; inactive ones are left out. Returns how many were told.

    `text`: a sentence without health data. `path`: a page of the portal. A user who has no address gets no mail.
    Raises outside a transaction, for an unknown kind and for a path that leads elsewhere.
    """
    check_kind(kind)
    _check_path(path)
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(OUTSIDE)
    addresses = _addresses(users)
    mails = _write_mails([pk for pk, address in addresses.items() if mail and address], kind, at)
    text = _one_line(text)
    told = Notification.objects.bulk_create(
        Notification(recipient_id=pk, kind=kind, text=text, path=path, mail=mails.get(pk), created_at=at)
        for pk in addresses
    )
    if mails:
        enqueue(send_waiting_mails)
    return len(told)


_unread = Prepared(
    lambda *, user: (
        Notification.objects.filter(recipient=user, read_at=None)
        .order_by()
        .values("recipient")
        .annotate(n=Count("pk"))
        .values_list("n")
    ),
    user=User,
)


def unread_count(user: User) -> int:
    """One query: every page asks it."""
    found = _unread.first(user=user)
    return found[0] if found else 0


def _check_path(path: str) -> None:
    # `$` would let a line end pass here, which it does not in the database.
    if path and not (re.match(PORTAL_PATH, path) and not path.endswith("\n") and len(path) <= LONGEST_PATH):
        raise ValueError(f"A notification leads to a page of the portal, not to {path!r}.")


def _addresses(users: Iterable[User | int | None]) -> dict[int, str]:
    """The address of each of them who is active, always in the same order, so that two acts do not wait in a ring."""
    wanted = {user.pk if isinstance(user, User) else user for user in users} - {None}
    if not wanted:
        return {}
    return dict(User.objects.filter(pk__in=wanted, is_active=True).order_by("pk").values_list("pk", "email"))


def _write_mails(recipients: list[int], kind: str, at: datetime) -> dict[int, OutgoingMail]:
    mails = [OutgoingMail(recipient_id=pk, kind=kind, created_at=at, next_attempt_at=at) for pk in recipients]
    return {mail.recipient_id: mail for mail in OutgoingMail.objects.bulk_create(mails)}


def _one_line(text: str) -> str:
    text = re.sub(r"[\r\n]+", " ", text).strip()
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
