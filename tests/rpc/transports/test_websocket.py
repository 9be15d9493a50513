"""Two ends of an open WebSocket: messages of all sizes, pings, and every way to end."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from typing import Any

import pytest

from imjoy.rpc.transports import websocket
from imjoy.rpc.transports.websocket import WebSocketConnection
from imjoy.wire.websocket import Overlong, frame_head


class End(WebSocketConnection):
    """Keeps what it hears; sends binary messages back when it is the server."""

    def __init__(self, masks: bool, limit: int = 1 << 26, strict: bool = True) -> None:
        super().__init__(masks)
        self.heard: asyncio.Queue[Any] = asyncio.Queue()
        self.ended: asyncio.Future[str] = self.loop.create_future()
        self._limit, self._strict = limit, strict

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.open(self._limit, self._strict)

    def on_text(self, text: Any) -> None:
        if text == "fail":
            raise RuntimeError("a handler that fails")
        self.heard.put_nowait(text)

    def on_binary(self, data: Any) -> None:
        if self._masks:
            self.heard.put_nowait(data)
        else:
            self.send_binary(data)

    def on_end(self, reason: str) -> None:
        self.ended.set_result(reason)


async def ends(**options: Any) -> tuple[End, End]:
    loop = asyncio.get_running_loop()
    left, right = socket.socketpair()
    for one in (left, right):
        one.setblocking(False)
    _, client = await loop.create_connection(lambda: End(True), sock=left)
    _, server = await loop.create_connection(lambda: End(False, **options), sock=right)
    return client, server


async def test_messages_of_all_sizes_come_back() -> None:
    client, server = await ends()
    rng = random.Random(5)
    sizes = [0, 1, 125, 126, 65535, 65536, 1 << 20, 5_000_001] + [10] * 50 + [200_000] * 20
    messages = [rng.randbytes(size) for size in sizes]
    for message in messages:
        client.send_binary(memoryview(message))
    for message in messages:
        assert bytes(await asyncio.wait_for(client.heard.get(), 10)) == message
    client.send_text("käse")
    assert await asyncio.wait_for(server.heard.get(), 5) == "käse"
    client.close(1000)
    assert await asyncio.wait_for(client.ended, 5) == "the connection was lost"
    await asyncio.wait_for(server.ended, 5)
    assert client.queued == server.queued == 0


async def test_any_byte_is_a_sign_of_life() -> None:
    client, server = await ends()
    client.ping()
    await asyncio.sleep(0.02)
    assert server.has_moved() and client.has_moved()
    assert not server.has_moved() and not client.has_moved()
    client.abort()
    await asyncio.wait_for(server.ended, 5)


async def test_what_is_sent_is_a_sign_of_life_only_when_it_had_to_wait() -> None:
    client, server = await ends()
    server.transport.pause_reading()
    client.ping()
    await asyncio.sleep(0.02)
    assert not client.has_moved()
    for _ in range(16):
        client.send_binary(memoryview(bytes(4 << 20)))
    await asyncio.sleep(0.2)
    client.has_moved()
    assert client.queued > 0 and not client.has_moved()
    server.transport.resume_reading()
    for _ in range(16):
        await asyncio.wait_for(client.heard.get(), 10)
    assert client.has_moved()
    client.abort()
    await asyncio.wait_for(server.ended, 5)


async def test_a_handler_that_fails_ends_its_own_connection(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client, server = await ends()
    client.send_text("fail")
    await asyncio.wait_for(asyncio.gather(client.ended, server.ended), 5)
    assert "could not be handled" in caplog.text


async def test_nothing_is_heard_after_the_end_has_begun() -> None:
    client, server = await ends()
    server.close(1001, "enough")
    for _ in range(3):
        client.send_text("too late")
    await asyncio.wait_for(asyncio.gather(client.ended, server.ended), 5)
    assert server.heard.empty()


async def test_a_peer_that_goes_away_during_the_end_is_no_failure() -> None:
    loop, failed = asyncio.get_running_loop(), []
    loop.set_exception_handler(lambda _, context: failed.append(context))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        accepted, _ = listener.accept()
    accepted.setblocking(False)
    _, server = await loop.create_connection(lambda: End(False), sock=accepted)
    transport = server.transport
    write = transport.write

    def write_and_lose(data: Any) -> None:
        write(data)
        # As a browser that is closed does: a reset instead of an end.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()

    transport.write = write_and_lose
    server.close(1000)
    await asyncio.wait_for(server.ended, 5)
    assert failed == []


async def test_a_peer_that_does_not_answer_the_end_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(websocket, "CLOSE_SECONDS", 0.1)
    client, server = await ends()
    client.transport.pause_reading()
    server.close()
    await asyncio.wait_for(server.ended, 5)
    client.abort()
    await asyncio.wait_for(client.ended, 5)


async def test_a_message_over_the_limit() -> None:
    client, server = await ends(limit=100, strict=False)
    client.send_text("x" * 101)
    client.send_text("y" * 100)
    assert isinstance(await asyncio.wait_for(server.heard.get(), 5), Overlong)
    assert await asyncio.wait_for(server.heard.get(), 5) == "y" * 100
    server.reader.strict = True
    client.send_text("x" * 101)
    await asyncio.wait_for(asyncio.gather(client.ended, server.ended), 5)


async def test_a_flood_of_pings_does_not_fill_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "PONG_BYTES", 1000)
    client, server = await ends()
    client.transport.pause_reading()
    assert client.outlet is not None
    for _ in range(200_000):
        client.outlet.write(frame_head(9, 100, masked=True) + b"x" * 100)
    for _ in range(200):
        await asyncio.sleep(0.005)
        if not client.queued:
            break
    assert client.queued == 0 and server.queued < 1200
    client.abort()
    await asyncio.wait_for(asyncio.gather(client.ended, server.ended), 5)
