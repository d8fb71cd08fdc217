"""Opening a stream: the session says who asks, the rule says whether, once; afterwards `looking` asks again."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from importlib import import_module
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.http import Http404, HttpRequest
from django.http.cookie import parse_cookie

from accounts.models import User
from delegations.errors import Refused
from delegations.scopes import Space
from workspace.access import participation_or_404
from workspace.acting import NotOpen, act_in
from workspace.services.messages import read_on
from workspace.streams.looking import Reader, credential_of
from workspace.views.doors import record_refusal

LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Asked:
    """A stream that a page asks for. `after`: the last number that it has; none when it wants the next ones only."""

    cookies: str
    account: UUID
    conversation: UUID
    after: int | None


class Shut(Exception):
    """Nobody is signed in, or what is asked does not exist for them: the page's own answers."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


def open_stream(asked: Asked, at: datetime) -> tuple[Reader, int]:
    """The reader, and the number after which they read. `Shut` otherwise."""
    session, user = _signed_in(asked.cookies)
    try:
        acting = act_in(user, asked.account, Space.DISCUSSIONS, at)
        participant = participation_or_404(acting, asked.conversation)
    except NotOpen as no:
        record_refusal(user, no.account, Space.DISCUSSIONS, at)
        raise Shut(HTTPStatus.NOT_FOUND) from no
    except (Http404, Refused) as no:
        raise Shut(HTTPStatus.NOT_FOUND) from no
    after = participant.conversation.last_message_id if asked.after is None else asked.after
    read_on(acting, participant, after)
    return Reader(session, user.pk, credential_of(user), asked.account, asked.conversation), after


def _signed_in(cookies: str) -> tuple[str, User]:
    key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "")
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user = get_user(request)
    if not isinstance(user, User) or not request.session.session_key:
        raise Shut(HTTPStatus.UNAUTHORIZED)
    return request.session.session_key, user


def number(text: str) -> int | None:
    """A number of message; none for what is none."""
    return min(int(text), LARGEST) if text.isascii() and text.isdigit() and len(text) < 20 else None
