"""Frames over a real socket pair: order, size, back-pressure, memory, ends."""

from __future__ import annotations

import asyncio
import json
import socket
import struct

import numpy as np
import pytest

from imjoy.errors import PeerGone, ProtocolError
from imjoy.protocol import messages
from imjoy.protocol.frame import Frame
from imjoy.protocol.stream import pack
from imjoy.rpc.addresses import new_id
from imjoy.rpc.peer import Peer
from imjoy.rpc.transports import stream
from imjoy.rpc.transports.stream import StreamTransport

A, B = "a" * 32, "b" * 32


class End:
    """One end of a socket with what has come out of it."""

    def __init__(self, connection: socket.socket) -> None:
        self.frames: asyncio.Queue[Frame] = asyncio.Queue()
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.transport = StreamTransport(connection, self.frames.put_nowait, self.closed.set_result)
        self.send = self.transport.send

    async def get(self) -> Frame:
        return await asyncio.wait_for(self.frames.get(), 20)


def frame(number: int = 0, *buffers: object, body: str = "1") -> Frame:
    return Frame(messages.result(f"{number:032d}", A, B), body, list(buffers))


@pytest.fixture
async def ends():
    left, right = socket.socketpair()
    pair = End(left), End(right)
    yield pair
    for end in pair:
        end.transport.close()
        await end.closed


async def test_frames_come_in_order_with_all_parts(ends):
    left, right = ends
    for number in range(100):
        left.send(frame(number, b"x" * number, b"", body=json.dumps("\u00e9" * number)))
    for number in range(100):
        got = await right.get()
        assert got.header == frame(number).header
        assert json.loads(got.body) == "\u00e9" * number
        assert [bytes(buffer) for buffer in got.buffers] == [b"x" * number, b""]


async def test_large_arrays_go_both_ways_at_once(ends):
    left, right = ends
    arrays = [np.random.default_rng(seed).integers(0, 255, 20_000_003, np.uint8) for seed in (1, 2)]
    for end, array in zip(ends, arrays, strict=True):
        end.send(frame(1, memoryview(array), b"end"))
        end.send(frame(2))
    for end, array in zip((right, left), arrays, strict=True):
        got = await end.get()
        assert np.array_equal(np.frombuffer(got.buffers[0], np.uint8), array)
        assert not memoryview(got.buffers[0]).readonly
        assert bytes(got.buffers[1]) == b"end"
        assert (await end.get()).header == frame(2).header


async def test_what_does_not_fit_waits_and_drain_waits_for_it(ends, monkeypatch):
    monkeypatch.setattr(stream, "HIGH_WATER", 1 << 20)
    monkeypatch.setattr(stream, "LOW_WATER", 1 << 18)
    left, right = ends
    right.transport.pause_reading()
    await asyncio.wait_for(left.transport.drain(), 5)
    for number in range(8):
        left.send(frame(number, bytes(1 << 20)))
    assert left.transport.queued_bytes > 1 << 20
    draining = asyncio.ensure_future(left.transport.drain())
    done, _ = await asyncio.wait([draining], timeout=0.05)
    assert not done
    right.transport.resume_reading()
    await asyncio.wait_for(draining, 20)
    assert left.transport.queued_bytes <= 1 << 18
    assert [(await right.get()).header for _ in range(8)] == [frame(n).header for n in range(8)]


async def test_a_peer_that_takes_nothing_is_cut_off(ends, monkeypatch):
    monkeypatch.setattr(stream, "MAX_QUEUED", 4 << 20)
    left, right = ends
    right.transport.pause_reading()
    with pytest.raises(PeerGone):
        for _ in range(100):
            left.send(frame(0, bytes(1 << 20)))
    assert "does not take" in await left.closed


async def test_frames_of_threads_arrive(ends):
    left, right = ends
    loop = asyncio.get_running_loop()
    await asyncio.gather(
        *(loop.run_in_executor(None, left.transport.send_threadsafe, frame(n)) for n in range(20))
    )
    got = [(await right.get()).header["id"] for _ in range(20)]
    assert sorted(got) == [frame(n).header["id"] for n in range(20)]
    left.transport.close()
    left.transport.send_threadsafe(frame())


async def test_the_other_end_is_told_the_reason_once(ends):
    left, right = ends
    left.send(frame(5))
    left.transport.close("done")
    left.transport.close("again")
    assert await left.closed == "done"
    assert (await right.get()).header == frame(5).header
    assert await asyncio.wait_for(right.closed, 5) == "the other side closed the connection"
    with pytest.raises(PeerGone, match="done"):
        left.send(frame())


async def test_aclose_sends_what_is_waiting(ends):
    left, right = ends
    right.transport.pause_reading()
    left.send(frame(1, bytes(4 << 20)))
    closing = asyncio.ensure_future(left.transport.aclose("bye", timeout=20))
    await asyncio.sleep(0)
    right.transport.resume_reading()
    await closing
    assert len((await right.get()).buffers[0]) == 4 << 20


async def test_aclose_does_not_wait_forever(ends):
    left, right = ends
    right.transport.pause_reading()
    left.send(frame(1, bytes(8 << 20)))
    await asyncio.wait_for(left.transport.aclose(timeout=0.05), 5)
    await left.closed


async def test_a_killed_process_ends_the_connection():
    left, right = socket.socketpair()
    end = End(left)
    right.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.send(frame(0, bytes(4 << 20)))
    right.close()
    reason = await asyncio.wait_for(end.closed, 5)
    assert reason.startswith("the connection broke (") or "closed" in reason


@pytest.mark.parametrize(
    "data", [b"HTTP/1.1 200 OK\r\n\r\n", b"IMJ1" + b"\xff" * 12, b"IMJ1\2\0\0\0" + bytes(8) + b"[]"]
)
async def test_what_is_no_frame_ends_the_connection(data):
    left, right = socket.socketpair()
    end = End(left)
    right.sendall(data)
    assert "well formed" in await asyncio.wait_for(end.closed, 5)
    right.close()


async def test_a_frame_that_is_too_large_fails_its_call_only(ends, monkeypatch):
    left, right = ends
    callee = Peer(B, right.send)
    callee.export("size", lambda data: len(data))
    callee.export("make", lambda size: b"x" * size)
    caller = Peer(A, left.send)

    async def pump(end, peer):
        while True:
            peer.receive(await end.frames.get())

    pumps = [asyncio.ensure_future(pump(*one)) for one in ((left, caller), (right, callee))]
    monkeypatch.setattr("imjoy.protocol.stream.LIMITS", dict(messages.LIMITS, frame=100_000))
    for target, argument in (("size", b"x" * 100_001), ("make", 100_001)):
        with pytest.raises(Exception, match="too large") as caught:
            await caller.call(B, target, argument, timeout=5)
        assert caught.value.code == "protocol.too_large"
    assert await caller.call(B, "size", b"x" * 1000, timeout=5) == 1000
    for task in pumps:
        task.cancel()


async def test_a_frame_that_is_not_valid_is_not_sent(ends):
    left, right = ends
    with pytest.raises(ProtocolError):
        left.send(frame(body="\ud800"))
    left.send(frame(2))
    assert (await right.get()).header == frame(2).header


async def test_a_frame_in_small_pieces(ends):
    left, right = socket.socketpair()
    end = End(left)
    data = b"".join(bytes(part) for part in pack(frame(7, b"y" * 1000)))
    for start in range(0, len(data), 100):
        right.send(data[start : start + 100])
        await asyncio.sleep(0)
    assert bytes((await end.get()).buffers[0]) == b"y" * 1000
    right.close()
    await end.closed


async def test_buffers_are_sent_from_where_they_are(ends):
    left, right = ends
    right.transport.pause_reading()
    array = np.zeros(8 << 20, np.uint8)
    left.send(frame(0, memoryview(array)))
    array.fill(1)  # not allowed, but it shows that nothing was copied
    right.transport.resume_reading()
    got = await right.get()
    assert np.frombuffer(got.buffers[0], np.uint8)[-1] == 1


async def test_two_peers_over_a_socket():
    left, right = socket.socketpair()
    address_a, address_b = new_id(), new_id()
    ended: list[str] = []
    peers: list[Peer] = []
    links = [
        StreamTransport(end, lambda f, n=n: peers[n].receive(f), ended.append)
        for n, end in enumerate((left, right))
    ]
    peers += [Peer(address_a, links[0].send), Peer(address_b, links[1].send)]
    peers[1].export("sum", lambda array, report: report(int(array.sum())))
    array = np.ones((2000, 3000), np.uint8)
    assert await peers[0].call(address_b, "sum", array, lambda total: total / 2) == 3_000_000
    links[0].close()
    while len(ended) < 2:
        await asyncio.sleep(0)


async def test_a_frame_sent_at_once_from_a_thread_keeps_its_place(ends):
    left, right = ends
    loop = asyncio.get_running_loop()
    assert await loop.run_in_executor(None, left.transport.send_at_once, frame(1))
    right.transport.pause_reading()
    sent = 0
    while await loop.run_in_executor(
        None, left.transport.send_at_once, frame(2 + sent, body=json.dumps("x" * 900_000))
    ):
        sent += 1
    assert sent >= 1  # the last one was cut off and its rest waits, so no other may follow
    left.send(frame(99))
    assert not left.transport.send_at_once(frame(100))
    assert not left.transport.send_at_once(frame(101, b"data"))
    right.transport.resume_reading()
    for number in [1, *range(2, 2 + sent), 99]:
        assert (await right.get()).header["id"] == f"{number:032d}"
    left.transport.close()
    assert not left.transport.send_at_once(frame(102))
