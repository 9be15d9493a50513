"""A network that is away for half a minute, or for ten: calls wait, none is lost, none runs twice.

In real time, with the clocks of the session as they are.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from chaos_proxy import ChaosProxy
from server_harness import TOKEN, RunningServer

import imjoy

from .test_chaos import LANES, Effects, Program

HALF_A_MINUTE = pytest.param(30, marks=[pytest.mark.slow, pytest.mark.timeout(180)])
TEN_MINUTES = pytest.param(600, marks=[pytest.mark.soak, pytest.mark.timeout(900)])


class LongCalls:
    """Calls that are under way when the network goes."""

    def __init__(self, server: RunningServer) -> None:
        self.ran = 0
        for name in ("finish", "count"):
            function = getattr(self, name)
            server.loop.call_soon_threadsafe(server.host.peer.export, f"long.{name}", function)

    async def finish(self, seconds: float, array: Any) -> Any:
        """Ends while nobody can be told."""
        self.ran += 1
        await asyncio.sleep(seconds)
        return array + 1

    async def count(self) -> AsyncIterator[int]:
        async def items() -> AsyncIterator[int]:
            for number in range(1000):
                await asyncio.sleep(0.001)
                yield number

        return items()


@pytest.mark.parametrize("seconds", [HALF_A_MINUTE, TEN_MINUTES])
@pytest.mark.parametrize("way", ["away", "half-open"])
async def test_calls_outlive_a_long_cut(
    engine_server: RunningServer, seconds: int, way: str
) -> None:
    proxy = ChaosProxy(engine_server.port)
    effects, long_calls = Effects(engine_server), LongCalls(engine_server)
    try:
        async with imjoy.connect(f"http://127.0.0.1:{proxy.port}", TOKEN, near=False) as engine:
            program = Program(engine, effects, seed=seconds)
            program.patience = seconds + 60
            until = time.monotonic() + seconds + 16  # it tries again every ten seconds
            lanes = asyncio.gather(*(program.lane(lane, until) for lane in range(LANES)))
            array = np.arange(1_000_000)
            calls = [engine.call("long.finish", seconds / 2, array + n) for n in range(5)]
            answers = asyncio.gather(*calls)
            items = await engine.call("long.count")
            got = [await anext(items) for _ in range(10)]
            await asyncio.sleep(2)
            made = sum(program.made.values())
            await cut(proxy, way, seconds)
            got += [item async for item in items]
            for number, back in enumerate(await asyncio.wait_for(answers, 60)):
                assert (back == array + number + 1).all()
            await asyncio.wait_for(lanes, 60)
            assert got == list(range(1000))
            assert long_calls.ran == 5
            assert sum(program.made.values()) > made + LANES  # it went on afterwards
            program.check()
            assert len(engine.peer._pending) == 0
            assert engine._link is not None and engine._link._generation > 1
    finally:
        proxy.close()


async def cut(proxy: ChaosProxy, way: str, seconds: int) -> None:
    """The network is away, and says so; or takes everything and brings nothing."""
    if way == "away":
        proxy.refuses = True
        await asyncio.to_thread(proxy.cut)
        await asyncio.sleep(seconds)
        proxy.refuses = False
    else:
        await asyncio.to_thread(proxy.hang)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(proxy.flow)
