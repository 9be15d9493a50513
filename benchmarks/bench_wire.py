"""Calls of a Python program to the engine, against python-socketio, bare websockets and the machine.

All are measured in turns in the same run; of python-socketio the better of two servers counts.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import statistics
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import bare_asyncio
import bench_relay
import numpy as np
import psutil
import wire_peers as peers
from loopback import MB, loopback
from records import Record
from wire_rows import Figures, Measured, rows

ROUNDS = 2


def measure() -> list[Record]:
    return asyncio.run(_measure()) + bench_relay.measure()


async def _measure() -> list[Record]:
    makers: dict[str, Callable[[], Any]] = {
        "ours": peers.ours,
        "ours by TCP": lambda: peers.ours(near=False),
        "uvicorn": lambda: peers.stock("uvicorn"),
        "aiohttp": lambda: peers.stock("aiohttp"),
        "bare": peers.bare,
        "bytes": bare_asyncio.bytes_alone,
    }
    works: dict[str, Callable[[Any], Awaitable[Figures]]] = {
        "ours by TCP": by_tcp,
        "bare": lambda peer: echo(peer, 16, 8),
        "bytes": calls,
    }
    found: dict[str, list[Figures]] = {name: [] for name in makers}
    limits = []
    for _ in range(ROUNDS):
        for name, make in makers.items():
            async with make() as peer:
                found[name].append(await works.get(name, figures)(peer))
        limits.append({size: loopback(size * MB) for size in (16, 128)})
    best = {name: pick(rounds) for name, rounds in found.items()}
    measured = Measured(
        best["ours"],
        best["ours by TCP"],
        pick([best["uvicorn"], best["aiohttp"]]),
        best["bytes"],
        best["bare"],
        {size: max(one[size] for one in limits) for size in (16, 128)},
        ROUNDS,
    )
    return rows(measured) + await idle_clients()


def pick(rounds: list[Figures]) -> Figures:
    """The better of the rounds, for each figure: less is better, but for what ends in `/s`."""
    names = {name for one in rounds for name in one}
    return {
        name: (max if name.endswith("/s") else min)(one[name] for one in rounds if name in one)
        for name in names
    }


async def figures(peer: Any) -> Figures:
    """All workloads that a peer of calls can do."""
    found = await calls(peer)
    if hasattr(peer, "call_back"):
        found["callback/s"] = await rate(lambda: peer.call_back(1000), 1000)
        found["stream/s"] = await rate(lambda: peer.stream(10_000), 10_000)
    for size, times_ in ((1, 20), (16, 8), (128, 3)):
        found |= await echo(peer, size, times_)
    return found | await while_large(peer)


async def by_tcp(peer: Any) -> Figures:
    """What is measured of ours beside TCP alone."""
    found = await calls(peer)
    for size, times in ((16, 8), (128, 3)):
        found |= await echo(peer, size, times)
    return found


async def calls(peer: Any) -> Figures:
    """The workloads of calls without content."""
    for _ in range(200):
        await peer.noop()
    found = await one_by_one(peer, 3000)
    found["flight/s"] = await in_flight(peer.noop, 64, 6000)
    found |= await cpu_of(peer, 8000)
    more = [await peer.another() for _ in range(100)]
    found["clients/s"] = await many(more, 4000)
    return found


async def timed(act: Callable[[], Awaitable[Any]]) -> float:
    began = time.perf_counter()
    await act()
    return time.perf_counter() - began


async def rate(act: Callable[[], Awaitable[Any]], count: int) -> float:
    return max([count / await timed(act) for _ in range(2)])


async def in_flight(act: Callable[[], Awaitable[Any]], width: int, count: int) -> float:
    async def lane() -> None:
        for _ in range(count // width):
            await act()

    async def all_lanes() -> None:
        await asyncio.gather(*(lane() for _ in range(width)))

    return await rate(all_lanes, count // width * width)


async def many(acts: list[Callable[[], Awaitable[Any]]], count: int) -> float:
    async def lane(act: Callable[[], Awaitable[Any]]) -> None:
        for _ in range(count // len(acts)):
            await act()

    return await rate(lambda: asyncio.gather(*map(lane, acts)), count)


async def one_by_one(peer: Any, count: int) -> Figures:
    """The time of a call in the middle, and what it takes of the processors at both ends."""
    before = spent(peer)
    times = [await timed(peer.noop) for _ in range(count)]
    cpu = (sum(spent(peer).values()) - sum(before.values())) / count
    return {"noop us": statistics.median(times) * 1e6, "noop cpu us": cpu * 1e6}


async def cpu_of(peer: Any, count: int) -> Figures:
    """Processor time of a call in flight at each end and at both together, in microseconds."""
    before = spent(peer)
    await in_flight(peer.noop, 64, count)
    found = {
        f"cpu {name} us": (seconds - before[name]) / (2 * count) * 1e6
        for name, seconds in spent(peer).items()
    }
    return {**found, "cpu us": sum(found.values())}


def spent(peer: Any) -> Figures:
    """Seconds that the processors have worked for the client and for the server so far."""
    processes = {"client": psutil.Process(), "server": psutil.Process(peer.pid)}
    return {name: sum(one.cpu_times()[:2]) for name, one in processes.items()}


async def echo(peer: Any, size: int, times: int) -> Figures:
    """MB/s of the whole array there and back, and the memory that it took beside the array."""
    array = np.arange(size * MB // 4, dtype="float32")
    await peer.echo(array[:10])
    server = psutil.Process(peer.pid)
    before = server.memory_info().rss
    peak = Peak(peer.pid)
    speeds = []
    with peak:
        for _ in range(times):
            began = time.perf_counter()
            back = await peer.echo(array)
            speeds.append(size / (time.perf_counter() - began))
            assert back[-1] == array[-1] and back.shape == array.shape
            del back
    gc.collect()
    return {f"echo {size}/s": max(speeds), f"memory {size}": (peak.rss - before) / (size * MB)}


class Peak:
    """The most memory that a process had while inside."""

    def __init__(self, pid: int) -> None:
        self._process, self.rss = psutil.Process(pid), 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self._end.wait(0.005):
            self.rss = max(self.rss, self._process.memory_info().rss)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()


async def while_large(peer: Any) -> Figures:
    """A no-op of a second client, and one on the same connection, while 64 MB arrays echo."""
    array = np.zeros(64 * MB // 4, dtype="float32")
    other = await peer.another()
    found = {}
    for name, act in (("beside", other), ("behind", peer.noop)):
        busy = asyncio.create_task(_repeat(lambda: peer.echo(array)))
        await asyncio.sleep(0.2)
        times = []
        end = time.perf_counter() + 4
        while time.perf_counter() < end:
            times.append(await timed(act))
            await asyncio.sleep(0.005)
        busy.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await busy
        found[f"{name} ms"] = statistics.median(times) * 1000
        await peer.noop()
    return found


async def _repeat(act: Callable[[], Awaitable[Any]]) -> None:
    while True:
        await act()


async def idle_clients() -> list[Record]:
    """What 500 connected clients that do nothing cost the engine."""
    count, seconds = 500, 45.0
    async with peers.ours() as peer:
        process = psutil.Process(peer.pid)
        for _ in range(20):
            await peer.noop()
        before = process.memory_info().rss
        limit = asyncio.Semaphore(16)

        async def join() -> None:
            async with limit:
                await peer.another()

        await asyncio.gather(*(join() for _ in range(count - 1)))
        memory = (process.memory_info().rss - before) / count / 1000
        spent = sum(process.cpu_times()[:2])
        await asyncio.sleep(seconds)
        share = (sum(process.cpu_times()[:2]) - spent) / seconds / count * 100
    return [
        Record("memory of an idle client", memory, 200, "the aim", "kB", 1, 1),
        Record("processor of an idle client", share, 0.1, "the aim", "%", 1, 1),
    ]


if __name__ == "__main__":
    from records import show

    print(show(measure()))
