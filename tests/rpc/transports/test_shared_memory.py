"""Memory for two processes: what is lent comes back, is used again, and never leaks."""

from __future__ import annotations

import gc
import mmap
import os
import socket
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

from imjoy.errors import ProtocolError
from imjoy.protocol.frame import Frame
from imjoy.rpc.transports import shared_memory
from imjoy.rpc.transports.shared_memory import (
    Segment,
    SegmentPool,
    SharedBuffer,
    is_available,
    opened,
)

pytestmark = pytest.mark.skipif(not is_available(), reason="this system has no such memory")
MB = 1 << 20


def descriptors() -> int:
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


def test_bytes_are_the_same_in_two_mappings_and_when_written_again():
    segment = Segment.create(2 * MB)
    other = Segment.received(os.dup(segment.descriptor))
    for text, again in ((b"first", False), (b"second", True)):
        segment.is_written = again
        segment.write(memoryview(text), 1000)
        assert other.mapping[1000 : 1000 + len(text)] == text


def test_memory_that_could_shrink_is_refused_because_reading_it_could_end_the_process():
    before = descriptors()
    descriptor = os.memfd_create("loose")
    os.ftruncate(descriptor, MB)
    with pytest.raises(ProtocolError, match="fixed size"):
        Segment.received(descriptor)
    left, right = socket.socketpair()
    with pytest.raises(ProtocolError):
        Segment.received(left.detach())
    right.close()
    assert descriptors() == before


def test_nobody_can_make_a_segment_smaller():
    segment = Segment.create(MB)
    with pytest.raises(OSError):
        os.ftruncate(segment.descriptor, 10)


def test_memory_comes_back_when_nothing_looks_at_it_any_more():
    pool = SegmentPool()
    buffer = pool.take("b", MB)
    assert buffer is not None
    buffer.fill(memoryview(np.full(MB, 7, np.uint8)))
    array = np.frombuffer(buffer.view(), np.uint8).reshape(1024, -1)[10:]
    segment = buffer.segment
    del buffer
    gc.collect()
    second = pool.take("b", MB)
    assert second is not None and second.segment is not segment
    assert array[5, 5] == 7
    del array
    gc.collect()
    third = pool.take("b", MB)
    assert third is not None and third.segment is segment


def test_what_one_receiver_has_seen_is_not_lent_to_another():
    pool = SegmentPool()
    first = pool.take("b", MB)
    assert first is not None
    segment = first.segment
    del first
    other = pool.take("c", MB)
    assert other is not None and other.segment is not segment


def test_the_pool_has_an_end(monkeypatch):
    monkeypatch.setattr(shared_memory, "MAX_SEGMENTS", 3)
    pool = SegmentPool()
    held = [pool.take("b", MB) for _ in range(3)]
    assert all(held) and pool.take("b", MB) is None
    held.pop()
    assert pool.take("another", MB) is not None  # what is idle makes room


def test_idle_memory_is_freed(monkeypatch):
    before = descriptors()
    told = []
    pool = SegmentPool(lambda: told.append(1))
    pool.take("b", 4 * MB)
    assert told and descriptors() == before + 1
    assert pool.trim(60) and not pool.trim(0)
    assert descriptors() == before
    monkeypatch.setattr(shared_memory, "IDLE_BYTES", MB)
    pool.take("b", 4 * MB)
    assert descriptors() == before


def test_a_much_larger_segment_is_not_wasted_on_a_small_array():
    pool = SegmentPool()
    pool.take("b", 64 * MB)
    small = pool.take("b", MB)
    assert small is not None and small.segment.size == MB


def test_opened_gives_bytes_to_those_who_cannot_take_segments():
    pool = SegmentPool()
    buffer = pool.take("b", 300_000)
    assert buffer is not None
    buffer.fill(memoryview(b"x" * 300_000))
    frame = opened(Frame({}, "", [buffer, b"small"]))
    assert bytes(frame.buffers[0]) == b"x" * 300_000 and frame.buffers[1] == b"small"


@pytest.mark.parametrize("size", [300_000, 9 * MB, 33 * MB + 5])
@pytest.mark.parametrize("readonly", [False, True])
def test_all_bytes_are_copied_the_first_time_and_again(size, readonly):
    pool = SegmentPool()
    for seed in range(3):  # the second time in memory that is there already, partly by a helper
        data = np.random.default_rng(seed).integers(0, 256, size, np.uint8)
        buffer = pool.take("b", size)
        assert buffer is not None and buffer.segment.is_written is (seed > 0)
        source = memoryview(data)
        buffer.fill(source.toreadonly() if readonly else source)
        assert np.array_equal(np.frombuffer(buffer.view(), np.uint8), data)
        del buffer
        gc.collect()


def test_it_is_copied_without_help_where_no_more_threads_are_allowed(monkeypatch):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    pool = SegmentPool()
    pool.take("b", 16 * MB)
    gc.collect()
    monkeypatch.setattr(shared_memory.threading.Thread, "start", refuse)
    buffer = pool.take("b", 16 * MB)
    data = np.arange(16 * MB, dtype=np.uint8)
    buffer.fill(memoryview(data))
    assert np.array_equal(np.frombuffer(buffer.view(), np.uint8), data)


def test_a_helper_holds_the_memory_when_who_asked_for_it_is_interrupted(monkeypatch):
    class Interrupted(BaseException):
        pass

    go_on, copy = threading.Event(), SharedBuffer._copy

    def slow_copy(buffer, data, begin, end):
        if threading.current_thread() is threading.main_thread():
            raise Interrupted
        assert go_on.wait(10)
        copy(buffer, data, begin, end)

    pool = SegmentPool()
    pool.take("b", 16 * MB)
    gc.collect()
    monkeypatch.setattr(SharedBuffer, "_copy", slow_copy)
    first = pool.take("b", 16 * MB)
    segment = first.segment
    with pytest.raises(Interrupted):
        first.fill(memoryview(bytearray(16 * MB)))
    del first
    gc.collect()
    assert pool.take("b", 16 * MB).segment is not segment
    go_on.set()
    for _ in range(500):
        gc.collect()
        if segment in [idle.segment for idle in pool._idle]:
            break
        time.sleep(0.01)
    assert segment in [idle.segment for idle in pool._idle]


def test_a_copy_of_the_process_gives_nothing_back():
    script = """
    import os
    from imjoy.rpc.transports.shared_memory import SegmentPool
    told = []
    pool = SegmentPool(lambda: told.append(os.getpid()))
    buffer = pool.take("b", 1 << 20)
    if os.fork() == 0:
        del buffer
        os._exit(len(told))
    assert os.wait()[1] == 0
    del buffer
    assert told == [os.getpid()]
    """
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", textwrap.dedent(script)])
    assert done.returncode == 0


def test_memory_goes_with_the_process_that_is_killed():
    script = """
    import os, signal
    from imjoy.rpc.transports.shared_memory import SegmentPool
    pool = SegmentPool()
    kept = [pool.take("b", 32 << 20) for _ in range(4)]
    for one in kept:
        one.fill(memoryview(bytes(32 << 20)))
    os.kill(os.getpid(), signal.SIGKILL)
    """
    names = set(os.listdir("/dev/shm"))
    before = shared_bytes()
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False)
    assert set(os.listdir("/dev/shm")) <= names
    assert shared_bytes() < before + 64 * MB


def shared_bytes() -> int:
    with open("/proc/meminfo") as file:
        for line in file:
            if line.startswith("Shmem:"):
                return int(line.split()[1]) * 1024
    raise AssertionError("there is no such line")


def test_a_buffer_can_be_looked_at_from_several_places():
    segment = Segment.create(MB)
    given = []
    buffer = SharedBuffer(segment, 1000, given.append, "it")
    one, two = buffer.view(), buffer.view()
    assert isinstance(segment.mapping, mmap.mmap)
    del buffer, one
    gc.collect()
    assert given == []
    del two
    gc.collect()
    assert given == ["it"]
