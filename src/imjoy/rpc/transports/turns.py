"""Two threads take turns at reading one connection: its loop's, and one that waits for what comes.

Who waits reads by itself, which spares a message the way through another thread.
"""

from __future__ import annotations

import contextlib
import select
import threading
from typing import Callable

from imjoy.rpc.transports.stream import StreamTransport

__all__ = ["ReadingTurns", "is_available"]


def is_available() -> bool:
    """Whether this system can tell a loop to leave a connection alone, from any thread (Linux)."""
    return hasattr(select, "epoll")


class ReadingTurns:
    """The loop of the transport reads, except between `take` and `give` of one other thread.

    `before_loop()` is called on the loop whenever it is about to read.
    """

    def __init__(self, transport: StreamTransport, before_loop: Callable[[], None]) -> None:
        self.transport = transport
        self._before_loop = before_loop
        self._lock = threading.Lock()
        self._is_taken = False
        # The loop waits for this object, which can be made deaf without waking the loop.
        self._gate = select.epoll()
        self._gate.register(transport.descriptor, select.EPOLLIN)
        transport.read_by(self._gate.fileno(), self._read_on_loop)

    def take(self) -> None:
        """From now on this thread reads, if it does not yet; waits while the loop does."""
        if not self._is_taken:
            self._listen(0)
            self._lock.acquire()
            self._is_taken = True

    def give(self) -> None:
        """From now on the loop reads again."""
        if self._is_taken:
            self._is_taken = False
            self._lock.release()
            self._listen(select.EPOLLIN)

    def read(self) -> None:
        """Take what is there; between `take` and `give`."""
        self.transport.read()

    def _listen(self, events: int) -> None:
        with contextlib.suppress(OSError):  # the connection is closed
            self._gate.modify(self.transport.descriptor, events)

    def _read_on_loop(self) -> None:
        if self._lock.acquire(blocking=False):
            try:
                self._before_loop()
                self.transport.read()
            finally:
                self._lock.release()
