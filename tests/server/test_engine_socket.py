"""A page's peer calls the engine through a real socket: values, arrays, callbacks, a reload."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest
from page_client import Page, linked_peer, run, session_of
from server_harness import RunningServer

from imjoy.engine.engine import Engine
from imjoy.errors import CallCancelled, PeerGone, RemoteError
from imjoy.protocol.frame import Frame
from imjoy.rpc.peer import Peer
from imjoy.settings import Settings


@pytest.fixture
def engine_server(tmp_path: Path, app_dir: Path) -> Iterator[RunningServer]:
    settings = Settings(home=tmp_path / "home")
    with RunningServer(lambda: Engine(settings), settings, app_dir) as running:
        yield running


@contextlib.asynccontextmanager
async def peer_of(server: RunningServer) -> AsyncIterator[tuple[Peer, str]]:
    """A logged-in page's peer, and the engine's address."""
    async with linked_peer(Page(server.port), session_of(server)) as linked:
        yield linked


def export(server: RunningServer, target: str, function: Any) -> None:
    server.loop.call_soon_threadsafe(server.host.peer.export, target, function)


def test_a_page_asks_what_the_engine_is(engine_server: RunningServer) -> None:
    async def work() -> None:
        async with peer_of(engine_server) as (peer, engine):
            assert engine == engine_server.host.address
            info = await peer.call(engine, "engine.info", timeout=10)
            assert info["name"] == "imjoy"
            with pytest.raises(RemoteError) as refused:
                await peer.call(engine, "engine.start", {"id": 1}, {}, timeout=10)
            assert refused.value.code == "protocol.malformed"

    run(work())


@pytest.mark.parametrize("megabytes", [16, 128])
def test_an_array_comes_back_as_it_went(engine_server: RunningServer, megabytes: int) -> None:
    array = numpy.arange(megabytes << 18, dtype="float32").reshape(4, -1)
    export(engine_server, "test.echo", lambda value: value)

    async def work() -> None:
        async with peer_of(engine_server) as (peer, engine):
            back = await peer.call(engine, "test.echo", array, timeout=40)
            assert back.dtype == array.dtype and back.shape == array.shape
            assert numpy.array_equal(back, array)

    run(work())


def test_callbacks_are_called_many_times(engine_server: RunningServer) -> None:
    async def count(to: int, on_step: Any) -> str:
        for number in range(to):
            await on_step(number)
        return "done"

    export(engine_server, "test.count", count)
    steps: list[int] = []

    async def work() -> None:
        async with peer_of(engine_server) as (peer, engine):
            assert await peer.call(engine, "test.count", 50, steps.append, timeout=20) == "done"

    run(work())
    assert steps == list(range(50))


def test_a_reloaded_page_is_a_new_one_and_the_old_calls_end(engine_server: RunningServer) -> None:
    ended: asyncio.Queue[str] = asyncio.Queue()

    async def forever() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.put_nowait("stopped")

    export(engine_server, "test.forever", forever)

    async def work() -> None:
        async with peer_of(engine_server) as (peer, engine):
            call = asyncio.ensure_future(peer.call(engine, "test.forever"))
            assert (await peer.call(engine, "engine.info", timeout=10))["name"] == "imjoy"
        with pytest.raises((PeerGone, CallCancelled)):
            await call
        async with peer_of(engine_server) as (peer, engine):
            assert await peer.call(engine, "engine.list", timeout=10) == []
        for _ in range(100):
            if not ended.empty():
                return
            await asyncio.sleep(0.02)
        raise AssertionError("the call of the old page still runs")

    run(work())


def test_a_forged_sender_is_dropped(engine_server: RunningServer) -> None:
    async def work() -> None:
        async with peer_of(engine_server) as (victim, engine):
            async with peer_of(engine_server) as (attacker, _):
                header = {"type": "call", "id": secrets.token_hex(16), "to": engine,
                          "from": victim.address, "target": "engine.list"}  # fmt: skip
                attacker._send(Frame(header, "[]", []))
                gone = {"type": "gone", "to": victim.address, "from": attacker.address,
                        "peer": engine, "reason": "a lie"}  # fmt: skip
                attacker._send(Frame(gone, "", []))
                assert await attacker.call(engine, "engine.list", timeout=10) == []
            assert (await victim.call(engine, "engine.info", timeout=10))["name"] == "imjoy"

    run(work())
