"""Memory that two processes of one machine see at once, and the pool from which it is lent.

A segment has no name: it is a descriptor that is passed over a Unix socket. The system frees it
with the last process that holds it, however that process ends, so nothing can be left behind.
"""

from __future__ import annotations

import mmap
import os
import sys
import threading
import time
import weakref
from typing import Any, Callable, List, Optional

from imjoy.protocol.frame import Frame, malformed

try:
    import ctypes

    _has_ctypes = True
except ImportError:  # a Python that was built without it
    _has_ctypes = False

__all__ = ["Segment", "SegmentPool", "SharedBuffer", "is_available", "opened"]

# What is smaller is copied through the socket in less time.
SHARE_FROM = 1 << 18
STEP = 1 << 20
# Bytes that are copied before other threads have their turn, and what is copied by two threads.
FILL_STEP, HELPED_FROM = 8 << 20, 8 << 20
MAX_SEGMENTS = 64
# What is free stays for the next array this long, because new memory costs several copies.
IDLE_SECONDS = 10.0
IDLE_BYTES = 1 << 30
CLOSE_ON_EXEC, ALLOW_SEALING = 1, 2
POPULATE = int(getattr(mmap, "MAP_POPULATE", 0))  # not there before Python 3.10
ADD_SEALS, GET_SEALS = 1033, 1034
SEAL_SHRINK, SEAL_GROW = 2, 4


def is_available() -> bool:
    """Whether this system has nameless memory whose size can be fixed (Linux)."""
    return sys.platform.startswith("linux") and _create is not None


class Segment:
    """Memory of a fixed size; mapped when it is first read, or written a second time."""

    def __init__(self, descriptor: int, size: int) -> None:
        self.descriptor, self.size = descriptor, size
        self._mapping: Optional[mmap.mmap] = None
        self._lock = threading.Lock()
        self.is_written = False  # whether its memory is there already
        self._close = weakref.finalize(self, os.close, descriptor)
        self._close.atexit = False

    @classmethod
    def create(cls, size: int) -> Segment:
        """New memory. Raises OSError when the system has none."""
        assert _create is not None
        descriptor = _create("imjoy", CLOSE_ON_EXEC | ALLOW_SEALING)
        try:
            os.ftruncate(descriptor, size)
            _fcntl(descriptor, ADD_SEALS, SEAL_SHRINK | SEAL_GROW)
        except OSError:
            os.close(descriptor)
            raise
        return cls(descriptor, size)

    @classmethod
    def received(cls, descriptor: int) -> Segment:
        """Memory that another process has made. Raises ProtocolError when it could shrink."""
        try:
            size = os.fstat(descriptor).st_size
            # Reading memory that has been cut off would end this process.
            if not _fcntl(descriptor, GET_SEALS, 0) & SEAL_SHRINK:
                raise OSError
        except OSError:
            os.close(descriptor)
            raise malformed("the memory that came with it is not of a fixed size") from None
        return cls(descriptor, size)

    @property
    def mapping(self) -> mmap.mmap:
        return self._map(0)

    @property
    def mapping_to_fill(self) -> mmap.mmap:
        """As `mapping`, made at once: page by page it takes four times as long."""
        return self._map(POPULATE)

    def _map(self, how: int) -> mmap.mmap:
        with self._lock:
            if self._mapping is None:
                flags = mmap.MAP_SHARED | how
                self._mapping = mmap.mmap(self.descriptor, self.size, flags=flags)
            return self._mapping

    def map_only(self) -> None:
        """Map it, and do without the descriptor from now on. Raises OSError."""
        self.mapping  # noqa: B018
        self._close()

    def write(self, data: memoryview, offset: int) -> None:
        """Copy bytes to a place; the first time without the cost of mapping new memory."""
        if self.is_written:
            self.mapping_to_fill[offset : offset + len(data)] = data
            return
        end = offset + len(data)
        while offset < end:
            offset += os.pwrite(self.descriptor, data[len(data) - (end - offset) :], offset)


class SharedBuffer:
    """A part of a frame that lies in a segment. When nobody holds it any more it is given back.

    Bytes-like by `view`; routers pass it on without looking at it.
    """

    def __init__(
        self, segment: Segment, size: int, give_back: Callable[[Any], None], what: Any
    ) -> None:
        self.segment, self.nbytes = segment, size
        weakref.finalize(self, give_back, what).atexit = False

    def view(self) -> memoryview:
        """Its bytes; they stay valid, and lent, as long as anything looks at them."""
        whole = (ctypes.c_char * self.nbytes).from_buffer(self.segment.mapping)
        weakref.finalize(whole, _hold, self).atexit = False
        return memoryview(whole).cast("B")

    def fill(self, data: memoryview) -> None:
        """Copy all bytes into it, and let other threads run; a second one helps with many bytes."""
        if data.readonly or not self.segment.is_written:
            for offset in range(0, len(data), FILL_STEP):
                self.segment.write(data[offset : offset + FILL_STEP], offset)
            return
        if len(data) < HELPED_FROM or not self._copy_with_help(data):
            self._copy(data, 0, len(data))

    def _copy_with_help(self, data: memoryview) -> bool:
        """False when the system allows no more threads."""
        middle = len(data) // 2
        helper = threading.Thread(target=self._copy, args=(data, 0, middle), daemon=True)
        try:
            helper.start()
        except RuntimeError:
            return False
        self._copy(data, middle, len(data))
        helper.join()
        return True

    def _copy(self, data: memoryview, begin: int, end: int) -> None:
        # As a method it holds the segment while it writes, also for a caller who was interrupted.
        to = ctypes.c_char.from_buffer(self.segment.mapping_to_fill, begin)
        source = ctypes.c_char.from_buffer(data, begin)
        ctypes.memmove(ctypes.addressof(to), ctypes.addressof(source), end - begin)


def _hold(_: SharedBuffer) -> None:
    """Called when what looked at the buffer has gone; until then it is held as the argument."""


def opened(frame: Frame) -> Frame:
    """The frame for a receiver that cannot be handed segments: with the bytes that lie in them."""
    buffers = [one.view() if type(one) is SharedBuffer else one for one in frame.buffers]
    return frame._replace(buffers=buffers)


class SegmentPool:
    """Lends memory for frames and takes it back; may be used from any thread.

    Memory that one receiver has seen is lent for frames to this receiver only.
    """

    def __init__(self, on_idle: Callable[[], object] = lambda: None) -> None:
        self._on_idle = on_idle
        self._lock = threading.RLock()  # memory may be given back whenever an object is freed
        self._idle: List[_Idle] = []
        self._count = 0
        self._owner = os.getpid()
        self._is_closed = False

    def take(self, receiver: str, size: int) -> Optional[SharedBuffer]:
        """Memory for a frame to that receiver; None when so much is lent already."""
        with self._lock:
            segment = self._reuse(receiver, size)
            if segment is None and not self._has_room():
                return None
            if segment is None:
                try:
                    segment = Segment.create(-(-size // STEP) * STEP)
                except OSError:
                    return None
                self._count += 1
                weakref.finalize(segment, _lost, weakref.ref(self)).atexit = False
        return SharedBuffer(segment, size, self._give_back, (receiver, segment))

    def trim(self, seconds: float = IDLE_SECONDS) -> bool:
        """Free what has not been used for that long; returns whether any memory is idle."""
        with self._lock:
            limit = time.monotonic() - seconds
            dropped = [idle for idle in self._idle if idle.since <= limit]
            self._idle = [idle for idle in self._idle if idle.since > limit]
            is_idle = bool(self._idle)
        del dropped
        return is_idle

    def close(self) -> None:
        """Keep nothing from now on."""
        self._is_closed = True
        self.trim(0)

    def _reuse(self, receiver: str, size: int) -> Optional[Segment]:
        fitting = [
            idle
            for idle in self._idle
            if idle.receiver == receiver and size <= idle.segment.size <= 2 * size + STEP
        ]
        if not fitting:
            return None
        best = min(fitting, key=lambda idle: idle.segment.size)
        self._idle.remove(best)
        return best.segment

    def _has_room(self) -> bool:
        if self._count >= MAX_SEGMENTS and self._idle:
            self._idle.pop(0)
        return self._count < MAX_SEGMENTS

    def _give_back(self, lent: Any) -> None:
        if self._is_closed or os.getpid() != self._owner:
            return  # or a copy of this process, made by fork
        lent[1].is_written = True
        with self._lock:
            self._idle.append(_Idle(lent[0], lent[1], time.monotonic()))
            size = sum(idle.segment.size for idle in self._idle)
            while size > IDLE_BYTES and self._idle:
                size -= self._idle.pop(0).segment.size
        self._on_idle()


class _Idle:
    def __init__(self, receiver: str, segment: Segment, since: float) -> None:
        self.receiver, self.segment, self.since = receiver, segment, since


# Not a method of the pool: what waits for the end of a segment must not keep its pool alive.
def _lost(pool: "weakref.ref[SegmentPool]") -> None:
    owner = pool()
    if owner is not None:
        with owner._lock:
            owner._count -= 1


def _find_create() -> Optional[Callable[[str, int], int]]:
    own = getattr(os, "memfd_create", None)
    if not _has_ctypes:
        return None  # without it nothing could tell when an array is no longer looked at
    if own is not None or not sys.platform.startswith("linux"):
        return own
    try:
        foreign = ctypes.CDLL(None, use_errno=True).memfd_create
    except (OSError, AttributeError):
        return None

    def create(name: str, flags: int) -> int:  # Python 3.7
        descriptor = int(foreign(name.encode(), flags))
        if descriptor < 0:
            raise OSError(ctypes.get_errno(), "memfd_create")
        return descriptor

    return create


def _fcntl(descriptor: int, command: int, argument: int) -> int:
    import fcntl

    return int(fcntl.fcntl(descriptor, command, argument))


_create = _find_create()
