"""Memory for large buffers, which is used again: touching new memory costs more than filling it."""

from __future__ import annotations

import mmap
import time
import weakref
from collections import deque
from typing import Any, Deque, Dict, Tuple

from imjoy.protocol.frame import too_large

try:
    import ctypes

    _has_ctypes = True
except ImportError:  # a Python that was built without it
    _has_ctypes = False

__all__ = ["HUGE", "MemoryPool", "allocate", "clear", "trim"]

# Smaller buffers are left to Python, which uses its memory again by itself.
HUGE = 1 << 20
_PAGES = 2 << 20
# What is free stays this long, and not more of it than that.
IDLE_SECONDS = 10.0
IDLE_BYTES = 512 << 20


class MemoryPool:
    """Lends memory, which comes back by itself when nobody looks at it any more.

    Memory may be freed at any line of any thread, so nothing here waits for a lock: blocks of one
    size are in a queue, from which a block can be taken once. Nothing is kept unless `trim` is called
    every few seconds.
    """

    def __init__(self) -> None:
        # For each size of blocks: since when one is free, and the block.
        self._idle: Dict[int, Deque[Tuple[float, mmap.mmap]]] = {}
        self._trimmed = -IDLE_SECONDS

    def take(self, size: int) -> memoryview:
        """Writable memory of this size, whatever is in it. Raises OSError when there is none."""
        rounded = _rounded(size)
        idle = self._idle.setdefault(rounded, deque())
        try:
            block = idle.pop()[1]
        except IndexError:
            block = _mapped(rounded)
        if not _has_ctypes:
            return memoryview(block)[:size]
        lent = (ctypes.c_char * size).from_buffer(block)
        weakref.finalize(lent, self._give_back, block).atexit = False
        return memoryview(lent).cast("B")

    def trim(self, now: float) -> None:
        """Give back to the system what has been free for long."""
        self._trimmed = now
        for idle in list(self._idle.values()):
            try:
                while now - idle[0][0] > IDLE_SECONDS:
                    idle.popleft()
            except IndexError:
                pass  # nothing is left of this size

    def clear(self) -> None:
        """Give everything that is free back, and keep nothing until `trim` is called again."""
        self._trimmed = -IDLE_SECONDS
        self._idle.clear()

    @property
    def idle_bytes(self) -> int:
        return sum(size * len(idle) for size, idle in list(self._idle.items()))

    def _give_back(self, block: mmap.mmap) -> None:
        size, now = len(block), time.monotonic()
        if now - self._trimmed > IDLE_SECONDS:
            return
        if self.idle_bytes + size <= IDLE_BYTES:
            self._idle.setdefault(size, deque()).append((now, block))


def _rounded(size: int) -> int:
    """A size a little larger, so that buffers of similar sizes can follow each other."""
    step = max(HUGE, 1 << max(0, size.bit_length() - 4))
    return -(-size // step) * step


def _mapped(size: int) -> mmap.mmap:
    block = mmap.mmap(-1, size)
    advice = getattr(mmap, "MADV_HUGEPAGE", None)
    if advice is not None and size >= _PAGES:
        try:
            block.madvise(advice)
        except OSError:  # a system without large pages
            pass
    return block


_POOL = MemoryPool()
trim, clear = _POOL.trim, _POOL.clear


def allocate(size: int) -> Any:
    """Writable memory; if it is large it is not cleared, because that costs as much as filling.

    Raises ProtocolError (protocol.too_large).
    """
    try:
        return bytearray(size) if size < HUGE else _POOL.take(size)
    except (MemoryError, OSError, OverflowError):
        raise too_large(f"there is no memory for {size} bytes") from None
