"""The open streams, all looked after together: every second, and at once when something is said to be new.

What arrives late is never lost: each stream keeps the number of the last message it took, and asks for what follows.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.utils import timezone

from workspace.streams.looking import Found, Reader, closed, look

LOOK_EVERY, LOOK_AGAIN_AFTER = 1.0, 0.05
ALIVE_EVERY = 15.0
# An event rather than a comment: a page that hears nothing for long knows it, and listens anew.
ALIVE = b"event: alive\ndata: 1\n\n"
# One person with more pages open than that asks for what is new, as a page without a stream does.
MOST_OF_ONE, MOST_OF_ALL = 10, 5_000
# A stream takes nothing more while so much waits in it, and is let go when nothing leaves it: its page resumes.
MOST_WAITING, STUCK_AFTER, STUCK_AT_THE_END_AFTER = 100, 30.0, 2.0
log = structlog.stdlib.get_logger("spico.streams")
Run = Callable[..., Awaitable[Any]]
Look = Callable[[Collection[Reader], Collection[tuple[Reader, int]], Callable[[], datetime]], Found]


class Full(Exception):
    """Too many streams, of this person (`is_of_one`) or of all."""

    def __init__(self, *, is_of_one: bool) -> None:
        super().__init__(is_of_one)
        self.is_of_one = is_of_one


class Stream:
    """One open page: what waits to be sent to it, and the number of the last message put there."""

    __slots__ = ("_clock", "_is_over", "_ready", "_waiting", "last", "reader", "sending_since", "spoke_at", "task")

    def __init__(self, reader: Reader, last: int, clock: Callable[[], float]) -> None:
        self.reader, self.last, self.spoke_at = reader, last, clock()
        self._clock = clock
        self.sending_since: float | None = None
        self.task: asyncio.Task[Any] | None = None
        self._waiting: deque[bytes] = deque()
        self._ready: asyncio.Future[None] | None = None
        self._is_over = False

    @property
    def is_over(self) -> bool:
        return self._is_over

    @property
    def takes_more(self) -> bool:
        return not self._is_over and len(self._waiting) < MOST_WAITING

    def put(self, chunks: Collection[bytes]) -> None:
        if self._is_over or not chunks:
            return
        self._waiting.extend(chunks)
        self.spoke_at = self._clock()
        self._wake()

    def end(self, sentence: str = "") -> None:
        """Nothing that still waits is sent, but the reason if there is one."""
        if self._is_over:
            return
        self._waiting.clear()
        if sentence:
            self._waiting.append(closed(sentence))
        self._is_over = True
        self._wake()

    async def take(self) -> bytes | None:
        """All that waits, as soon as something does; None once it is over."""
        self.sending_since = None
        while not self._waiting:
            if self._is_over:
                return None
            self._ready = asyncio.get_running_loop().create_future()
            await self._ready
        chunk = b"".join(self._waiting)
        self._waiting.clear()
        self.sending_since = self._clock()
        return chunk

    @property
    def is_stuck(self) -> bool:
        patience = STUCK_AT_THE_END_AFTER if self._is_over else STUCK_AFTER
        return self.sending_since is not None and self._clock() - self.sending_since > patience

    def _wake(self) -> None:
        if self._ready and not self._ready.done():
            self._ready.set_result(None)


class Hub:
    """`run` calls a function that asks the database, somewhere where it may wait."""

    def __init__(self, run: Run, look: Look = look, clock: Callable[[], float] = time.monotonic) -> None:
        self.streams: set[Stream] = set()
        self._run, self._look, self._clock = run, look, clock
        self._woken: set[UUID] = set()
        self._wake = asyncio.Event()
        self._is_stopping = False

    # --- Coming and going

    def join(self, reader: Reader, last: int) -> Stream:
        """`Full` when there are too many."""
        if len(self.streams) >= MOST_OF_ALL or self._is_stopping:
            raise Full(is_of_one=False)
        if sum(one.reader.user == reader.user for one in self.streams) >= MOST_OF_ONE:
            raise Full(is_of_one=True)
        stream = Stream(reader, last, self._clock)
        self.streams.add(stream)
        # Something may have been written since its page was drawn.
        self.wake(reader.conversation)
        return stream

    def leave(self, stream: Stream) -> None:
        self.streams.discard(stream)

    def wake(self, conversation: UUID) -> None:
        """Something may be new there."""
        self._woken.add(conversation)
        self._wake.set()

    def stop(self) -> None:
        """Every stream ends; the pages find another process, or this one again."""
        self._is_stopping = True
        self._wake.set()
        for stream in self.streams:
            stream.end()

    # --- Looking

    async def work(self) -> None:
        """Until `stop`."""
        whole = self._clock()
        while not self._is_stopping:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), max(0.0, whole - self._clock()))
            self._wake.clear()
            woken, self._woken = self._woken, set()
            if self._clock() >= whole:
                whole = self._clock() + LOOK_EVERY
                self.tend()
                await self.look_at(list(self.streams))
            else:
                await self.look_at([one for one in self.streams if one.reader.conversation in woken])
            await asyncio.sleep(LOOK_AGAIN_AFTER)

    async def look_at(self, streams: Collection[Stream]) -> None:
        """Deliver what is new, and end what may be read no longer."""
        looked = [one for one in streams if not one.is_over]
        if not looked:
            return
        positions = {(one.reader, one.last) for one in looked if one.takes_more}
        readers = {one.reader for one in looked}
        try:
            found: Found = await self._run(self._look, readers, positions, timezone.now)
        except Exception as error:  # noqa: BLE001, whatever it was, the next second asks again
            log.warning("streams_not_looked_after", error=type(error).__name__)
            return
        for stream in looked:
            self._deliver(stream, found)

    def _deliver(self, stream: Stream, found: Found) -> None:
        sentence = found.why_not.get(stream.reader)
        if sentence is not None:
            stream.end(sentence)
            return
        batch = found.batches.get((stream.reader, stream.last))
        if batch and stream.takes_more:
            stream.last = batch.upto
            stream.put(batch.events)
            if batch.is_more:
                self.wake(stream.reader.conversation)

    def tend(self) -> None:
        """A word to those who heard nothing for long, so that nothing on the way thinks them dead; the stuck go."""
        for stream in self.streams:
            if stream.is_stuck and stream.task:
                stream.task.cancel()
            elif self._clock() - stream.spoke_at >= ALIVE_EVERY:
                stream.put([ALIVE])
