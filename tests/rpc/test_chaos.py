"""Two peers over sessions while the network does its worst; a history is kept and checked.

Frames are lost with their socket, come twice, come in the wrong order, or come from a socket of
before. In the end each call must have one outcome, each effect must have happened once, in order.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

import pytest

from imjoy.errors import ImJoyError
from imjoy.protocol.frame import Frame
from imjoy.protocol.session import Session
from imjoy.rpc.addresses import new_id
from imjoy.rpc.peer import Peer


class End:
    """One side: a peer and its session."""

    def __init__(self, net: Network, address: str, piece: int) -> None:
        self.session = Session(self._write, lambda f: self.peer.receive(f), net.now, piece)
        self.peer = Peer(address, lambda frame: self.session.send(frame, net.now))
        self.net = net
        self.other: End

    def _write(self, frame: Frame) -> None:
        copy = Frame(dict(frame.header), frame.body, [bytes(part) for part in frame.buffers])
        self.net.carry(self, copy)


class Network:
    """The way between both, with a clock of its own; `random` decides what goes wrong."""

    def __init__(self, seed: int, piece: int = 64) -> None:
        self.random = random.Random(seed)
        self.now = 0.0
        self.socket = 0
        self.faults: Counter[str] = Counter()
        self.calm = False
        self.a, self.b = End(self, new_id(), piece), End(self, new_id(), piece)
        self.a.other, self.b.other = self.b, self.a
        self._recorded: list[tuple[End, Frame]] = []
        # What is on its way in one direction stays in order, as in a stream of bytes.
        self._ways: dict[End, list[tuple[int, Frame]]] = {self.a: [], self.b: []}

    def carry(self, sender: End, frame: Frame) -> None:
        way = self._ways[sender]
        copies = 1
        if not self.calm:
            if self.random.random() < 0.03:
                copies = 2
                self.faults["twice"] += 1
            if self.random.random() < 0.02 and self._recorded:
                old = self.random.choice(self._recorded)
                if old[0] is sender:
                    way.append((self.socket, self._copy(old[1])))
                    self.faults["replayed"] += 1
        for _ in range(copies):
            way.append((self.socket, self._copy(frame)))
        if not self.calm and len(way) > 1 and self.random.random() < 0.01:
            way[-1], way[-2] = way[-2], way[-1]
            self.faults["reordered"] += 1
        if len(self._recorded) < 200:
            self._recorded.append((sender, self._copy(frame)))
        asyncio.get_running_loop().call_soon(self._arrive, sender)

    @staticmethod
    def _copy(frame: Frame) -> Frame:
        return Frame(dict(frame.header), frame.body, list(frame.buffers))

    def _arrive(self, sender: End) -> None:
        while self._ways[sender]:
            socket, frame = self._ways[sender].pop(0)
            if socket != self.socket:
                continue  # it was lost with its socket
            if not self.calm and self.random.random() < 0.01:
                self.faults["cut"] += 1
                self.cut()
                return
            try:
                sender.other.session.receive(frame, self.now)
            except ImJoyError:
                self.faults["refused"] += 1
                self.cut()

    def cut(self) -> None:
        self.socket += 1
        self.a.session.closed()
        self.b.session.closed()

    def connect(self) -> None:
        self.socket += 1
        received = self.a.session.received, self.b.session.received
        self.a.session.closed()
        self.b.session.closed()
        self.a.session.opened(received[1], self.now)
        self.b.session.opened(received[0], self.now)

    async def run(self, work: asyncio.Future[Any]) -> None:
        """Lets time pass, and connects again and again, until the work is done."""
        rounds = 0
        while not work.done():
            rounds += 1
            assert rounds < 20_000, self.faults
            self.calm = rounds > 2_000
            if not self.a.session.is_open and self.random.random() < 0.3:
                self.connect()
            self.now += self.random.choice([0.01, 0.1, 1.0])
            for end in (self.a, self.b):
                if end.session.tick(self.now, self.now) is not None:
                    self.cut()
            await asyncio.sleep(0)


def seeds(quick: int, slow: int) -> list[Any]:
    return [*range(quick), *(pytest.param(n, marks=pytest.mark.slow) for n in range(quick, slow))]


@pytest.mark.parametrize("seed", seeds(5, 100))
async def test_no_call_is_lost_and_none_has_its_effect_twice(seed: int) -> None:
    net = Network(seed)
    effects: list[int] = []
    answers: list[int] = []

    def act(number: int, data: bytes) -> int:
        effects.append(number)
        assert data == bytes([number % 256]) * len(data)
        return number

    async def act_and_tell(number: int, report: Any) -> int:
        answers.append(await report(number))
        return number

    def fail(number: int) -> None:
        effects.append(number)
        raise ValueError(str(number))

    net.b.peer.export("act", act)
    net.b.peer.export("tell", act_and_tell)
    net.b.peer.export("fail", fail)
    there, caller = net.b.peer.address, net.a.peer

    async def one(number: int) -> Any:
        kind = number % 5
        if kind == 3:
            return await caller.call(there, "tell", number, lambda value: value * 2)
        if kind == 4:
            try:
                await caller.call(there, "fail", number)
            except ImJoyError as error:
                return int(error.message)
        data = bytes([number % 256]) * net.random.choice([0, 10, 1000])
        return await caller.call(there, "act", number, data)

    async def all_of_them() -> list[Any]:
        calls = []
        for number in range(150):
            calls.append(asyncio.ensure_future(one(number)))
            if number % 10 == 0:
                await asyncio.sleep(0)
        return await asyncio.gather(*calls)

    net.connect()
    work = asyncio.ensure_future(all_of_them())
    await net.run(work)
    assert work.result() == list(range(150))
    assert effects == [number for number in range(150) if number % 5 != 3]
    assert sorted(answers) == [2 * number for number in range(150) if number % 5 == 3]
    assert net.faults["cut"] + net.faults["refused"] > 0


@pytest.mark.parametrize("seed", seeds(4, 100))
async def test_a_cancelled_call_has_run_once_or_not_at_all(seed: int) -> None:
    net = Network(seed)
    begun: Counter[int] = Counter()

    async def work(number: int) -> int:
        begun[number] += 1
        await asyncio.sleep(0)
        return number

    net.b.peer.export("work", work)
    there, caller = net.b.peer.address, net.a.peer

    async def all_of_them() -> Counter[str]:
        calls = []
        for number in range(100):
            calls.append(asyncio.ensure_future(caller.call(there, "work", number)))
            await asyncio.sleep(0)
            if number % 3 == 0:
                calls[net.random.randrange(len(calls))].cancel()
        done = await asyncio.gather(*calls, return_exceptions=True)
        return Counter(type(outcome).__name__ for outcome in done)

    net.connect()
    task = asyncio.ensure_future(all_of_them())
    await net.run(task)
    assert set(task.result()) <= {"int", "CancelledError"}
    assert max(begun.values()) == 1


async def test_a_consumer_that_takes_nothing_bounds_what_is_under_way() -> None:
    wrote: list[Frame] = []
    session = Session(wrote.append, lambda frame: None, 0.0)
    session.opened(0, 0.0)
    header = {"type": "result", "id": "1" * 32, "to": "a" * 32, "from": "b" * 32}
    for _ in range(100):
        session.send(Frame(header, "", [memoryview(bytes(1 << 20))]), 0.0)
    under_way = sum(memoryview(part).nbytes for frame in wrote for part in frame.buffers)
    assert under_way <= 8 << 20
    assert session.waiting_frames >= 90
