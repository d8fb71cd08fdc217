"""The ASGI application of the live streams. It serves `/direct/` and its health, and nothing else."""

import asyncio
import random
import re
import signal
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from http import HTTPStatus
from types import FrameType
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import structlog
from django.conf import settings
from django.db import close_old_connections
from django.http.request import split_domain_port, validate_host
from django.utils import timezone

from workspace.streams.hub import Full, Hub, Run, Stream
from workspace.streams.opening import Asked, Shut, open_stream
from workspace.streams.opening import number as number_of
from workspace.streams.waking import listen

HEALTH = "/healthz"
ADDRESS = re.compile(
    r"/direct/espaces/(?P<account>[0-9a-f-]{36})/discussions/(?P<conversation>[0-9a-f-]{36})/", re.ASCII
)
# Looks have a thread of their own: a thousand pages that come back at once keep none of them waiting.
OPENING_THREADS = 3
STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),
    # A proxy that gathers answers before it sends them on would hold messages back.
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]
log = structlog.stdlib.get_logger("spico.streams")
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Header = tuple[bytes, bytes]


class No(Exception):
    """An answer that is no stream."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class Threads(ThreadPoolExecutor):
    """Threads that ask the database, each with its connection: never one a stream."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return super().submit(self._ask, function, *args, **kwargs)

    @staticmethod
    def _ask(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """What Django does around a request: a connection that broke, or is old, is replaced."""
        close_old_connections()
        try:
            return function(*args, **kwargs)
        finally:
            close_old_connections()


class Application:
    """`threads`: where the database is asked; a test puts its own there."""

    def __init__(self, threads: Executor | None = None) -> None:
        self.hub = Hub(_running_in(threads or Threads(1, thread_name_prefix="looking")))
        self._open = _running_in(threads or Threads(OPENING_THREADS, thread_name_prefix="opening"))
        self._work: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    # --- The life of the process

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            event = await receive()
            if event["type"] == "lifespan.startup":
                self.start()
                await send({"type": "lifespan.startup.complete"})
            elif event["type"] == "lifespan.shutdown":
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def start(self) -> None:
        self._work = [asyncio.create_task(self.hub.work()), asyncio.create_task(listen(self.hub.wake))]
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                _also(number, self.hub.stop)

    async def stop(self) -> None:
        """Streams end, their pages come back by themselves."""
        self.hub.stop()
        await asyncio.sleep(0)
        for task in self._work:
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)

    @property
    def is_well(self) -> bool:
        return bool(self._work) and not any(task.done() for task in self._work)

    # --- Answers

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            shared = _admitted(headers)
            if scope["path"] == HEALTH:
                raise No(HTTPStatus.OK if self.is_well else HTTPStatus.SERVICE_UNAVAILABLE)
            if scope["method"] != "GET":
                raise No(HTTPStatus.METHOD_NOT_ALLOWED)
            stream = await self._join(_asked(scope, headers))
        except No as no:
            await _say(send, no.status)
        except Exception:
            # The server would write its text, which may quote anything.
            log.exception("stream_not_opened")
            await _say(send, HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            await self._serve(stream, shared, receive, send)

    async def _join(self, asked: Asked) -> Stream:
        try:
            reader, after = await self._open(open_stream, asked, timezone.now())
            return self.hub.join(reader, after)
        except Shut as shut:
            raise No(shut.status) from shut
        except Full as full:
            status = HTTPStatus.TOO_MANY_REQUESTS if full.is_of_one else HTTPStatus.SERVICE_UNAVAILABLE
            raise No(status) from full

    async def _serve(self, stream: Stream, shared: Iterable[Header], receive: Receive, send: Send) -> None:
        stream.task = asyncio.current_task()
        gone = asyncio.create_task(_until_gone(receive, stream))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": [*STREAM_HEADERS, *shared]})
            # Pages that lose the process at the same moment come back one after the other.
            await send(_body(f"retry: {random.randint(1000, 4000)}\n\n".encode(), more=True))  # noqa: S311
            while (chunk := await stream.take()) is not None:
                await send(_body(chunk, more=True))
            await send(_body(b"", more=False))
        except asyncio.CancelledError:
            log.info("stream_let_go")
        finally:
            gone.cancel()
            self.hub.leave(stream)


def _running_in(threads: Executor) -> Run:
    async def run(function: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(threads, function, *args)

    return run


def _also(number: int, act: Callable[[], None]) -> None:
    """The server waits for its answers to end before it says that the process stops: streams must know before."""
    usual, loop = signal.getsignal(number), asyncio.get_running_loop()
    if not callable(usual):
        return

    def handle(signum: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
        usual(signum, frame)

    signal.signal(number, handle)


async def _until_gone(receive: Receive, stream: Stream) -> None:
    with suppress(asyncio.CancelledError):
        while (await receive())["type"] != "http.disconnect":
            pass
        stream.end()


def _admitted(headers: Mapping[str, str]) -> list[Header]:
    """Headers for a page of another origin of the portal; a page of anybody else's is refused."""
    host, origin = headers.get("host", ""), headers.get("origin", "")
    if not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        raise No(HTTPStatus.BAD_REQUEST)
    if not origin or urlsplit(origin).netloc == host:
        return []
    if origin not in settings.LIVE_ORIGINS:
        raise No(HTTPStatus.FORBIDDEN)
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]


def _asked(scope: Scope, headers: Mapping[str, str]) -> Asked:
    found = ADDRESS.fullmatch(scope["path"])
    try:
        account, conversation = (UUID(found[name]) for name in ("account", "conversation")) if found else (None, None)
    except ValueError as error:
        raise No(HTTPStatus.NOT_FOUND) from error
    if account is None or conversation is None:
        raise No(HTTPStatus.NOT_FOUND)
    query = parse_qs(scope["query_string"].decode("latin-1"))
    # What the browser itself has seen last is newer than the address that it was given.
    after = number_of(headers.get("last-event-id", ""))
    if after is None:
        after = number_of(query.get("apres", [""])[0])
    return Asked(headers.get("cookie", ""), account, conversation, after)


async def _say(send: Send, status: HTTPStatus) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send(_body(b"ok" if status == HTTPStatus.OK else status.phrase.encode(), more=False))


def _body(body: bytes, *, more: bool) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}
