"""The client's half of Socket.IO against the stock server, and against servers that misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import socketio
import uvicorn

from imjoy.errors import ImJoyError, PeerGone
from imjoy.protocol.frame import Frame
from imjoy.rpc.transports.socketio import EngineAddress, SocketIoConnection, connect
from imjoy.server.near import listen_near, name_of


@contextlib.asynccontextmanager
async def stock_server() -> AsyncIterator[EngineAddress]:
    """python-socketio that welcomes everybody but `bad`, and sends frames back."""
    sio = socketio.AsyncServer(async_mode="asgi", max_http_buffer_size=1 << 26)

    @sio.event
    async def connect(sid: str, environ: Any, auth: Any) -> None:
        if auth["token"] == "bad":
            raise socketio.exceptions.ConnectionRefusedError("auth.bad_token")

    @sio.event
    async def frame(sid: str, *parts: Any) -> None:
        if parts[0].get("type") == "hello":
            await sio.emit("welcome", {"peer": "e"}, to=sid)
        else:
            await sio.emit("frame", parts, to=sid)

    @sio.on("*")
    async def other(event: str, sid: str, *parts: Any) -> None:
        raise AssertionError(event)

    config = uvicorn.Config(socketio.ASGIApp(sio, socketio_path="sub/socket.io"), log_level="error",
                            ws_max_size=1 << 26, lifespan="off")  # fmt: skip
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    task = asyncio.create_task(server.serve([listener]))
    yield EngineAddress.parse(f"http://127.0.0.1:{listener.getsockname()[1]}/sub")
    server.should_exit = True
    await task


async def test_the_stock_server_is_understood() -> None:
    frames: asyncio.Queue[Frame] = asyncio.Queue()
    lost: asyncio.Queue[str] = asyncio.Queue()
    async with stock_server() as address:
        loop = asyncio.get_running_loop()
        _, one = await loop.create_connection(
            lambda: SocketIoConnection(
                address, {"token": "good"}, frames.put_nowait, lost.put_nowait
            ),
            address.host,
            address.port,
        )
        while one._packets is None or one.outlet is None:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.05)
        one.send(Frame({"type": "hello"}, "", []))
        assert await asyncio.wait_for(asyncio.shield(one.ready), 5) == {"peer": "e"}
        for size in (0, 10, 70_000, 3_000_000):
            one.send(Frame({"n": size}, "é", [bytes(size), memoryview(b"x" * size)]))
            back = await asyncio.wait_for(frames.get(), 10)
            assert back.header == {"n": size} and back.body == "é"
            assert [bytes(part) for part in back.buffers] == [bytes(size), b"x" * size]
        one.close()
        assert await asyncio.wait_for(lost.get(), 5)


async def test_a_refusal_has_its_code() -> None:
    async with stock_server() as address:
        with pytest.raises(ImJoyError) as refused:
            await connect(address, {"token": "bad"}, print, print)
        assert refused.value.code == "auth.bad_token"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 404 Not Found\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: wrong\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"x" * (1 << 17),
        b"",
    ],
)
async def test_what_is_no_engine(answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = EngineAddress.parse(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    with pytest.raises((ImJoyError, PeerGone, OSError)):
        await connect(address, {}, print, print)
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("near", [False, True])
async def test_a_connection_that_is_not_wanted_any_more_is_closed(near: bool) -> None:
    arrived: asyncio.Queue[asyncio.StreamReader] = asyncio.Queue()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await arrived.put(reader)
        with contextlib.suppress(ConnectionError):
            await reader.read()
        writer.close()

    listener = listen_near() if near else socket.create_server(("127.0.0.1", 0))
    if listener is None:
        pytest.skip("this system has no such sockets")
    name = name_of(listener) if near else ""
    port = 1 if near else listener.getsockname()[1]
    start = asyncio.start_unix_server if near else asyncio.start_server
    server = await start(serve, sock=listener)
    address = EngineAddress.parse(f"http://127.0.0.1:{port}")
    task = asyncio.create_task(connect(address, {}, print, print, near=name))
    reader = await asyncio.wait_for(arrived.get(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 5) == b""
    server.close()
    await server.wait_closed()


async def test_an_engine_that_says_nothing() -> None:
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.read()
        writer.close()
        ended.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = EngineAddress.parse(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    with pytest.raises(PeerGone, match="did not answer"):
        await connect(address, {}, print, print, seconds=0.2)
    await asyncio.wait_for(ended.wait(), 5)
    server.close()
    await server.wait_closed()


def test_addresses() -> None:
    assert EngineAddress.parse("https://h.example/a//b#x=1") == (True, "h.example", 443, "/a/b/")
    assert EngineAddress.parse("http://[::1]:8080").authority == "[::1]:8080"
    for bad in ("h:80", "ws://h", "http://", ""):
        with pytest.raises(ValueError):
            EngineAddress.parse(bad)
