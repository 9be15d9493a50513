"""Sends in order through a transport of asyncio, large parts from where they are."""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
from collections import deque
from typing import Any, Callable, Deque, Optional

from imjoy.rpc.transports.busy_poll import LoopPoll, is_worthwhile

__all__ = ["LARGE", "Outlet", "as_bytes"]

# Smaller parts are joined; joining costs less than a system call for each.
LARGE = 1 << 16
JOINED = 1 << 18
# So many small parts do not wait for the end of the turn; twice as many the next time in it.
FIRST_BATCH = 4
# Parts given to the system in one call, and bytes sent before others may have their turn.
PARTS = 64
TURN = 16 << 20


class Outlet:
    """Queues parts without copying them: they must not be changed until they are sent.

    All small parts of one turn of the loop leave together. `size` is what waits here, `sent` what
    the system has taken so far. The protocol of the transport passes `pause` and `resume` on.
    """

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        transport.set_write_buffer_limits(high=0)  # be told whenever it holds anything back
        self.size = self.sent = 0
        self._transport, self._loop = transport, loop
        self._queue: Deque[Any] = deque()
        self._scheduled = self._in_turn = self._paused = self._closed = False
        self._on_empty: Optional[Callable[[], None]] = None
        self._is_plain = _is_plain(transport)
        self._direct: Optional[socket.socket] = None
        self._watches = False
        self._batch = FIRST_BATCH
        self._poll = LoopPoll(loop, is_worthwhile())

    def write(self, part: Any) -> None:
        """Queue bytes, or a memoryview of bytes."""
        if self._closed:
            return
        self._queue.append(part)
        self.size += len(part)
        if len(self._queue) >= self._batch:
            self._flush_early()
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._flush)

    def begin_turn(self) -> None:
        """Something was read and is going to be heard: what that brings waits for `end_turn`."""
        self._poll.came()
        self._in_turn = not self._scheduled
        self._scheduled = True

    def end_turn(self, heard: bool) -> None:
        """What was read has been heard: send the answers, or wait for those of woken tasks.

        They leave when these tasks have run, and not after the loop has looked for news again.
        `heard`: there was a message in it.
        """
        if not self._in_turn:
            return
        self._in_turn = False
        if self._queue or not heard:
            self._flush()
        else:
            self._loop.call_soon(self._flush)

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False
        self._flush()

    def when_empty(self, act: Callable[[], None]) -> None:
        """Call `act` once, when everything has been given to the system."""
        self._on_empty = act
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._flush)

    def close(self) -> None:
        """Forget what waits."""
        self._closed = True
        self._queue.clear()
        self.size = 0
        self._end_direct()

    def _flush(self) -> None:
        self._scheduled = False
        self._batch = FIRST_BATCH
        self._send_small()
        while self._queue and not self._paused and self._direct is None:
            if len(self._queue[0]) >= LARGE and self._is_plain:
                self._begin_direct()
            else:
                self._write_some()
        if not self._queue and not self._paused and self._on_empty is not None:
            act, self._on_empty = self._on_empty, None
            act()

    def _flush_early(self) -> None:
        """Let the other side begin with the first parts while more of them come."""
        self._batch = min(2 * self._batch, PARTS)
        self._send_small()

    def _send_small(self) -> None:
        if self.size < LARGE and self._queue and not self._paused and self._direct is None:
            data = b"".join(self._queue)  # no part of it is large
            self._queue.clear()
            self.sent += self.size
            self.size = 0
            self._transport.write(data)
            self._poll.sent()

    def _write_some(self) -> None:
        """Give the transport small parts, or a piece of a large one; it may pause us for that."""
        queue, parts, size = self._queue, [], 0
        if len(queue[0]) >= LARGE:
            view = memoryview(queue[0])
            parts, size = [view[:JOINED]], min(JOINED, len(view))
            queue[0] = view[JOINED:]
            if not len(queue[0]):
                queue.popleft()
        while queue and size < JOINED and len(queue[0]) < LARGE:
            part = queue.popleft()
            parts.append(part)
            size += len(part)
        self.size -= size
        self.sent += size
        self._transport.write(b"".join(parts) if len(parts) > 1 else parts[0])

    # A second descriptor of the same socket: the transport would copy what does not fit at once.

    def _begin_direct(self) -> None:
        descriptor = os.dup(self._transport.get_extra_info("socket").fileno())
        self._direct = socket.socket(fileno=descriptor)
        self._direct.setblocking(False)
        self._send_direct()

    def _send_direct(self) -> None:
        direct, turn = self._direct, 0
        assert direct is not None
        try:
            while self._queue and turn < TURN:
                sent = direct.sendmsg(list(itertools.islice(self._queue, PARTS)))
                self._taken(sent)
                turn += sent
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            self.close()
            self._transport.abort()
            return
        if self._queue:
            if not self._watches:
                self._watches = True
                self._loop.add_writer(direct.fileno(), self._send_direct)
        else:
            watched = self._watches
            self._end_direct()
            if watched:
                self._flush()

    def _taken(self, count: int) -> None:
        self.size -= count
        self.sent += count
        queue = self._queue
        while count:
            first = queue[0]
            if len(first) > count:
                queue[0] = memoryview(first)[count:]
                return
            count -= len(first)
            queue.popleft()

    def _end_direct(self) -> None:
        if self._direct is not None:
            if self._watches:
                self._loop.remove_writer(self._direct.fileno())
            self._direct.close()
        self._direct, self._watches = None, False


def _is_plain(transport: Any) -> bool:
    """Whether what is sent goes to the socket as it is, and the loop can watch the socket."""
    return (
        os.name == "posix"
        and hasattr(socket.socket, "sendmsg")
        and transport.get_extra_info("ssl_object") is None
        and transport.get_extra_info("socket") is not None
    )


def as_bytes(buffer: Any) -> Any:
    """The buffer as bytes that can be counted and cut, where they are."""
    if isinstance(buffer, (bytes, bytearray)):
        return buffer
    view = memoryview(buffer)
    if view.nbytes == 0:
        return b""
    return view.cast("B") if view.c_contiguous else view.tobytes()
