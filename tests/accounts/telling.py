"""Telling somebody something, and a mail server that answers what a test wants."""

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connections, transaction
from django.utils import timezone

from accounts.models import MailState, Notification, OutgoingMail, User
from accounts.notifications import register_kinds, tell

KIND = "tests.told"
SUBJECT = "Quelque chose vous attend"
TEXT = "Maëlle Vaysserat vous demande une délégation."
register_kinds({KIND: SUBJECT})


def told(
    user: User, at: datetime | None = None, text: str = TEXT, path: str = "/annuaire/", **how: bool
) -> Notification:
    with transaction.atomic():
        assert tell([user], KIND, text, path=path, at=at or timezone.now(), **how) == 1
    return Notification.objects.filter(recipient=user).latest("pk")


def waiting_mail(user: User, **changes: object) -> OutgoingMail:
    moment = timezone.now()
    values = {"kind": KIND, "state": MailState.WAITING, "created_at": moment, "next_attempt_at": moment, **changes}
    return OutgoingMail.objects.create(recipient=user, **values)


class _Conversation(socketserver.StreamRequestHandler):
    """Enough of SMTP for one client; `answers` says otherwise than 250 for a verb."""

    def handle(self) -> None:
        self._say(220)
        while line := self.rfile.readline():
            verb = line.split()[0].upper().decode()
            code = self.server.answers.get(verb, 221 if verb == "QUIT" else 250)
            if verb == "DATA" and code == 250:
                self._say(354)
                self.server.received.append(self._text())
            self._say(code)
            if verb == "QUIT":
                return

    def _say(self, code: int) -> None:
        self.wfile.write(f"{code} dit le serveur\r\n".encode())

    def _text(self) -> str:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        return b"".join(lines).decode()


class MailServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.answers: dict[str, int] = {}
        self.received: list[str] = []

    @property
    def port(self) -> int:
        return self.server_address[1]


@contextmanager
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def dead_port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def at_once(*acts: Callable[[], object]) -> None:
    """Each in a thread of its own, all let go together; an error in one fails the test."""
    barrier = threading.Barrier(len(acts))
    errors: list[BaseException] = []

    def run(act: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=5)
            act()
        except BaseException as error:  # noqa: BLE001, the thread that waits fails with it
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors
