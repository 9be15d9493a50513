"""Memory is lent while it is looked at, used again afterwards, and given back when it is idle."""

from __future__ import annotations

import gc
import time

import numpy as np
import pytest

from imjoy.errors import ProtocolError
from imjoy.protocol import memory
from imjoy.protocol.memory import HUGE, IDLE_SECONDS, MemoryPool, allocate


@pytest.mark.parametrize("size", [0, 1, HUGE - 1, HUGE, 5 * HUGE + 3])
def test_memory_can_be_written_to(size: int) -> None:
    view = memoryview(allocate(size))
    assert view.nbytes == size and not view.readonly
    if size:
        view[0] = view[-1] = 5


def kept() -> MemoryPool:
    """A pool that somebody trims."""
    pool = MemoryPool()
    pool.trim(time.monotonic())
    return pool


def test_it_is_used_again_only_when_nobody_looks_at_it() -> None:
    pool = kept()
    first = pool.take(3 * HUGE)
    first[:3] = b"abc"
    array = np.frombuffer(first, np.uint8)[1:]
    del first
    gc.collect()
    assert pool.idle_bytes == 0
    other = pool.take(3 * HUGE)
    other[:3] = b"xyz"
    assert bytes(array[:2]) == b"bc"
    del array
    gc.collect()
    assert pool.idle_bytes == 3 * HUGE
    again = pool.take(3 * HUGE - 1000)
    assert bytes(again[:3]) == b"abc" and len(again) == 3 * HUGE - 1000
    assert pool.idle_bytes == 0


def test_much_smaller_buffers_do_not_take_large_blocks() -> None:
    pool = kept()
    pool.take(100 * HUGE)
    gc.collect()
    idle = pool.idle_bytes
    small = pool.take(2 * HUGE)
    assert pool.idle_bytes == idle >= 100 * HUGE
    assert len(small) == 2 * HUGE


def test_what_is_idle_is_given_back_after_a_while_and_not_all_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = kept()
    monkeypatch.setattr(memory, "IDLE_BYTES", 5 * HUGE)
    held = [pool.take(2 * HUGE) for _ in range(4)]
    del held
    gc.collect()
    assert pool.idle_bytes == 4 * HUGE
    pool.trim(time.monotonic())
    assert pool.idle_bytes == 4 * HUGE
    pool.trim(time.monotonic() + IDLE_SECONDS + 1)
    assert pool.idle_bytes == 0


def test_without_ctypes_memory_is_simply_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_has_ctypes", False)
    pool = kept()
    view = pool.take(HUGE)
    view[-1] = 7
    del view
    gc.collect()
    assert pool.idle_bytes == 0


def test_too_much_is_an_error_of_its_own() -> None:
    with pytest.raises(ProtocolError) as caught:
        allocate(1 << 60)
    assert caught.value.code == "protocol.too_large"


def test_nothing_is_kept_where_nobody_would_give_it_back() -> None:
    pool = MemoryPool()
    for act in (lambda: None, lambda: pool.trim(time.monotonic() - IDLE_SECONDS - 1)):
        act()
        pool.take(HUGE)
        gc.collect()
        assert pool.idle_bytes == 0
    pool.trim(time.monotonic())
    pool.take(HUGE)
    gc.collect()
    assert pool.idle_bytes == HUGE
    pool.clear()
    assert pool.idle_bytes == 0
