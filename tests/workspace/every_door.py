"""Every address of the spaces by every way in: pages, API, files, links of agendas, streams. Addresses are those of the
URL resolver, so that none is left out; what each must answer is said by the caller's own rules.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from http import HTTPStatus

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse

from accounts.models import Account, User
from delegations.scopes import Space
from directory.owners import is_listed
from tests.workspace.everywhere import Things
from workspace.streams.opening import Asked, Shut, open_stream

# As addresses call the spaces: those of pages, then those of the API.
SEGMENTS = {"dossiers": Space.DOSSIERS, "agenda": Space.AGENDA, "taches": Space.TASKS, "discussions": Space.DISCUSSIONS}
SEGMENTS |= {"tasks": Space.TASKS}
# Of an account, and no space of it: who may read them is the delegations' to say.
OF_DELEGATIONS = {"api:account_access", "api:account_journal"}
FEED, STREAM = "feeds:agenda", "stream"


@dataclass(frozen=True)
class Way:
    """A route, with the arguments of its address; the door of a space is one for each of the four."""

    route: str
    arguments: frozenset[str]
    space: Space | None


@cache
def ways() -> list[Way]:
    """All that lead into an account."""
    found = []
    for namespace in ("spaces", "api"):
        named = get_resolver().namespace_dict[namespace][1].reverse_dict
        for name in filter(lambda one: isinstance(one, str), named):
            arguments = frozenset(named.getlist(name)[0][0][0][1])
            route = f"{namespace}:{name}"
            if "account" in arguments and route not in OF_DELEGATIONS:
                found += [Way(route, arguments, space) for space in (Space if "space" in arguments else [None])]
    return found


@dataclass(frozen=True)
class Try:
    """An address, and the space that it is in. `is_door`: the first page of it."""

    route: str
    address: str
    space: Space
    is_door: bool


def tried(way: Way, account: Account, things: Things, user: User) -> Try:
    """That way, into this account."""
    known = things.places(way.route, user) | {"account": account.pk, "space": way.space}
    address = reverse(way.route, kwargs={name: known[name] for name in way.arguments})
    _, rest = address.split(f"{account.pk}/")
    segment, *below = rest.rstrip("/").split("/")
    is_door = not below or (way.route.startswith("api:") and below == ["search"])
    return Try(way.route, address, SEGMENTS[segment], is_door)


@dataclass
class Visitor:
    """Somebody with a browser. `opens`: the spaces of an account that the caller's rules open to them."""

    user: User
    at: datetime
    opens: Callable[[Account], set[Space]]

    def __post_init__(self) -> None:
        self.client = Client()
        self.client.force_login(self.user)

    def check(self, door: Try, account: Account, *, is_frozen: bool) -> None:
        answer = self.client.get(door.address)
        status = HTTPStatus(answer.status_code)
        _read(answer)
        seen = (door.route, self.user.username, status)
        if not self.user.is_active:
            assert status == (401 if door.route.startswith("api:") else 302), seen
        elif door.space in self.opens(account):
            self._check_open(door, account, status, is_frozen=is_frozen)
        elif door.is_door:
            assert status == (403 if is_listed(account) else 404), seen
        elif status == HTTPStatus.FOUND:
            # An act, which is a POST: a GET leads to its page, another of the addresses that are tried.
            assert answer["Location"].startswith(f"/espaces/{account.pk}/"), seen
        else:
            assert status == 404, seen

    def _check_open(self, door: Try, account: Account, status: HTTPStatus, *, is_frozen: bool) -> None:
        """A frozen account is read on; its forms say why nothing new begins there."""
        seen = (door.route, self.user.username, status)
        may_link = Space.DOSSIERS in self.opens(account)
        if door.route.startswith("api:"):
            assert status in (200, 405), seen
        elif door.route == "spaces:conversation_dossier" and not may_link and not is_frozen:
            assert status == 403, seen
        else:
            assert status in ((200, 302, 409) if is_frozen else (200, 302)), seen

    def check_apart(self, account: Account, things: Things) -> None:
        """What is no page of the account: a link of one’s agenda, a stream, where a notification leads."""
        opened = self.opens(account)
        feed = Client().get(reverse(FEED, args=[things.secrets[self.user.username]]))
        assert feed.status_code == (200 if Space.AGENDA in opened else 404), (FEED, self.user.username)
        listens = self._listens(account, things)
        assert listens == (200 if Space.DISCUSSIONS in opened else 404 if self.user.is_active else 401), STREAM
        led = self.client.get(reverse("spaces:conversation_mine", args=[things.conversation.pk]))
        assert led.status_code == (302 if Space.DISCUSSIONS in opened or not self.user.is_active else 404)

    def _listens(self, account: Account, things: Things) -> int:
        cookie = f"{settings.SESSION_COOKIE_NAME}={self.client.cookies[settings.SESSION_COOKIE_NAME].value}"
        try:
            open_stream(Asked(cookie, account.pk, things.conversation.pk, None), self.at)
        except Shut as shut:
            return shut.status
        return 200

    def check_list(self, accounts: dict[str, Account], opened: set[str]) -> None:
        """« Mes espaces » names no account that is not open."""
        page = self.client.get(reverse("spaces:index"))
        if self.user.is_active:
            found = page.content.decode()
            assert {name for name, account in accounts.items() if f"/espaces/{account.pk}/" in found} == opened
        else:
            assert page.status_code == 302


def _read(answer: HttpResponse) -> None:
    """Whoever reads a file to its end closes it."""
    if answer.streaming:
        answer.getvalue()
