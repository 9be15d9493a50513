"""Whatever the network does to a Python program's connection, each call has one outcome and one effect."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from chaos_proxy import ChaosProxy
from server_harness import TOKEN, RunningServer

import imjoy
from imjoy.errors import CallCancelled

LANES = 6


class Effects:
    """Functions on the engine that note each time they run."""

    def __init__(self, server: RunningServer) -> None:
        self.ran: Counter[Any] = Counter()
        self.order: dict[int, list[int]] = {lane: [] for lane in range(LANES)}
        for name in ("add", "total", "tell", "stream", "wait"):
            function = getattr(self, name)
            server.loop.call_soon_threadsafe(server.host.peer.export, f"chaos.{name}", function)

    async def add(self, lane: int, number: int) -> int:
        self.ran["add", lane, number] += 1
        self.order[lane].append(number)
        await asyncio.sleep(0.001)
        return number

    async def total(self, lane: int, number: int, array: Any) -> Any:
        self.ran["total", lane, number] += 1
        self.order[lane].append(number)
        return array + 1

    async def tell(self, lane: int, number: int, function: Any) -> int:
        self.ran["tell", lane, number] += 1
        self.order[lane].append(number)
        return sum([await function(step) for step in range(5)])

    async def stream(self, lane: int, number: int) -> AsyncIterator[int]:
        self.ran["stream", lane, number] += 1
        self.order[lane].append(number)
        return count_to(20)

    async def wait(self, lane: int, number: int) -> None:
        self.ran["wait", lane, number] += 1
        self.order[lane].append(number)
        await asyncio.sleep(60)


async def count_to(end: int) -> AsyncIterator[int]:
    for number in range(end):
        await asyncio.sleep(0)
        yield number


class Program:
    """Makes calls of all kinds, one after another in each lane, and checks what they give."""

    def __init__(self, engine: imjoy.EngineClient, effects: Effects, seed: int) -> None:
        self.engine, self.effects, self.seed = engine, effects, seed
        self.patience = 60
        self.told: Counter[tuple[int, int, int]] = Counter()
        self.made: Counter[Any] = Counter()

    async def lane(self, lane: int, until: float) -> None:
        chance = random.Random(self.seed * LANES + lane)
        number = 0
        while time.monotonic() < until:
            kind = chance.choice(["add", "add", "add", "total", "tell", "stream", "wait"])
            self.made[kind, lane, number] += 1
            await asyncio.wait_for(getattr(self, kind)(lane, number, chance), self.patience)
            number += 1

    async def add(self, lane: int, number: int, _: random.Random) -> None:
        assert await self.engine.call("chaos.add", lane, number) == number

    async def total(self, lane: int, number: int, chance: random.Random) -> None:
        array = np.full(chance.choice([10, 50_000, 1_500_000]), number, np.int32)
        back = await self.engine.call("chaos.total", lane, number, array)
        assert back.shape == array.shape
        assert (back == number + 1).all()

    async def tell(self, lane: int, number: int, _: random.Random) -> None:
        async def hear(step: int) -> int:
            self.told[lane, number, step] += 1
            return step

        assert await self.engine.call("chaos.tell", lane, number, hear) == 10

    async def stream(self, lane: int, number: int, _: random.Random) -> None:
        items = await self.engine.call("chaos.stream", lane, number)
        assert [item async for item in items] == list(range(20))

    async def wait(self, lane: int, number: int, chance: random.Random) -> None:
        call = asyncio.ensure_future(self.engine.call("chaos.wait", lane, number))
        await asyncio.sleep(chance.random() * 0.05)
        call.cancel()
        with contextlib.suppress(asyncio.CancelledError, CallCancelled):
            await call

    def check(self) -> None:
        for call, count in self.made.items():
            # A cancelled call has run once, or was taken back before.
            assert self.effects.ran[call] in ({0, 1} if call[0] == "wait" else {count}), call
        assert set(self.effects.ran) <= set(self.made)
        assert all(count == 1 for count in self.told.values())
        for numbers in self.effects.order.values():
            assert numbers == sorted(numbers)


async def disturb(proxy: ChaosProxy, until: float, seed: int) -> None:
    chance = random.Random(seed)
    while time.monotonic() < until:
        await asyncio.sleep(chance.random() * 0.4)
        what = chance.choice(["cut", "cut", "reset", "hang", "refuse", "dribble"])
        if what in ("cut", "reset"):
            await asyncio.to_thread(proxy.cut, what == "reset")
        elif what == "hang":
            await asyncio.to_thread(proxy.hang)
            await asyncio.sleep(chance.random() * 0.3)
            if chance.random() < 0.5:
                await asyncio.to_thread(proxy.cut)
            await asyncio.to_thread(proxy.flow)
        elif what == "refuse":
            proxy.refuses = True
            await asyncio.to_thread(proxy.cut)
            await asyncio.sleep(0.2)
            proxy.refuses = False
        else:
            proxy.dribble = chance.choice([0, 7, 1000])


@pytest.mark.parametrize(("seed", "seconds"), [(1, 4), pytest.param(2, 45, marks=pytest.mark.slow)])
@pytest.mark.timeout(150)
async def test_each_call_has_one_outcome_and_one_effect(
    engine_server: RunningServer, seed: int, seconds: int
) -> None:
    proxy = ChaosProxy(engine_server.port)
    effects = Effects(engine_server)
    try:
        async with imjoy.connect(f"http://127.0.0.1:{proxy.port}", TOKEN, near=False) as engine:
            program, until = Program(engine, effects, seed), time.monotonic() + seconds
            lanes = [program.lane(lane, until) for lane in range(LANES)]
            await asyncio.gather(disturb(proxy, until, seed), *lanes)
            proxy.dribble, proxy.refuses = 0, False
            await asyncio.wait_for(engine.call("chaos.add", 0, 10**6), 30)
            program.made["add", 0, 10**6] += 1
            program.check()
            assert proxy.connections > 3
            assert len(engine.peer._pending) == 0
    finally:
        proxy.close()
