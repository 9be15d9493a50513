"""A Python program joins an engine: calls, arrays, callbacks, plugins, and lost connections."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy
import pytest
from server_harness import TOKEN, RunningServer, make_app

import imjoy
import imjoy.client.link
import imjoy.server.socketio
from imjoy.client import EngineClient
from imjoy.client.link import EngineLink
from imjoy.client.login import code_of, log_in, log_out
from imjoy.engine.engine import Engine
from imjoy.errors import (
    AuthError,
    CallCancelled,
    EngineRestarted,
    ImJoyError,
    ManifestError,
    OutcomeUnknown,
    PeerGone,
    PeerUnknown,
    RemoteError,
)
from imjoy.protocol.context import Codec
from imjoy.rpc.transports.socketio import EngineAddress
from imjoy.settings import Settings

PLUGIN = """
<config lang="json">{"name": "Adder", "type": "native-python", "version": "1.0.0"}</config>
<script lang="python">
import asyncio
from imjoy import api
print('ready')
class Plugin:
    def setup(self):
        pass
    def add(self, a, b):
        return a + b
    async def count(self, to, tell):
        for number in range(to):
            await tell(number)
        return to
    def fail(self):
        raise ValueError("no good")
    async def wait(self):
        await asyncio.sleep(60)
    async def frames(self, count):
        for number in range(count):
            yield number
    def made(self, count):
        return self.frames(count)
    def give(self, take):
        return take(self.frames(3))
    async def first(self, stream):
        async for item in stream:
            return item
    def stop(self):
        return "its own"
api.export(Plugin())
</script>
"""


def url(server: RunningServer) -> str:
    return f"http://127.0.0.1:{server.port}"


def client(server: RunningServer, near: bool = True) -> EngineClient:
    return imjoy.connect(url(server), TOKEN, near=near)


def family(engine: EngineClient) -> int:
    """Of the socket that the client is connected by."""
    assert engine._link is not None and engine._link._connection is not None
    return int(engine._link._connection.transport.get_extra_info("socket").family)


async def cut(engine: EngineClient) -> None:
    """Break the connection while it is used."""
    await asyncio.sleep(0.01)
    link = engine._link
    while link is None or link._connection is None:
        await asyncio.sleep(0.001)
    link._connection.transport.abort()
    await asyncio.sleep(0.01)


def export(server: RunningServer, target: str, function: Any) -> None:
    server.loop.call_soon_threadsafe(server.host.peer.export, target, function)


@pytest.mark.parametrize("near", [True, False])
async def test_calls_and_arrays(engine_server: RunningServer, near: bool) -> None:
    export(engine_server, "test.echo", lambda value: value)
    async with client(engine_server, near) as engine:
        assert engine.is_connected
        is_unix = family(engine) == getattr(socket, "AF_UNIX", None)
        assert is_unix is (near and sys.platform.startswith("linux"))
        assert (await engine.call("engine.info"))["name"] == "imjoy"
        array = numpy.arange(5_000_000, dtype="float32").reshape(1000, -1)
        back = await engine.call("test.echo", array)
        assert back.dtype == array.dtype and numpy.array_equal(back, array)
        back[0, 0] = 5  # what arrives may be written to
        for size in (0, 1, 1000, 70_000, 700_000):
            value = {"a": array.ravel()[:size], "b": "é", "c": bytes(size)}
            got = await engine.call("test.echo", value)
            assert numpy.array_equal(got["a"], value["a"]) and bytes(got["c"]) == value["c"]
    assert not engine.is_connected
    with pytest.raises(PeerGone):
        await engine.call("engine.info")


async def test_the_socket_is_closed_when_the_connection_has_ended(
    engine_server: RunningServer,
) -> None:
    async with client(engine_server) as engine:
        assert engine._link is not None and engine._link._connection is not None
        connection = engine._link._connection.transport.get_extra_info("socket")
        assert connection.fileno() != -1
    assert connection.fileno() == -1


async def test_where_there_is_no_socket_of_the_machine_the_network_is_used(
    engine_server: RunningServer,
) -> None:
    login = await log_in(EngineAddress.parse(url(engine_server)), {"token": TOKEN})
    for near in ("imjoy-of-another-machine", "x" * 5000):
        address = EngineAddress.parse(url(engine_server))
        link = EngineLink(address, login.session, lambda frame: None, lambda *_: None, near=near)
        await link.open()
        assert link.is_connected
        await link.stop()
        await link.aclose()
    await log_out(EngineAddress.parse(url(engine_server)), login.session)


async def test_memory_of_large_arrays_is_used_again_from_the_beginning(
    engine_server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    trimmed: list[float] = []
    kept = SimpleNamespace(trim=trimmed.append, clear=trimmed.clear)
    monkeypatch.setattr(imjoy.client.link, "memory", kept)
    async with client(engine_server) as engine:
        await engine.call("engine.info")
        assert trimmed


async def test_the_address_that_the_engine_prints_works_once(engine_server: RunningServer) -> None:
    link = f"{url(engine_server)}/#code={engine_server.app.keys.codes.issue()}"
    engine = await imjoy.connect(link)
    assert await engine.call("engine.list") == []
    await engine.aclose()
    await engine.aclose()
    with pytest.raises(AuthError) as refused:
        await imjoy.connect(link)
    assert refused.value.code == "auth.bad_token"
    assert code_of("http://h/#x") is None


async def test_who_cannot_connect_is_told_why(engine_server: RunningServer) -> None:
    with pytest.raises(AuthError):
        await imjoy.connect(url(engine_server), "imt_wrong")
    with pytest.raises(PeerGone, match="no engine"):
        await imjoy.connect("http://127.0.0.1:9", TOKEN)
    with pytest.raises(ValueError, match="token"):
        imjoy.connect(url(engine_server))
    with pytest.raises(ValueError, match="address"):
        imjoy.connect("127.0.0.1", TOKEN)


async def test_a_plugin(engine_server: RunningServer, tmp_path: Path) -> None:
    file = tmp_path / "adder.imjoy.html"
    file.write_text(PLUGIN, "utf-8")
    lines: list[Any] = []
    steps: list[Any] = []
    async with client(engine_server) as engine:
        plugin = await engine.start(file, on_log=lines.append, on_progress=steps.append)
        assert set(plugin.functions) >= {"add", "count", "fail"}
        assert await plugin.add(2, b=3) == 5
        told: list[int] = []
        assert await plugin.count(30, told.append) == 30 and told == list(range(30))
        with pytest.raises(RemoteError, match="no good") as error:
            await plugin.fail()
        assert error.value.name == "ValueError" and "fail" in str(error.value.traceback)
        with pytest.raises(AttributeError):
            plugin.missing  # noqa: B018
        assert any("ready" in line["text"] for line in await plugin.log())
        assert len(await engine.call("engine.list")) == 1
        assert await plugin.function("stop")() == "its own"
        assert await plugin.stop() and not await plugin.stop()
        assert steps and lines
        with pytest.raises(ManifestError):
            await engine.start("<p>nothing</p>")


async def test_the_plugins_of_a_program_end_with_it(engine_server: RunningServer) -> None:
    async with client(engine_server) as engine:
        await engine.start(PLUGIN)
        supervisor = engine_server.host.supervisor
        assert supervisor._plugins
    for _ in range(300):
        if not supervisor._plugins:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the plugin still runs")


async def test_no_call_is_lost_when_the_connection_breaks(engine_server: RunningServer) -> None:
    ran: list[int] = []

    async def slow(number: int) -> int:
        ran.append(number)
        await asyncio.sleep(0.002)
        return number

    export(engine_server, "test.slow", slow)
    async with client(engine_server) as engine:
        calls = []
        for number in range(300):
            calls.append(asyncio.ensure_future(engine.call("test.slow", number)))
            if number % 100 == 50:
                await cut(engine)
        assert await asyncio.wait_for(asyncio.gather(*calls), 30) == list(range(300))
        assert sorted(ran) == list(range(300))


async def test_cancelling_reaches_the_engine(engine_server: RunningServer) -> None:
    ended = asyncio.Event()
    here = asyncio.get_running_loop()

    async def forever() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            here.call_soon_threadsafe(ended.set)

    export(engine_server, "test.forever", forever)
    async with client(engine_server) as engine:
        call = asyncio.ensure_future(engine.call("test.forever"))
        await engine.call("engine.list")
        call.cancel()
        await asyncio.wait_for(ended.wait(), 5)
        with pytest.raises((asyncio.CancelledError, CallCancelled)):
            await call


async def test_objects_of_a_class_of_ones_own(engine_server: RunningServer) -> None:
    export(engine_server, "test.echo", lambda value: value)
    async with client(engine_server) as engine:
        engine.register_codec("path", Path, encoder=str, decoder=Path)
        assert await engine.call("test.echo", [Path("a/b")]) == ["a/b"]  # it has no codec
        engine_server.host.peer.codecs.register(Codec("path", Path, str, Path))
        assert await engine.call("test.echo", [Path("a/b")]) == [Path("a/b")]


async def test_more_large_calls_at_once_than_may_be_under_way(engine_server: RunningServer) -> None:
    export(engine_server, "test.size", len)
    async with client(engine_server) as engine:
        connection = engine._link and engine._link._connection
        sizes = range(600_000, 600_300)
        calls = [engine.call("test.size", bytes(size)) for size in sizes]
        assert await asyncio.gather(*calls) == list(sizes)
        assert engine._link is not None and engine._link._connection is connection


async def test_a_message_over_the_limits_ends_alone(
    engine_server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(engine_server, "test.size", len)
    async with client(engine_server) as engine:
        plugin = await engine.start(PLUGIN)
        limits = {**imjoy.server.socketio.LIMITS, "body": 1000}
        monkeypatch.setattr(imjoy.server.socketio, "LIMITS", limits)
        connection = engine._link and engine._link._connection
        for _ in range(2):
            with pytest.raises(ImJoyError) as refused:
                await wait_for(engine.call("test.size", "x" * 5000))
            assert refused.value.code == "protocol.too_large"
            # What comes back to a plugin is refused alone too.
            with pytest.raises(RemoteError, match="too large"):
                await wait_for(plugin.count(1, lambda number: "x" * 5000))
            assert await wait_for(engine.call("test.size", "x")) == 1
        assert engine._link is not None and engine._link._connection is connection


async def test_large_transfers_are_told_in_bytes(engine_server: RunningServer) -> None:
    told: list[tuple[str, int, int]] = []
    volume = numpy.arange(4 << 20, dtype="uint16")
    export(engine_server, "test.echo", lambda value: value)
    async with client(engine_server) as engine:
        with engine.transfers(lambda *facts: told.append(facts)):
            calls = [engine.call("test.echo", value) for value in (volume, 1)]
            echo, _ = await asyncio.gather(*calls)
        assert (echo == volume).all()
        seen = len(told)
        await engine.call("test.echo", volume)  # not within
        assert len(told) == seen
    for way in ("sent", "received"):
        steps = [done for one, done, _ in told if one == way]
        assert steps == sorted(steps) and len(steps) > 4
        assert {total for one, _, total in told if one == way} == {volume.nbytes}
        assert steps[-1] == volume.nbytes


async def test_a_transfer_goes_on_when_what_follows_it_fails(
    engine_server: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    def tell(way: str, done: int, total: int) -> None:
        raise RuntimeError("no display")

    export(engine_server, "test.size", len)
    async with client(engine_server) as engine:
        with engine.transfers(tell):
            assert await engine.call("test.size", bytes(8 << 20)) == 8 << 20
    assert caplog.text.count("is told no more") == 1


async def test_streams_of_a_plugin_and_to_it(engine_server: RunningServer) -> None:
    async def all_of(stream: Any) -> list[Any]:
        return [item async for item in stream]

    async with client(engine_server) as engine:
        plugin = await engine.start(PLUGIN)
        assert await all_of(await plugin.frames(3)) == [0, 1, 2]
        assert await all_of(await plugin.made(300)) == list(range(300))
        assert await plugin.give(all_of) == [0, 1, 2]


async def test_what_a_plugin_does_not_need_any_more_is_given_back(
    engine_server: RunningServer,
) -> None:
    closed = []

    async def numbers() -> AsyncIterator[int]:
        try:
            for number in range(100_000):
                yield number
        finally:
            closed.append(True)

    async with client(engine_server) as engine:
        plugin = await engine.start(PLUGIN)
        for _ in range(50):
            await plugin.count(1, lambda number: None)
        assert await plugin.first(numbers()) == 0
        while len(engine.peer._exports) > 0 or not closed:
            await asyncio.sleep(0.01)


async def test_an_engine_that_is_started_again_ends_the_calls(tmp_path: Path) -> None:
    settings, app = Settings(home=tmp_path / "home"), make_app(tmp_path / "app")
    first = RunningServer(lambda: Engine(settings), settings, app)
    first.__enter__()
    async with client(first) as engine:
        plugin = await engine.start(PLUGIN)
        call = asyncio.ensure_future(wait_for(plugin.wait()))
        assert await plugin.add(1, 2) == 3
        await asyncio.to_thread(first.__exit__)
        second = RunningServer(lambda: Engine(settings), settings, app, first.port)
        await asyncio.to_thread(second.__enter__)
        try:
            with pytest.raises(EngineRestarted):
                await asyncio.wait_for(call, 20)
            with pytest.raises(PeerUnknown):  # what is known of the engine of before
                await asyncio.wait_for(plugin.add(1, 2), 10)
            assert await asyncio.wait_for(engine.call("engine.list"), 10) == []
        finally:
            await engine.aclose()
            await asyncio.to_thread(second.__exit__)


async def wait_for(result: Any) -> Any:
    return await result


async def test_an_engine_that_has_forgotten_the_session_ends_the_calls(
    engine_server: RunningServer,
) -> None:
    async def forever() -> None:
        await asyncio.sleep(60)

    export(engine_server, "test.forever", forever)
    async with client(engine_server) as engine:
        call = asyncio.ensure_future(engine.call("test.forever"))
        await engine.call("engine.list")
        assert engine._link is not None
        engine._link._proof = {"id": "0" * 32, "key": "unknown to a new engine"}
        await cut(engine)
        with pytest.raises(OutcomeUnknown):
            await asyncio.wait_for(call, 10)
        assert await asyncio.wait_for(engine.call("engine.list"), 10) == []


async def test_who_is_logged_out_is_told(engine_server: RunningServer) -> None:
    async def forever() -> None:
        await asyncio.sleep(60)

    export(engine_server, "test.forever", forever)
    async with client(engine_server) as engine:
        call = asyncio.ensure_future(engine.call("test.forever"))
        await engine.call("engine.list")
        sent = {"Authorization": f"Bearer {engine._session}"}
        await asyncio.to_thread(engine_server.ask, "/api/logout", sent, "POST", b"")
        with pytest.raises(PeerGone, match="refused"):
            await asyncio.wait_for(call, 10)
