"""The open streams: what reaches them and in which order, whatever waits, with a clock that the test moves."""

import asyncio
import uuid
from collections.abc import Callable, Collection, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest

from workspace.streams.hub import (
    ALIVE,
    ALIVE_EVERY,
    MOST_OF_ONE,
    MOST_WAITING,
    STUCK_AFTER,
    STUCK_AT_THE_END_AFTER,
    Full,
    Hub,
    Stream,
)
from workspace.streams.looking import Batch, Found, Reader, closed

HERE = uuid.uuid4()


def reader(user: int = 1, conversation: uuid.UUID = HERE) -> Reader:
    return Reader(f"session-{user}", user, b"", uuid.UUID(int=1), conversation)


class World:
    """Messages that are written, who may not read, and a clock. `asked`: what each look was asked about."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.messages: dict[uuid.UUID, list[int]] = {}
        self.why_not: dict[Reader, str] = {}
        self.asked: list[set[Reader]] = []
        self.is_away = False
        self.meanwhile: Callable[[], object] = lambda: None
        self.hub = Hub(self.run, self.look, lambda: self.now)

    async def run(self, function: Callable[..., Any], *args: Any) -> Any:
        await asyncio.sleep(0)
        return function(*args)

    def look(
        self, readers: Collection[Reader], positions: Collection[tuple[Reader, int]], now: Callable[[], datetime]
    ) -> Found:
        self.asked.append(set(readers))
        if self.is_away:
            raise OSError
        batches = {}
        for who, last in positions:
            new = [number for number in self.messages.get(who.conversation, []) if number > last][:2]
            if new:
                batches[who, last] = Batch(tuple(b"%d;" % number for number in new), new[-1], len(new) == 2)
        self.meanwhile()
        return Found(dict(self.why_not), batches)

    async def look_at_all(self) -> None:
        self.hub.tend()
        await self.hub.look_at(list(self.hub.streams))


def lived(life: Callable[[World], Coroutine[Any, Any, None]]) -> None:
    async def live() -> None:
        await life(World())

    # In a thread of its own: a browser test before this one leaves its loop running in ours.
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, live()).result()


async def sent(stream: Stream) -> bytes | None:
    return await asyncio.wait_for(stream.take(), 1)


async def nothing_is_sent(stream: Stream) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(stream.take(), 0.01)


def test_each_stream_gets_what_follows_its_own_number_once() -> None:
    async def life(world: World) -> None:
        early, late = world.hub.join(reader(1), 0), world.hub.join(reader(2), 2)
        world.messages[HERE] = [1, 2, 3]
        for _ in range(3):
            await world.look_at_all()
        assert await sent(early) == b"1;2;3;"
        assert await sent(late) == b"3;"
        await nothing_is_sent(early)

    lived(life)


def test_what_is_written_while_one_looks_is_not_lost() -> None:
    async def life(world: World) -> None:
        stream = world.hub.join(reader(), 0)
        world.messages[HERE] = [1]
        world.meanwhile = lambda: world.messages.__setitem__(HERE, [1, 2])
        await world.look_at_all()
        await world.look_at_all()
        assert await sent(stream) == b"1;2;"

    lived(life)


def test_one_that_joins_while_one_looks_waits_for_the_next_look() -> None:
    async def life(world: World) -> None:
        world.hub.join(reader(1), 0)
        world.messages[HERE] = [1]
        joined: list[Stream] = []
        world.meanwhile = lambda: None if joined else joined.append(world.hub.join(reader(2), 0))
        await world.look_at_all()
        assert joined[0].last == 0
        await world.look_at_all()
        assert await sent(joined[0]) == b"1;"

    lived(life)


def test_the_reason_comes_instead_of_what_waited() -> None:
    async def life(world: World) -> None:
        stream, other = world.hub.join(reader(1), 0), world.hub.join(reader(2), 0)
        world.messages[HERE] = [1]
        await world.look_at_all()
        world.messages[HERE] = [1, 2]
        world.why_not[reader(1)] = "Plus ouvert."
        await world.look_at_all()
        assert await sent(stream) == closed("Plus ouvert.") == b"event: closed\ndata: Plus ouvert.\n\n"
        assert await sent(stream) is None
        assert await sent(other) == b"1;2;"

    lived(life)


def test_a_page_that_does_not_read_is_not_fed_and_loses_nothing() -> None:
    async def life(world: World) -> None:
        stream, total = world.hub.join(reader(), 0), 3 * MOST_WAITING
        world.messages[HERE] = list(range(1, total + 1))
        for _ in range(total):
            await world.look_at_all()
        assert stream.last <= MOST_WAITING + 2
        received = b""
        while stream.last < total or not received.endswith(b"%d;" % total):
            received += await sent(stream) or b""
            for _ in range(total):
                await world.look_at_all()
        assert received == b"".join(b"%d;" % number for number in range(1, total + 1))

    lived(life)


@pytest.mark.parametrize(("is_over", "patience"), [(False, STUCK_AFTER), (True, STUCK_AT_THE_END_AFTER)])
def test_a_page_to_which_nothing_leaves_any_more_is_let_go(is_over: bool, patience: float) -> None:
    async def life(world: World) -> None:
        stream = world.hub.join(reader(), 0)

        async def serve() -> None:
            await stream.take()
            await asyncio.sleep(60)

        stream.task = asyncio.create_task(serve())
        stream.put([b"x"])
        await asyncio.sleep(0)
        if is_over:
            stream.end("Fini.")
        world.now += patience
        world.hub.tend()
        assert not stream.task.cancelling()
        world.now += 0.1
        world.hub.tend()
        assert stream.task.cancelling()

    lived(life)


def test_silence_is_broken() -> None:
    async def life(world: World) -> None:
        stream = world.hub.join(reader(), 0)
        world.now += ALIVE_EVERY - 1
        await world.look_at_all()
        await nothing_is_sent(stream)
        world.now += 1
        await world.look_at_all()
        await world.look_at_all()
        assert await sent(stream) == ALIVE

    lived(life)


def test_one_person_has_so_many_and_no_more() -> None:
    async def life(world: World) -> None:
        for _ in range(MOST_OF_ONE):
            last = world.hub.join(reader(1), 0)
        with pytest.raises(Full) as full:
            world.hub.join(reader(1), 0)
        assert full.value.is_of_one
        world.hub.join(reader(2), 0)
        world.hub.leave(last)
        world.hub.join(reader(1), 0)

    lived(life)


def test_while_the_database_is_away_nothing_is_sent_and_nothing_lost() -> None:
    async def life(world: World) -> None:
        stream = world.hub.join(reader(), 0)
        world.messages[HERE] = [1]
        world.is_away = True
        await world.look_at_all()
        await nothing_is_sent(stream)
        world.is_away = False
        await world.look_at_all()
        assert await sent(stream) == b"1;"

    lived(life)


def test_work_looks_at_once_where_it_is_woken_and_every_second_everywhere() -> None:
    async def life(world: World) -> None:
        there = uuid.uuid4()
        here, other = world.hub.join(reader(1), 0), world.hub.join(reader(2, there), 0)
        working = asyncio.create_task(world.hub.work())
        await asyncio.sleep(0.15)
        assert {reader(1), reader(2, there)} in world.asked
        world.asked.clear()
        world.messages = {HERE: [1], there: [1]}
        world.hub.wake(HERE)
        assert await sent(here) == b"1;"
        assert world.asked == [{reader(1)}]
        await nothing_is_sent(other)
        world.now += 1
        world.hub.wake(uuid.uuid4())
        assert await sent(other) == b"1;"
        world.hub.stop()
        await asyncio.wait_for(working, 1)
        assert [await sent(one) for one in (here, other)] == [None, None]
        with pytest.raises(Full):
            world.hub.join(reader(3), 0)

    lived(life)
