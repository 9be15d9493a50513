"""Frames whose large buffers go through shared memory."""

from __future__ import annotations

import asyncio
import gc
import os
import socket

import numpy as np
import pytest

from imjoy.errors import ProtocolError
from imjoy.protocol import messages
from imjoy.protocol.frame import Frame
from imjoy.protocol.stream import pack
from imjoy.rpc.transports.shared_memory import SegmentPool, is_available
from imjoy.rpc.transports.stream import StreamTransport

pytestmark = pytest.mark.skipif(not is_available(), reason="this system has no such memory")
A, B = "a" * 32, "b" * 32
MB = 1 << 20


class End:
    def __init__(self, connection: socket.socket, **how: bool) -> None:
        self.frames: asyncio.Queue[Frame] = asyncio.Queue()
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.transport = StreamTransport(
            connection, self.frames.put_nowait, self.closed.set_result, **how
        )

    async def get(self) -> Frame:
        return await asyncio.wait_for(self.frames.get(), 20)


def frame(number: int, *buffers: object) -> Frame:
    return Frame(messages.result(f"{number:032d}", B, A), "1", list(buffers))


@pytest.fixture
async def chain():
    """Two ends with a router in the middle that never looks into buffers."""
    ends = [socket.socketpair(), socket.socketpair()]
    left, right = End(ends[0][0], shares=True), End(ends[1][1], shares=True)
    middle = [End(ends[0][1], shares=True, opens=False), End(ends[1][0], shares=True, opens=False)]

    async def relay(source: End, sink: End) -> None:
        while True:
            sink.transport.send(await source.frames.get())

    relays = [asyncio.ensure_future(relay(*way)) for way in (middle, middle[::-1])]
    await until(lambda: left.transport.share(B, MB) and right.transport.share(A, MB))
    for end in (left, right):
        end.transport._sharing.pool.trim(0)
    yield left, right, middle
    for task in relays:
        task.cancel()
    for end in (left, right, *middle):
        end.transport.close()
        await end.closed


async def until(condition) -> None:
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.002)
    raise AssertionError("it did not come to pass")


async def descriptors() -> int:
    await asyncio.sleep(0.01)  # what was planned from other threads holds its connection
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


async def test_arrays_arrive_over_a_router_and_their_memory_comes_back(chain):
    left, right, _ = chain
    kept = []
    for number in range(20):
        array = np.full(3 * MB + number, number, np.uint8)
        left.transport.send(frame(number, b"small", memoryview(array), b""))
        array = None
        got = await right.get()
        assert [bytes(got.buffers[0]), bytes(got.buffers[2])] == [b"small", b""]
        view = np.frombuffer(got.buffers[1], np.uint8)
        assert view.flags.writeable and len(view) == 3 * MB + number and (view == number).all()
        kept.append(view[:10])
        got = view = None
    pool = left.transport._sharing.pool
    assert len(kept) == 20 and pool._count == 20 and len(pool._idle) == 0
    kept.clear()
    await until(lambda: len(pool._idle) == 20)


async def test_the_same_memory_is_used_again(chain):
    left, right, _ = chain
    array = np.arange(2 * MB, dtype=np.uint8)
    for number in range(30):
        array[0] = number
        left.transport.send(frame(number, memoryview(array)))
        got = await right.get()
        assert got.buffers[0][0] == number
        del got
        await until(lambda: left.transport._sharing.pool._idle)
    assert left.transport._sharing.pool._count <= 2


async def test_what_the_caller_filled_itself_is_not_copied_again(chain):
    left, right, _ = chain
    buffer = left.transport.share(B, MB)
    buffer.fill(memoryview(b"z" * MB))
    segment = buffer.segment
    left.transport.send(frame(1, buffer))
    del buffer
    got = await right.get()
    segment.mapping[5:8] = b"now"
    assert bytes(got.buffers[0][5:8]) == b"now"


async def test_both_ways_at_once_in_order(chain):
    left, right, _ = chain
    arrays = [np.random.default_rng(seed).integers(0, 255, 9 * MB, np.uint8) for seed in (1, 2)]
    for end, array in zip((left, right), arrays, strict=True):
        for number in range(5):
            end.transport.send(frame(number, memoryview(array)))
            end.transport.send(frame(100 + number))
    for end, array in zip((right, left), arrays, strict=True):
        for number in range(5):
            got = await end.get()
            assert np.array_equal(np.frombuffer(got.buffers[0], np.uint8), array)
            assert (await end.get()).header["id"] == f"{100 + number:032d}"


async def test_an_end_that_does_not_share_gets_the_bytes():
    before = await descriptors()
    ours, theirs = socket.socketpair()
    sharing, plain = End(ours, shares=True), End(theirs)
    plain.transport._decoder._on_note = lambda kind, numbers: None
    sharing.transport.send(frame(1, memoryview(np.full(MB, 5, np.uint8))))
    buffer = SegmentPool().take(A, MB)
    buffer.fill(memoryview(b"q" * MB))
    sharing.transport.send(frame(2, buffer))
    assert bytes((await plain.get()).buffers[0]) == b"\5" * MB
    assert bytes((await plain.get()).buffers[0]) == b"q" * MB
    for end in (sharing, plain):
        end.transport.close()
        await end.closed
    del buffer, sharing, plain, end
    assert await descriptors() <= before


async def test_an_end_that_goes_gives_everything_back(chain):
    left, right, middle = chain
    left.transport.send(frame(1, memoryview(np.zeros(MB, np.uint8))))
    held = await right.get()
    assert not left.transport._sharing.pool._idle
    right.transport.close("killed")
    await right.closed
    middle[1].transport.close("the other side was killed")
    await until(lambda: left.transport._sharing.pool._idle)
    assert bytes(held.buffers[0][:3]) == bytes(3)  # what is looked at stays valid all the same


async def test_no_descriptor_stays_behind():
    before = await descriptors()
    for _ in range(20):
        ours, theirs = socket.socketpair()
        ends = [End(ours, shares=True), End(theirs, shares=True)]
        await until(lambda ends=ends: ends[0].transport.share(B, MB))
        for number in range(3):
            ends[0].transport.send(frame(number, memoryview(np.zeros(MB, np.uint8))))
        await ends[1].get()
        for end in ends:
            end.transport.close()
            await end.closed
    del ends, end
    assert await descriptors() <= before


async def test_a_frame_that_is_not_valid_loses_no_memory(chain):
    left, right, _ = chain
    data = memoryview(np.zeros(MB, np.uint8))
    with pytest.raises(ProtocolError):
        left.transport.send(frame(1, data)._replace(body="\ud800"))
    left.transport.send(frame(2, data))
    assert len((await right.get()).buffers[0]) == MB


@pytest.mark.parametrize("number", [5, 5 | 1 << 63])
async def test_memory_that_was_never_sent_fails_its_call_only(number):
    ours, theirs = socket.socketpair()
    end = End(ours, shares=True)
    buffer = SegmentPool().take(A, MB)
    call = messages.call("1" * 32, A, B, "run", False)
    for part in pack(Frame(call, "[]", [buffer]), {0: number}):
        theirs.sendall(part)
    theirs.setblocking(False)
    await asyncio.sleep(0.05)
    assert b"protocol.malformed" in theirs.recv(4096)
    theirs.sendall(b"".join(bytes(part) for part in pack(frame(2))))
    assert (await end.get()).header["id"] == f"{2:032d}"
    theirs.close()
    await end.closed


async def test_descriptors_without_a_frame_end_the_connection():
    before = await descriptors()
    ours, theirs = socket.socketpair()
    end = End(ours, shares=True)
    for _ in range(3):
        socket.send_fds(theirs, [b"I"], [theirs.fileno()] * 100)
    await asyncio.wait_for(end.closed, 5)
    theirs.close()
    del end, ours, theirs
    assert await descriptors() <= before
