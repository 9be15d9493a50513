"""One connection that two threads read in turns: nothing is lost, read twice or out of order."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from typing import Any

import pytest

from imjoy.protocol import messages
from imjoy.protocol.frame import Frame
from imjoy.rpc.transports import turns
from imjoy.rpc.transports.stream import StreamTransport

A, B = "a" * 32, "b" * 32

pytestmark = pytest.mark.skipif(not turns.is_available(), reason="only Linux has epoll")


def frame(number: int) -> Frame:
    return Frame(messages.result(f"{number:032d}", A, B), str(number), [])


class Pair:
    """A sender, and a receiver that notes what came and in which thread it was read."""

    def __init__(self) -> None:
        left, right = socket.socketpair()
        self.got: list[tuple[int, int]] = []
        self.before: list[int] = []
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.sender = StreamTransport(left, lambda frame: None, lambda reason: None)
        self.receiver = StreamTransport(right, self.take, self.closed.set_result)
        self.turns = turns.ReadingTurns(
            self.receiver, lambda: self.before.append(threading.get_ident())
        )

    def take(self, frame: Frame) -> None:
        self.got.append((int(frame.body), threading.get_ident()))

    async def until(self, count: int) -> None:
        for _ in range(1000):
            if len(self.got) >= count:
                return
            await asyncio.sleep(0.005)
        raise AssertionError(f"only {len(self.got)} of {count} came")

    def close(self) -> None:
        self.sender.close()
        self.receiver.close()


@pytest.fixture
async def pair() -> Any:
    pair = Pair()
    yield pair
    pair.close()


async def test_the_loop_reads_unless_another_thread_does(pair: Pair) -> None:
    loop_thread = threading.get_ident()
    pair.sender.send(frame(0))
    await pair.until(1)
    assert pair.before
    await asyncio.to_thread(pair.turns.take)
    pair.sender.send(frame(1))
    await asyncio.sleep(0.05)
    assert len(pair.got) == 1, "the loop has read although it was not its turn"
    await asyncio.to_thread(pair.turns.read)
    assert len(pair.got) == 2
    pair.sender.send(frame(2))
    pair.turns.give()
    await pair.until(3)
    assert [number for number, _ in pair.got] == [0, 1, 2]
    assert [thread == loop_thread for _, thread in pair.got] == [True, False, True]
    assert set(pair.before) == {loop_thread}


async def test_the_loop_rests_while_it_is_not_its_turn(pair: Pair) -> None:
    await asyncio.to_thread(pair.turns.take)
    pair.sender.send(frame(0))
    await asyncio.sleep(0.02)
    began = time.thread_time()
    await asyncio.sleep(0.3)
    assert time.thread_time() - began < 0.1, "the loop goes round although nothing is for it"
    pair.turns.give()
    await pair.until(1)


async def test_who_reads_already_may_take_its_turn_again(pair: Pair) -> None:
    def work() -> None:
        pair.turns.take()
        pair.turns.take()
        pair.turns.give()
        pair.turns.give()

    await asyncio.to_thread(work)
    pair.sender.send(frame(0))
    await pair.until(1)


async def test_turns_at_random_keep_the_order(pair: Pair) -> None:
    count, ended = 3000, threading.Event()

    def reader() -> None:
        while not ended.is_set():
            pair.turns.take()
            try:
                pair.turns.read()
            finally:
                pair.turns.give()
            time.sleep(0.0002)

    thread = threading.Thread(target=reader)
    thread.start()
    try:
        for number in range(count):
            pair.sender.send(frame(number))
            if number % 50 == 0:
                await asyncio.sleep(0)
        await pair.until(count)
    finally:
        ended.set()
        await asyncio.to_thread(thread.join)
    assert [number for number, _ in pair.got] == list(range(count))


async def test_an_end_that_another_thread_reads_is_told_on_the_loop(pair: Pair) -> None:
    await asyncio.to_thread(pair.turns.take)
    pair.sender.close()
    await asyncio.to_thread(pair.turns.read)
    pair.turns.give()
    assert "closed" in await asyncio.wait_for(pair.closed, 5)
    pair.turns.take()  # a thread that waits must not stumble over it
    pair.turns.give()
