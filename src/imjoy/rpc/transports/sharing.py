"""The memory that one stream shares with its other side, and the notes about it that are to be sent."""

from __future__ import annotations

import array
import asyncio
import errno
import os
import socket
import threading
import weakref
from collections import deque
from typing import Any, Callable, Deque, Iterable, List, Optional, Tuple

from imjoy.protocol.frame import Frame, malformed
from imjoy.protocol.stream import FORGOTTEN, NEW, RETURNED, check_text, pack, pack_note
from imjoy.rpc.transports.leases import Borrowing, Lending
from imjoy.rpc.transports.parts import Fill, Head, Item, size_of
from imjoy.rpc.transports.shared_memory import (
    IDLE_SECONDS,
    SHARE_FROM,
    SegmentPool,
    SharedBuffer,
    is_available,
)

__all__ = ["Sharing", "is_large", "weakly"]

MAX_DESCRIPTORS = 128
TRUNCATED = int(getattr(socket, "MSG_CTRUNC", 0))
_ANCILLARY = getattr(socket, "CMSG_SPACE", lambda size: 0)(4 * MAX_DESCRIPTORS)


class Sharing:
    """Large buffers as memory that is lent to the other side of a Unix socket.

    `send_notes` is called on the loop when there are notes. With `opens=False` what is borrowed stays as it
    is, to be passed on.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        send_notes: Callable[[], None],
        wanted: bool,
        opens: bool,
    ) -> None:
        self._loop, self._send_notes = loop, send_notes
        self.is_offered, self._opens = wanted and is_available(), opens
        self._is_mutual = self._is_closed = False
        # These call from wherever memory is freed, and must not keep this one alive.
        note, wake, plan_trim = weakly(self._note), weakly(self._wake), weakly(self._plan_trim)
        self.pool = SegmentPool(lambda: wake(plan_trim))
        self._lending = Lending(lambda number: note(FORGOTTEN, number))
        self._borrowing = Borrowing(lambda number: note(RETURNED, number), opens)
        self._descriptors: Deque[int] = deque()
        self._notes: Deque[Tuple[int, int]] = deque()
        self._lock = threading.Lock()
        self._trim_timer: Optional[asyncio.TimerHandle] = None

    @property
    def has_notes(self) -> bool:
        return bool(self._notes)

    def take(self, receiver: str, size: int) -> Optional[SharedBuffer]:
        """Memory to be filled for that receiver, from any thread; None: send the buffer as it is."""
        if size < SHARE_FROM or not self._is_mutual or self._is_closed:
            return None
        return self.pool.take(receiver, size)

    def pack(self, frame: Frame) -> List[Item]:
        """The parts of a frame with large buffers, which are lent if the other side borrows."""
        buffers, receiver = list(frame.buffers), frame.header["to"]
        fills: List[Item] = []
        for index, buffer in enumerate(buffers):
            if type(buffer) is not SharedBuffer:
                shared = self.take(receiver, size_of(buffer))
                if shared is not None:
                    fills.append(Fill(shared, memoryview(buffer).cast("B")))
                    buffers[index] = shared
            elif not self._is_mutual:
                buffers[index] = buffer.view()
        check_text(frame.body)  # from here on nothing may fail, or numbers would be lost
        lent = {i: self._lending.lend(b) for i, b in enumerate(buffers) if type(b) is SharedBuffer}
        numbers = {i: number | (is_new * NEW) for i, (number, is_new) in lent.items()}
        parts = [memoryview(part) for part in pack(frame._replace(buffers=buffers), numbers)]
        segments = [buffers[index].segment for index, (_, is_new) in lent.items() if is_new]
        return [*fills, Head(parts[0], segments), *parts[1:]]

    def pack_notes(self) -> List[bytes]:
        """The notes that are to be sent, which are forgotten here."""
        with self._lock:
            notes = [self._notes.popleft() for _ in range(len(self._notes))]
        kinds = {kind: [number for one, number in notes if one == kind] for kind, _ in notes}
        return [pack_note(kind, kinds[kind]) for kind in sorted(kinds)]

    def receive(self, connection: socket.socket, place: memoryview) -> int:
        """As `recv_into`, and keeps the descriptors that come along. Raises OSError also for too many."""
        count, rights, flags, _ = connection.recvmsg_into(
            [place], _ANCILLARY, socket.MSG_CMSG_CLOEXEC
        )
        for level, kind, data in rights:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                numbers = array.array("i")
                numbers.frombytes(data[: len(data) - len(data) % numbers.itemsize])
                self._descriptors.extend(numbers)
        if flags & TRUNCATED or len(self._descriptors) > MAX_DESCRIPTORS:
            raise OSError(errno.EMFILE, "too many files are open")
        return count

    def borrowed(self, number: int, size: int) -> Any:
        """The buffer that a frame names. Raises ProtocolError when its memory was not sent."""
        if number & NEW:
            if not self._descriptors:
                raise malformed("the memory that it names was not sent")
            self._borrowing.add(number & ~NEW, self._descriptors.popleft())
        buffer = self._borrowing.take(number & ~NEW, size)
        return buffer.view() if self._opens else buffer

    def on_note(self, kind: int, numbers: Iterable[int]) -> None:
        """The other side tells something about segments, and so that it shares too."""
        self._is_mutual = self.is_offered
        for number in numbers:
            (self._lending.returned if kind == RETURNED else self._borrowing.forget)(number)

    def close(self) -> None:
        self._is_closed = True
        self._lending.clear()
        self._borrowing.clear()
        self.pool.close()
        if self._trim_timer is not None:
            self._trim_timer.cancel()
        while self._descriptors:
            os.close(self._descriptors.pop())

    def _note(self, kind: int, number: int) -> None:
        """Has something told about a segment; from any thread."""
        if not self._is_closed:
            self._notes.append((kind, number))
            self._wake(self._send_notes)

    def _plan_trim(self) -> None:
        if self._trim_timer is None and not self._is_closed:
            self._trim_timer = self._loop.call_later(IDLE_SECONDS, self._trim)

    def _trim(self) -> None:
        self._trim_timer = None
        if self.pool.trim():
            self._plan_trim()

    def _wake(self, act: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(act)
        except RuntimeError:
            pass  # the loop has been closed, and the connection with it


def is_large(buffer: Any) -> bool:
    """Whether a buffer goes through shared memory, if there is any."""
    return type(buffer) is SharedBuffer or size_of(buffer) >= SHARE_FROM


def weakly(method: Callable[..., None]) -> Callable[..., None]:
    """The method as long as its object lives; who waits for an end must not put it off."""
    reference = weakref.WeakMethod(method)

    def call(*args: Any) -> None:
        alive = reference()
        if alive is not None:
            alive(*args)

    return call
