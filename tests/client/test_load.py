"""Many calls for long, and many clients at once: an engine in a process of its own, under load."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import imjoy

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
from wire_engine import TOKEN  # noqa: E402

CALLS_A_SECOND, SECONDS = 1000, 60
CLIENTS = 500


@contextlib.contextmanager
def engine_process() -> Iterator[tuple[str, psutil.Process]]:
    """An engine with a function `noop` and one `echo`: its address and its process."""
    command = [sys.executable, str(BENCHMARKS / "wire_engine.py")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        yield f"http://127.0.0.1:{port}", psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def spent(process: psutil.Process) -> float:
    return sum(process.cpu_times()[:2])


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_a_thousand_calls_a_second_for_a_minute_are_answered_soon_and_nothing_grows() -> None:
    times: list[float] = []
    memory: list[int] = []

    async def call(engine: imjoy.EngineClient, number: int) -> None:
        began = time.perf_counter()
        assert await engine.call("echo", {"n": [number, "text"]}) == {"n": [number, "text"]}
        times.append(time.perf_counter() - began)

    with engine_process() as (url, process):
        async with imjoy.connect(url, TOKEN) as engine:
            begin, number, calls = time.perf_counter(), 0, set()
            while number < CALLS_A_SECOND * SECONDS:
                due = int((time.perf_counter() - begin) * CALLS_A_SECOND)
                while number < due:
                    task = asyncio.create_task(call(engine, number))
                    calls.add(task)
                    task.add_done_callback(calls.discard)
                    number += 1
                if number >= CALLS_A_SECOND * (10 + len(memory) * 10):
                    memory.append(process.memory_info().rss)
                await asyncio.sleep(0.001)
            await asyncio.gather(*calls)
            assert len(engine.peer._pending) == 0
    assert len(times) >= CALLS_A_SECOND * SECONDS
    assert sorted(times)[len(times) * 99 // 100] < 0.1
    # After the first ten seconds all that is kept of past calls is there.
    assert memory[-1] - memory[0] < 10_000_000, memory


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_five_hundred_idle_clients_cost_next_to_nothing() -> None:
    with engine_process() as (url, process):
        async with contextlib.AsyncExitStack() as stack:
            limit = asyncio.Semaphore(16)

            async def join() -> imjoy.EngineClient:
                async with limit:
                    return await stack.enter_async_context(imjoy.connect(url, TOKEN))

            first = await join()
            for _ in range(100):
                await first.call("noop")
            before = process.memory_info().rss
            clients = await asyncio.gather(*(join() for _ in range(CLIENTS - 1)))
            assert (process.memory_info().rss - before) / CLIENTS < 200_000
            begin = spent(process)
            await asyncio.sleep(20)
            assert (spent(process) - begin) / 20 / CLIENTS < 0.001
            assert all(client.is_connected for client in clients)
            await asyncio.gather(*(client.call("noop") for client in clients))
