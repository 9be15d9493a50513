"""Parts of all sizes leave in order, whole, and without a copy of what is large."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from typing import Any

import pytest

from imjoy.rpc.transports.outlet import FIRST_BATCH, LARGE, Outlet


class Sender(asyncio.Protocol):
    outlet: Outlet

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.outlet = Outlet(transport, asyncio.get_running_loop())

    def pause_writing(self) -> None:
        self.outlet.pause()

    def resume_writing(self) -> None:
        self.outlet.resume()

    def connection_lost(self, exc: Exception | None) -> None:
        self.outlet.close()


async def pair() -> tuple[Sender, socket.socket]:
    left, right = socket.socketpair()
    left.setblocking(False)
    right.setblocking(False)
    _, sender = await asyncio.get_running_loop().create_connection(Sender, sock=left)
    return sender, right


async def read(connection: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        data = await asyncio.get_running_loop().sock_recv(connection, 1 << 16)
        assert data
        found += data
    return bytes(found)


@pytest.mark.parametrize("plain", [True, False])
async def test_everything_arrives_in_order(plain: bool) -> None:
    sender, right = await pair()
    sender.outlet._is_plain = plain  # as it is on a connection with TLS
    rng = random.Random(3)
    parts = [
        rng.randbytes(rng.choice([0, 1, 100, LARGE - 1, LARGE, 3 * LARGE + 1, 40 * LARGE]))
        for _ in range(60)
    ]
    for number, part in enumerate(parts):
        sender.outlet.write(memoryview(part) if number % 2 else part)
        if number % 7 == 0:
            await asyncio.sleep(0)
    whole = b"".join(parts)
    emptied = asyncio.Event()
    sender.outlet.when_empty(emptied.set)
    assert await read(right, len(whole)) == whole
    await asyncio.wait_for(emptied.wait(), 5)
    assert sender.outlet.size == 0 and sender.outlet.sent == len(whole)
    sender.outlet.write(b"after")
    assert await read(right, 5) == b"after"
    sender.transport.abort()
    right.close()
    await asyncio.sleep(0)


async def test_what_is_large_is_held_and_not_copied() -> None:
    sender, right = await pair()
    data = bytearray(16 << 20)
    sender.outlet.write(memoryview(data))
    await asyncio.sleep(0.01)
    assert sender.outlet.size > 8 << 20
    with pytest.raises(BufferError):
        data.append(1)  # the outlet looks at this memory
    sender.outlet.close()
    data.append(1)
    sender.transport.abort()
    right.close()
    await asyncio.sleep(0)


async def test_a_connection_that_breaks_while_sending_is_ended() -> None:
    sender, right = await pair()
    sender.outlet.write(bytes(64 << 20))
    await asyncio.sleep(0)
    right.close()
    for _ in range(100):
        if sender.transport.is_closing():
            break
        await asyncio.sleep(0.01)
    assert sender.transport.is_closing() and sender.outlet.size == 0


async def test_answers_leave_at_the_end_of_the_turn_and_those_of_woken_tasks_right_after_them() -> (
    None
):
    sender, right = await pair()
    sender.outlet.begin_turn()
    sender.outlet.write(b"one")
    sender.outlet.write(b"two")
    sender.outlet.end_turn(True)
    assert right.recv(100) == b"onetwo"
    loop = asyncio.get_running_loop()
    sender.outlet.begin_turn()
    loop.call_soon(sender.outlet.write, b"three")
    sender.outlet.end_turn(True)
    seen: list[bytes] = []
    loop.call_soon(lambda: seen.append(right.recv(100)))
    await asyncio.sleep(0)
    assert seen == [b"three"]
    sender.outlet.begin_turn()
    sender.outlet.end_turn(False)
    sender.outlet.write(b"four")
    assert await read(right, 4) == b"four"
    right.close()
    sender.transport.close()


async def test_the_first_of_many_small_parts_leave_before_the_turn_ends() -> None:
    sender, right = await pair()
    sender.outlet.begin_turn()
    parts = [b"%03d" % number for number in range(FIRST_BATCH * 8)]
    for part in parts[: FIRST_BATCH - 1]:
        sender.outlet.write(part)
    with pytest.raises(BlockingIOError):
        right.recv(100)
    arrived = []
    for part in parts[FIRST_BATCH - 1 :]:
        sender.outlet.write(part)
        with contextlib.suppress(BlockingIOError):
            arrived.append(len(right.recv(1000)) // 3)
    assert arrived == [FIRST_BATCH, 2 * FIRST_BATCH, 4 * FIRST_BATCH]  # fewer calls of the system
    sender.outlet.end_turn(True)
    assert await read(right, 3 * FIRST_BATCH) == b"".join(parts[-FIRST_BATCH:])
    sender.outlet.begin_turn()
    for part in parts[:FIRST_BATCH]:
        sender.outlet.write(part)
    assert right.recv(100) == b"".join(parts[:FIRST_BATCH])  # a new turn begins with few again
    right.close()
    sender.transport.close()


async def test_parts_that_do_not_wait_stay_in_order_behind_large_ones() -> None:
    sender, right = await pair()
    parts = [bytes([number]) * (8 * LARGE if number % 50 == 20 else 9) for number in range(200)]
    for part in parts:
        sender.outlet.write(part)
    whole = b"".join(parts)
    assert await read(right, len(whole)) == whole
    right.close()
    sender.transport.abort()
    await asyncio.sleep(0)
