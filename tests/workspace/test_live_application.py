"""The process of the streams as a server calls it: its answers, and a message that reaches a page."""

import asyncio
import uuid
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from http import HTTPStatus
from queue import Queue
from threading import Event
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from accounts.states import AccountState
from delegations.scopes import Scope, Space
from delegations.services import end_delegation
from directory.models import InternalOrganisation
from tests.delegations.people import account_of, client_of, person, publish
from tests.factories import DelegationFactory, InternalOrganisationFactory, ReferentFactory
from tests.workspace.making import a_conversation, acting
from workspace import live
from workspace.access import participation_or_404
from workspace.models import Conversation, Message
from workspace.services.messages import send_message
from workspace.streams import application as process
from workspace.streams import hub
from workspace.streams.application import OPENING_THREADS, Application
from workspace.streams.looking import NO_LONGER_OPEN, SESSION_OVER, Found, Reader
from workspace.streams.opening import Shut

pytestmark = pytest.mark.django_db
PORTAL = "http://localhost:8000"


class Here(Executor):
    """The test's own thread, which has its transaction: the loop runs in another."""

    def __init__(self) -> None:
        self._asked: Queue[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]] | None] = Queue()

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._asked.put((future, function, args))
        return future

    def do(self, function: Callable[[], Any]) -> asyncio.Future[Any]:
        return asyncio.wrap_future(self.submit(function))

    def while_it_lives(self, life: Coroutine[Any, Any, None]) -> None:
        with ThreadPoolExecutor(1) as other:
            lived = other.submit(asyncio.run, life)
            lived.add_done_callback(lambda _: self._asked.put(None))
            while asked := self._asked.get():
                future, function, args = asked
                if not future.set_running_or_notify_cancel():
                    continue
                try:
                    future.set_result(function(*args))
                except Exception as error:  # noqa: BLE001, it is raised where it is awaited
                    future.set_exception(error)
            lived.result()


class Page:
    """A browser's request, and what came back."""

    def __init__(self, application: Application, path: str, **headers: str) -> None:
        path, _, query = path.partition("?")
        named = {"host": "localhost:8001", **{name.replace("_", "-"): value for name, value in headers.items()}}
        self.scope = {
            "type": "http",
            "method": named.pop("method", "GET"),
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        }
        self.status, self.headers, self.text = 0, {}, ""
        self._gone, self._news = asyncio.Event(), asyncio.Event()
        self.task = asyncio.create_task(application(self.scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.text += message["body"].decode()
        self._news.set()

    async def until(self, words: str) -> str:
        async with asyncio.timeout(5):
            while words not in self.text:
                self._news.clear()
                await self._news.wait()
        return self.text

    async def end(self) -> "Page":
        async with asyncio.timeout(5):
            await self.task
        return self

    async def leave(self) -> "Page":
        self._gone.set()
        return await self.end()


class Talk:
    def __init__(self) -> None:
        self.me, self.stranger = person("Rémi", "Aubrespin"), person("Maïlis", "Tournemirande")
        self.mine = account_of(self.me)
        self.unit = InternalOrganisationFactory(account__state=AccountState.OPEN).account
        publish()
        self.conversation: Conversation = a_conversation(acting(self.me, self.mine, Space.DISCUSSIONS), self.unit)
        self.cookie, self.stranger_cookie = cookie(self.me), cookie(self.stranger)
        self.path = f"/direct/espaces/{self.mine.pk}/discussions/{self.conversation.pk}/"

    def send(self) -> Message:
        who = acting(self.me, self.mine, Space.DISCUSSIONS)
        return send_message(who, participation_or_404(who, self.conversation.pk), "Un mot.", uuid.uuid4())


@pytest.fixture
def talk() -> Talk:
    return Talk()


def cookie(user: User) -> str:
    client: Client = client_of(user)
    return f"sessionid={client.cookies['sessionid'].value}"


Life = Callable[[Application, Here], Coroutine[Any, Any, None]]


def served(life: Life) -> None:
    """Between the start and the stop of a process."""
    here = Here()

    async def live_through() -> None:
        application = Application(here)
        told: asyncio.Queue[Any] = asyncio.Queue()
        events = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
        stopping = asyncio.Event()

        async def receive() -> Any:
            if len(events) == 1:
                await stopping.wait()
            return events.pop(0)

        running = asyncio.create_task(application({"type": "lifespan"}, receive, told.put))
        assert (await told.get())["type"] == "lifespan.startup.complete"
        try:
            await life(application, here)
        finally:
            stopping.set()
            await running
            await asyncio.sleep(0.01)
        assert not application.hub.streams

    here.while_it_lives(live_through())


def test_a_message_reaches_an_open_page_as_soon_as_redis_says_so(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "LOOK_EVERY", 3600.0)

    async def life(application: Application, here: Here) -> None:
        page = Page(application, talk.path, cookie=talk.cookie)
        await page.until("retry: ")
        assert page.status == 200
        assert page.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert page.headers["cache-control"] == "no-store, no-transform"
        assert "access-control-allow-origin" not in page.headers
        message = await here.do(talk.send)
        for _ in range(20):  # the subscription may still be on its way
            live._publish(talk.conversation.pk, message.pk)
            await asyncio.sleep(0.05)
        assert f'id: {message.pk}\nevent: message\ndata: <li class="day">' not in page.text
        assert f'data: <li id="m-{message.pk}"' in page.text
        await page.leave()
        assert not application.hub.streams

    served(life)


def test_a_page_comes_back_to_what_it_has_not_seen(talk: Talk) -> None:
    seen, missed = talk.send(), talk.send()

    async def life(application: Application, here: Here) -> None:
        who = talk.cookie
        asked = Page(application, f"{talk.path}?apres={seen.pk}", cookie=who)
        again = Page(application, f"{talk.path}?apres=0", cookie=who, last_event_id=str(seen.pk))
        whole = Page(application, f"{talk.path}?apres=0", cookie=who)
        for page in (asked, again, whole):
            assert (await page.until(f"id: {missed.pk}\n")).count("id: ") == (3 if page is whole else 1)

    served(life)


def test_without_redis_a_message_comes_with_the_next_look(talk: Talk, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    async def life(application: Application, here: Here) -> None:
        page = Page(application, talk.path, cookie=talk.cookie)
        await page.until("retry: ")
        message = await here.do(talk.send)
        live._publish(talk.conversation.pk, message.pk)
        async with asyncio.timeout(2):
            await page.until(f"id: {message.pk}\n")

    served(life)


def test_a_session_that_ends_closes_the_page_within_two_seconds_and_says_why(talk: Talk) -> None:
    async def life(application: Application, here: Here) -> None:
        page = Page(application, talk.path, cookie=talk.cookie)
        await page.until("retry: ")
        await here.do(Session.objects.all().delete)
        await here.do(talk.send)
        async with asyncio.timeout(2):
            await page.end()
        assert page.text.partition("\n\n")[2] == f"event: closed\ndata: {SESSION_OVER}\n\n"

    served(life)


def test_a_revocation_closes_the_page_within_two_seconds_and_says_why(talk: Talk) -> None:
    """Nobody writes meanwhile, and Redis says nothing: the look of every second is enough."""
    holder, referent = person("Hélène", "Vaysserat"), person("Naïma", "Belhartoun")
    ReferentFactory(
        account=account_of(referent), structure=InternalOrganisation.objects.get(account=talk.unit).structure
    )
    delegation = DelegationFactory(holder=account_of(holder), account=talk.unit, scope=Scope.DISCUSSIONS)
    who, path = cookie(holder), talk.path.replace(str(talk.mine.pk), str(talk.unit.pk))

    async def life(application: Application, here: Here) -> None:
        page = Page(application, path, cookie=who)
        await page.until("retry: ")
        await here.do(lambda: end_delegation(referent, delegation, "Elle a changé de service.", timezone.now()))
        async with asyncio.timeout(2):
            await page.end()
        _, _, said = page.text.partition("\n\n")
        assert said.startswith(f"event: closed\ndata: {NO_LONGER_OPEN} ")
        assert "a pris fin" in said
        again = await Page(application, path, cookie=who).end()
        assert (again.status, again.text) == (404, "Not Found")

    served(life)


def test_a_process_that_stops_ends_its_streams(talk: Talk) -> None:
    pages: list[Page] = []

    async def life(application: Application, here: Here) -> None:
        pages.append(Page(application, talk.path, cookie=talk.cookie))
        await pages[0].until("retry: ")
        await application.stop()
        await pages[0].end()
        assert "closed" not in pages[0].text
        refused = await Page(application, talk.path, cookie=talk.cookie).end()
        assert refused.status == 503
        assert (await Page(application, "/healthz").end()).status == 503

    served(life)


def test_it_serves_streams_and_its_health_and_nothing_else(talk: Talk) -> None:
    mine, other = talk.cookie, talk.stranger_cookie
    strange = talk.path.replace(str(talk.conversation.pk), str(uuid.uuid4()))
    answers: list[tuple[dict[str, str], int]] = [
        ({"path": "/healthz"}, 200),
        ({"path": "/"}, 404),
        ({"path": "/espaces/", "cookie": mine}, 404),
        ({"path": "/direct/espaces/", "cookie": mine}, 404),
        ({"path": f"{talk.path}plus/", "cookie": mine}, 404),
        ({"path": talk.path.replace("-", "0"), "cookie": mine}, 404),
        ({"path": strange, "cookie": mine}, 404),
        ({"path": talk.path, "cookie": other}, 404),
        ({"path": talk.path}, 401),
        ({"path": talk.path, "cookie": mine, "method": "POST"}, 405),
        ({"path": talk.path, "cookie": mine, "host": "ailleurs.example"}, 400),
        ({"path": talk.path, "cookie": mine, "origin": "https://ailleurs.example"}, 403),
        ({"path": talk.path, "cookie": mine, "origin": "null"}, 403),
    ]

    async def life(application: Application, here: Here) -> None:
        for asked, status in answers:
            page = await Page(application, **asked).end()
            assert page.status == status, asked
            assert page.text == ("ok" if status == 200 else HTTPStatus(status).phrase)

    served(life)


def test_a_page_of_the_portal_at_another_port_may_listen(talk: Talk, settings: Settings) -> None:
    settings.LIVE_ORIGINS = [PORTAL]

    async def life(application: Application, here: Here) -> None:
        page = Page(application, talk.path, cookie=talk.cookie, origin=PORTAL)
        await page.until("retry: ")
        assert page.headers["access-control-allow-origin"] == PORTAL
        assert page.headers["access-control-allow-credentials"] == "true"
        own = Page(application, talk.path, cookie=talk.cookie, origin="http://localhost:8001")
        await own.until("retry: ")
        assert "access-control-allow-origin" not in own.headers

    served(life)


def test_one_page_too_many_is_refused(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "MOST_OF_ONE", 1)

    async def life(application: Application, here: Here) -> None:
        who = talk.cookie
        await Page(application, talk.path, cookie=who).until("retry: ")
        assert (await Page(application, talk.path, cookie=who).end()).status == 429

    served(life)


def test_while_redis_is_silent_nobody_waits_twice(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/7"
    tried: list[str] = []
    client = live._client

    def counted(address: str) -> Any:
        tried.append(address)
        return client(address)

    monkeypatch.setattr(live, "_client", counted)
    for _ in range(3):
        live._publish(uuid.uuid4(), 1)
    assert len(tried) == 1


def test_the_process_of_the_project_is_this_one() -> None:
    from spico.asgi import application  # noqa: PLC0415, it reads every address of the portal

    assert isinstance(application, Application)


def test_pages_that_come_back_all_at_once_keep_no_open_stream_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each opening waits here until a look was made."""
    looked = Event()

    def look(*_: object) -> Found:
        looked.set()
        return Found({}, {})

    def open_slowly(*_: object) -> None:
        if not looked.wait(1):
            raise AssertionError("The look waited for the openings.")
        raise Shut(HTTPStatus.NOT_FOUND)

    async def come_back() -> list[int]:
        monkeypatch.setattr(process, "open_stream", open_slowly)
        application = Application()
        application.hub._look = look
        path = f"/direct/espaces/{uuid.uuid4()}/discussions/{uuid.uuid4()}/"
        pages = [Page(application, path) for _ in range(3 * OPENING_THREADS)]
        await asyncio.sleep(0.05)
        application.hub.join(Reader("session", 1, b"", uuid.uuid4(), uuid.uuid4()), 0)
        await application.hub.look_at(list(application.hub.streams))
        return [(await page.end()).status for page in pages]

    with ThreadPoolExecutor(1) as apart:
        assert set(apart.submit(asyncio.run, come_back()).result()) == {404}
