"""One client calls another through the engine, as through the server of Hypha."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import peer_venvs
import wire_peers
from engines import stop
from loopback import MB, loopback
from records import Record

HERE = Path(__file__).resolve().parent
# Without the two last ones its server does not start today.
PACKAGES = ("hypha[s3]==0.21.137", "hypha-rpc==0.21.47", "sqlmodel==0.0.22")
CALLS, SIZE, TIMES, WIDTH = 1500, 16, 6, 64
ROUNDS = 2
HYPHA = "Hypha without compression, which relays too"
Times = dict[str, list[float]]


def measure() -> list[Record]:
    """The rows; Hypha is installed first, in a virtual environment of its own."""
    python = peer_venvs.python_of("hypha", *PACKAGES)
    ours: list[Times] = []
    theirs: list[Times] = []
    for _ in range(ROUNDS):
        ours.append(asyncio.run(measure_ours()))
        if python is not None:
            theirs.append(peer_venvs.run("hypha", python, CALLS, SIZE, TIMES))
    return rows(ours, theirs)


def rows(ours: list[Times], theirs: list[Times]) -> list[Record]:
    def row(name: str, key: str, unit: str, target: float) -> Record:
        scale = {"us": 1e6, "ms": 1e3}[unit]
        peer = middle(theirs, key) * scale if theirs else None
        whose = HYPHA if theirs else ""
        return Record(name, middle(ours, key) * scale, peer, whose, unit, target, ROUNDS)

    return [
        row("call to another client, p50", "noop", "us", 5),
        row("call to another client, 64 in flight", "flight", "us", 30),
        row("16 MB to another client and back", "echo", "ms", 30),
        Record("16 MB to another client, beside TCP", middle(ours, "echo") * 1e3,
               2 * SIZE / loopback(SIZE * MB) * 1e3, "TCP on this machine, twice", "ms", None,
               ROUNDS),
    ]  # fmt: skip


def middle(rounds: list[Times], key: str) -> float:
    """The better of the rounds."""
    return min(statistics.median(one[key]) for one in rounds)


async def measure_ours() -> Times:
    async with wire_peers.ours() as peer, provider(peer.url) as address:
        noop, echo = (peer.engine.remote(address, name) for name in ("noop", "echo"))
        for _ in range(200):
            await noop()
        found: Times = {"noop": [await timed(noop) for _ in range(CALLS)]}
        found["flight"] = [await in_flight(noop, 4 * CALLS) for _ in range(2)]
        array = np.arange(SIZE * MB // 4, dtype="float32")
        found["echo"] = []
        for _ in range(TIMES):
            began = time.perf_counter()
            back = await echo(array)
            found["echo"].append(time.perf_counter() - began)
            assert back[-1] == array[-1]
        return found


@asynccontextmanager
async def provider(url: str) -> AsyncIterator[str]:
    """The address of a client in another process."""
    command = [sys.executable, str(HERE / "relay_provider.py"), url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield (await asyncio.to_thread(process.stdout.readline)).strip()
    finally:
        await asyncio.to_thread(stop, process)
        process.stdout.close()


async def timed(act: Any) -> float:
    began = time.perf_counter()
    await act()
    return time.perf_counter() - began


async def in_flight(act: Any, count: int) -> float:
    """Seconds of a call when so many are under way."""

    async def lane() -> None:
        for _ in range(count // WIDTH):
            await act()

    began = time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(WIDTH)))
    return (time.perf_counter() - began) / (count // WIDTH * WIDTH)


if __name__ == "__main__":
    from records import show

    print(show(measure()))
