"""Iterators that cross between peers: order, back-pressure, errors and ends."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from imjoy.errors import PeerGone, ProtocolError, RemoteError
from imjoy.rpc.streams import MOST_CREDIT, RemoteStream, pull_from
from rpc.memory import Pair, settle


class Counted:
    """Counts how far it has been read, and whether it was closed."""

    def __init__(self, length: int) -> None:
        self.length, self.read, self.closed = length, 0, False

    def plain(self) -> Iterator[int]:
        try:
            for number in range(self.length):
                self.read += 1
                yield number
        finally:
            self.closed = True

    async def slowly(self, seconds: float = 0) -> AsyncIterator[int]:
        try:
            for number in range(self.length):
                if seconds:
                    await asyncio.sleep(seconds)
                self.read += 1
                yield number
        finally:
            self.closed = True


@pytest.mark.parametrize("kind", ["plain", "slowly"])
@pytest.mark.parametrize("length", [0, 1, 3, 2000])
async def test_all_items_come_in_order(kind: str, length: int) -> None:
    pair, source = Pair(), Counted(length)
    pair.b.export("items", getattr(source, kind))
    stream = await pair.a.call(pair.b.address, "items")
    assert [item async for item in stream] == list(range(length))
    assert source.closed
    with pytest.raises(StopAsyncIteration):
        await stream.__anext__()


async def test_many_small_items_take_few_calls() -> None:
    pair = Pair()
    pair.b.export("items", Counted(5000).plain)
    assert len([item async for item in await pair.a.call(pair.b.address, "items")]) == 5000
    assert pair.types().count("call") < 60


@pytest.mark.parametrize("kind", ["plain", "slowly"])
async def test_a_slow_consumer_holds_the_source(kind: str) -> None:
    pair, source = Pair(), Counted(1_000_000)
    pair.b.export("items", getattr(source, kind))
    stream = await pair.a.call(pair.b.address, "items")
    for expected in range(50):
        assert await stream.__anext__() == expected
        await settle(3)
    assert source.read <= 50 + 2 * MOST_CREDIT


async def test_large_items_come_one_or_two_at_a_time() -> None:
    pair, made = Pair(), []

    def volumes() -> Iterator[bytes]:
        for number in range(20):
            made.append(number)
            yield bytes(1 << 20)

    pair.b.export("volumes", volumes)
    stream = await pair.a.call(pair.b.address, "volumes")
    await stream.__anext__()
    await settle()
    assert len(made) <= 3


async def test_an_item_is_not_kept_until_others_are_there() -> None:
    pair = Pair()
    pair.b.export("items", lambda: Counted(3).slowly(0.1))
    stream = await pair.a.call(pair.b.address, "items")
    loop = asyncio.get_running_loop()
    began, times = loop.time(), []
    async for _ in stream:
        times.append(loop.time() - began)
    assert times[0] < 0.19 < times[2]


@pytest.mark.parametrize("kind", ["plain", "slowly"])
async def test_who_wants_no_more_ends_the_source(kind: str) -> None:
    pair, source = Pair(), Counted(1_000_000)
    pair.b.export("items", getattr(source, kind))
    stream = await pair.a.call(pair.b.address, "items")
    assert await stream.__anext__() == 0
    await stream.aclose()
    assert source.closed
    await stream.aclose()


@pytest.mark.parametrize("kind", ["plain", "slowly"])
async def test_a_stream_that_is_forgotten_is_released(kind: str) -> None:
    pair, source = Pair(), Counted(1_000_000)
    pair.b.export("items", getattr(source, kind))
    stream = await pair.a.call(pair.b.address, "items")
    await stream.__anext__()
    await settle()
    del stream
    gc.collect()
    await settle()
    assert len(pair.b._exports) == 0
    await settle()
    assert source.closed


async def test_a_source_runs_in_one_task_from_its_beginning_to_its_end() -> None:
    pair, tasks = Pair(), set()

    async def items() -> AsyncIterator[int]:
        for number in range(600):
            tasks.add(asyncio.current_task())
            if number % 100 == 0:
                await asyncio.sleep(0.001)
            yield number

    pair.b.export("items", items)
    assert [n async for n in await pair.a.call(pair.b.address, "items")] == list(range(600))
    assert len(tasks) == 1


async def test_two_requests_at_once_get_each_item_once_and_a_cancelled_one_loses_none() -> None:
    pull = pull_from(Counted(20).slowly(0.01))
    first, second, third = (asyncio.ensure_future(pull(4)) for _ in range(3))
    await asyncio.sleep(0)
    third.cancel()
    got = [*(await first)["items"], *(await second)["items"]]
    while True:
        batch = await pull(4)
        got += batch["items"]
        if batch["done"]:
            break
    assert got == list(range(20))


async def test_an_error_comes_after_the_items_before_it() -> None:
    async def failing() -> AsyncIterator[int]:
        yield 1
        yield 2
        raise ValueError("no more")

    def plain() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    pair = Pair()
    for function, items in ((failing, [1, 2]), (plain, [1])):
        pair.b.export("items", function)
        seen = []
        with pytest.raises(RemoteError, match="no more"):
            async for item in await pair.a.call(pair.b.address, "items"):
                seen.append(item)
        assert seen == items


class Cut(BaseException):
    """As SystemExit is, which would end the tests."""


@pytest.mark.parametrize("kind", [asyncio.CancelledError, Cut])
async def test_a_source_that_was_cut_off_has_not_ended(kind: type[BaseException]) -> None:
    """Its items are not all, so that the consumer must not take it for complete."""

    async def cut() -> AsyncIterator[int]:
        yield 1
        raise kind

    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    pull = pull_from(cut())
    assert await pull(4) == {"items": [1], "done": False}
    with pytest.raises(RuntimeError, match=kind.__name__):
        await pull(4)


async def test_a_source_may_be_made_in_a_thread_without_a_loop() -> None:
    pull = await asyncio.to_thread(pull_from, Counted(3).slowly())
    assert await pull(4) == {"items": [0, 1, 2], "done": True}


async def test_several_who_wait_get_each_item_once() -> None:
    pair, got = Pair(), []
    pair.b.export("items", lambda: Counted(500).slowly())
    stream = await pair.a.call(pair.b.address, "items")

    async def work() -> None:
        async for item in stream:
            got.append(item)

    await asyncio.gather(*(work() for _ in range(4)))
    assert sorted(got) == list(range(500))


async def test_several_threads_get_each_item_once() -> None:
    pair = Pair()
    pair.b.export("items", lambda: Counted(2000).plain())
    stream = await pair.a.call(pair.b.address, "items")
    parts = await asyncio.gather(*(asyncio.to_thread(list, stream) for _ in range(3)))
    assert sorted(item for part in parts for item in part) == list(range(2000))


async def test_nothing_comes_after_the_end() -> None:
    pair, source = Pair(), Counted(1000)
    pair.b.export("items", lambda: source.slowly(0.01))
    stream = await pair.a.call(pair.b.address, "items")
    waiting = asyncio.ensure_future(stream.__anext__())
    await settle()
    await stream.aclose()
    with pytest.raises(StopAsyncIteration):
        await waiting
    assert source.closed


async def test_a_source_that_is_closed_before_it_began_leaves_nobody_waiting() -> None:
    source = Counted(10)
    pull = pull_from(source.slowly())
    waiting, closing = asyncio.ensure_future(pull(4)), asyncio.ensure_future(pull(0))
    assert await asyncio.wait_for(closing, 5) == {"items": [], "done": True}
    assert await asyncio.wait_for(waiting, 5) == {"items": [], "done": True}


async def test_who_waits_with_a_time_limit_loses_nothing() -> None:
    pair, got = Pair(), []
    pair.b.export("items", lambda: Counted(5).slowly(0.03))
    stream = await pair.a.call(pair.b.address, "items")
    timed_out = 0
    while len(got) < 5:
        try:
            got.append(await asyncio.wait_for(stream.__anext__(), 0.01))
        except asyncio.TimeoutError:
            timed_out += 1
    assert got == list(range(5)) and timed_out > 0


async def test_a_stream_ends_with_its_peer() -> None:
    pair = Pair()
    pair.b.export("items", lambda: Counted(5).slowly(30))
    stream = await pair.a.call(pair.b.address, "items")
    waiting = asyncio.ensure_future(stream.__anext__())
    await settle()
    pair.a.peer_gone(pair.b.address, "it left")
    with pytest.raises(PeerGone):
        await waiting


async def test_streams_go_as_arguments_too_and_can_be_passed_on() -> None:
    pair = Pair()

    async def add_up(stream: Any) -> int:
        return sum([number async for number in stream])

    pair.b.export("add_up", add_up)
    pair.b.export("items", lambda: Counted(10).plain())
    assert await pair.a.call(pair.b.address, "add_up", (n for n in range(1000))) == 499500
    assert await pair.a.call(pair.b.address, "add_up", Counted(4).slowly()) == 6


@pytest.mark.parametrize("kind", ["plain", "slowly"])
async def test_a_stream_that_comes_home_is_what_it_was(kind: str) -> None:
    pair, source = Pair(), Counted(5)
    pair.b.export("hand_back", lambda stream: stream)
    iterator = getattr(source, kind)()
    assert await pair.a.call(pair.b.address, "hand_back", iterator) is iterator
    gc.collect()
    await settle()
    assert source.read == 0 and not source.closed


async def test_a_stream_that_was_read_from_cannot_come_home() -> None:
    pair = Pair()

    async def read_and_hand_back(stream: Any) -> Any:
        await stream.__anext__()
        return stream

    pair.b.export("hand_back", read_and_hand_back)
    with pytest.raises(ProtocolError, match="read from"):
        await pair.a.call(pair.b.address, "hand_back", Counted(5).plain())


async def test_nonsense_instead_of_a_batch_is_an_error() -> None:
    pair = Pair()
    pair.b.export("pull", lambda credit: {"items": [0] * (MOST_CREDIT + 1)})
    stream = RemoteStream(pair.a.remote(pair.b.address, "pull"))
    with pytest.raises(ProtocolError):
        await stream.__anext__()


async def test_a_thread_without_a_loop_can_consume_a_stream() -> None:
    pair = Pair()
    pair.b.export("items", lambda: Counted(700).plain())
    stream = await pair.a.call(pair.b.address, "items")
    assert await asyncio.to_thread(list, stream) == list(range(700))
