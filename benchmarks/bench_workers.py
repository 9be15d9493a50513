"""Python plugins beside Appose, Dask and Ray: calls, arrays between two of them, start, death."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import peer_venvs
from records import Record

from imjoy.engine.supervisor import PluginSupervisor
from imjoy.errors import RpcError
from imjoy.rpc.peer import Peer
from imjoy.rpc.router import Router
from imjoy.settings import Settings

HERE = Path(__file__).parent
WORK = HERE / ".work" / "workers"
CALLS, STARTS, TIMES = 1500, 5, 12
SIZE = 100_000_000
ROUNDS = 2
# What each peer is asked to be: op calls and arrays as many times faster.
PEERS = {
    "ray": ("ray", 3.0, None),
    "distributed": ("distributed", 8.0, 3.0),
    "appose": ("appose", 2.5, 9.0),
}

TAKER = """
def noop(value=None):
    return value
def ends(array):
    return int(array[0]) + int(array[-1])
api.export({"noop": noop, "ends": ends})
"""
GIVER = """
import time
import numpy as np
async def give(function, size, times):
    array, seconds = np.full(size, 3, np.uint8), []
    for _ in range(times):
        began = time.perf_counter()
        assert await function(array) == 6
        seconds.append(time.perf_counter() - began)
    return seconds
async def call(function, times):
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        await function()
        seconds.append(time.perf_counter() - began)
    return seconds
def copies(size, times):
    # The limit: into memory that both see, and out of it again.
    array, shared, out = (np.full(size, 3, np.uint8) for _ in range(3))
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        shared[:] = array
        out[:] = shared
        seconds.append(time.perf_counter() - began)
    return seconds
api.export({"give": give, "call": call, "copies": copies})
"""


def measure() -> list[Record]:
    """All rows; the peers are installed first, each in a virtual environment of its own."""
    pythons = {name: peer_venvs.python_of(name, PEERS[name][0]) for name in PEERS}
    ours: list[dict[str, Any]] = []
    theirs: dict[str, list[dict[str, Any]]] = {name: [] for name in PEERS}
    for _ in range(ROUNDS):
        ours.append(asyncio.run(measure_ours()))
        for name, python in pythons.items():
            if python is not None:
                theirs[name].append(peer_venvs.run(name, python, CALLS // 3, SIZE, TIMES))
    return rows(ours, theirs)


def rows(ours: list[dict[str, Any]], theirs: dict[str, list[dict[str, Any]]]) -> list[Record]:
    call, array = median(ours, "noop") * 1e6, best(ours, "array") * 1e3
    found = []
    for name, (label, call_target, array_target) in PEERS.items():
        if theirs[name]:
            peer_call, peer_array = (
                median(theirs[name], "noop") * 1e6,
                best(theirs[name], "array") * 1e3,
            )
            found.append(
                row(
                    f"op call, warm Python plugin, beside {label}",
                    call,
                    peer_call,
                    label,
                    "us",
                    call_target,
                )
            )
            found.append(
                row(
                    f"100 MB to another plugin, beside {label}",
                    array,
                    peer_array,
                    label,
                    "ms",
                    array_target,
                )
            )
    limit = best(ours, "copies") * 1e3
    found.append(row("100 MB to another plugin", array, limit, "copy in and out", "ms", 0.7))
    found.append(
        row("op call from another plugin", median(ours, "between") * 1e6, None, "", "us", None)
    )
    bare = min(bare_start() for _ in range(STARTS)) * 1e3
    found.append(
        row("start of a worker, warm", best(ours, "start") * 1e3, bare, "bare python", "ms", None)
    )
    found.append(
        row("death is noticed", median(ours, "death") * 1e3, 200, "what is allowed", "ms", 1.0)
    )
    return found


def row(
    name: str, ours: float, peer: float | None, peer_name: str, unit: str, target: float | None
) -> Record:
    return Record(name, ours, peer, peer_name, unit, target, ROUNDS)


def median(found: list[dict[str, list[float]]], name: str) -> float:
    return min(statistics.median(one[name]) for one in found)


def best(found: list[dict[str, list[float]]], name: str) -> float:
    return min(min(one[name]) for one in found)


async def measure_ours() -> dict[str, Any]:
    async with plugins() as (caller, supervisor, owner):

        async def start(name: str, script: str, *packages: str) -> str:
            scripts = [{"content": script, "lang": "python", "attrs": {}, "line": 1}]
            config = {"requirements": list(packages)}
            plugin = {"id": name, "name": name, "config": config, "scripts": scripts, "code": ""}
            return str((await supervisor.start(owner, plugin, {}))["peer"])

        taker = await start("taker", TAKER, "numpy")
        giver = await start("giver", GIVER, "numpy")
        ends, noop = caller.remote(taker, "ends"), caller.remote(taker, "noop")
        found: dict[str, Any] = {"noop": [], "start": [], "death": []}
        for _ in range(CALLS):
            began = time.perf_counter()
            await caller.call(taker, "noop")
            found["noop"].append(time.perf_counter() - began)
        found["between"] = await caller.call(giver, "call", noop, CALLS)
        found["array"] = await caller.call(giver, "give", ends, SIZE, TIMES)
        found["copies"] = await caller.call(giver, "copies", SIZE, TIMES)
        for number in range(STARTS):
            began = time.perf_counter()
            address = await start("quick", TAKER)
            if number:  # the first makes the environment
                found["start"].append(time.perf_counter() - began)
            found["death"].append(await death(caller, supervisor, owner, address))
        return found


async def death(caller: Peer, supervisor: PluginSupervisor, owner: str, address: str) -> float:
    """Seconds from SIGKILL to the failure of a call that waits."""
    [pid] = [one["pid"] for one in supervisor.list(owner) if one["id"] == "quick"]
    os.kill(pid, signal.SIGSTOP)
    call = asyncio.ensure_future(caller.call(address, "noop"))
    await asyncio.sleep(0.05)
    began = time.perf_counter()
    os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(RpcError):
        await call
    return time.perf_counter() - began


@contextlib.asynccontextmanager
async def plugins() -> AsyncIterator[tuple[Peer, PluginSupervisor, str]]:
    """An engine's supervisor, and the engine's own peer to call plugins with."""
    engine, owner = secrets.token_hex(16), secrets.token_hex(16)
    router = Router(engine)
    caller = Peer(engine, lambda frame: router.route(frame, engine))
    router.local = caller
    home = WORK / "home"
    home.mkdir(parents=True, exist_ok=True)
    supervisor = PluginSupervisor(Settings(home=home), router, home)
    try:
        yield caller, supervisor, owner
    finally:
        await supervisor.aclose()
        await caller.aclose()


def bare_start() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import asyncio"], check=True)
    return time.perf_counter() - began
