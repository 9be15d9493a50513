"""What waits to be sent on a stream socket, and gives the socket what it takes."""

from __future__ import annotations

import array
import asyncio
import socket
import threading
from collections import deque
from typing import Callable, Deque, Generic, List, Sequence, Tuple, TypeVar

from imjoy.rpc.transports.parts import Fill, Head, Item, after
from imjoy.rpc.transports.shared_memory import Segment

__all__ = ["TURNS", "Outgoing"]

# One socket gets no more than this many reads or writes before the loop serves others.
TURNS = 32
PARTS = 64
Message = TypeVar("Message")


class Outgoing(Generic[Message]):
    """The queue of one non-blocking socket. `on_broken(error)` is called on the loop when it fails."""

    def __init__(
        self,
        connection: socket.socket,
        loop: asyncio.AbstractEventLoop,
        on_broken: Callable[[OSError], None],
    ) -> None:
        self._socket, self._fd, self._loop = connection, connection.fileno(), loop
        self._on_broken = on_broken
        self._queue: Deque[Item] = deque()
        self._lock = threading.RLock()  # around the queue and what goes to the socket
        self._is_writer = self._is_closed = False
        self._drained: List[Tuple[int, asyncio.Future[None]]] = []
        self.size = 0
        """Bytes that the other side has not taken yet."""

    def at_once(self, pack: Callable[[Message], Sequence[bytes]], message: Message) -> bool:
        """Packs and sends a message if nothing is in its way, from any thread; else gives False."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            if self._queue or self._is_closed:
                return False
            parts = pack(message)
            try:
                sent = self._socket.sendmsg(parts)
            except OSError:
                sent = 0  # the loop will find out why
            if sent < sum(map(len, parts)):
                rest = after([memoryview(part) for part in parts], sent)
                self._queue.extend(rest)
                self.size += sum(map(len, rest))
                self._wake()
            return True
        finally:
            self._lock.release()

    def put(self, items: List[Item]) -> None:
        """Sends these after what is waiting, now as far as the socket takes it; on the loop only."""
        with self._lock:
            self._queue.extend(items)
            self.size += sum(map(len, items))
            is_first = len(self._queue) == len(items)
        if is_first:
            self._write()

    async def until(self, size: int) -> None:
        """Waits until no more than `size` bytes wait to be sent, or it is closed."""
        if not self._is_closed and self.size > size:
            future = self._loop.create_future()
            self._drained.append((size, future))
            await future

    def close(self) -> None:
        """Closes the socket and forgets what is not sent."""
        with self._lock:
            self._is_closed = True
            self._loop.remove_writer(self._fd)
            self._socket.close()
            self._queue.clear()
            self.size = 0
        self._wake_drained()

    def _wake(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._write)
        except RuntimeError:
            pass  # the loop has been closed, and the connection with it

    def _write(self) -> None:
        """Gives the socket what it takes; asks the loop to call again when there is more."""
        try:
            for _ in range(TURNS):
                if not self._queue:
                    break
                first = self._queue[0]
                with self._lock:
                    self._sent(first.step() if type(first) is Fill else self._send_some())
        except (BlockingIOError, InterruptedError):
            pass
        except OSError as error:
            self._loop.call_soon(self._on_broken, error)
            return
        if bool(self._queue) != self._is_writer:
            self._is_writer = not self._is_writer
            if self._is_writer:
                self._loop.add_writer(self._fd, self._write)
            else:
                self._loop.remove_writer(self._fd)
        self._wake_drained()

    def _send_some(self) -> int:
        """Sends what comes next, up to the next part that brings descriptors or must be filled."""
        batch: List[memoryview] = []
        segments: List[Segment] = []
        for item in self._queue:
            if type(item) is memoryview and len(batch) < PARTS:
                batch.append(item)
            elif type(item) is Head and not batch:
                batch.append(item.data)
                segments = item.segments
            else:
                break
        if not segments:
            return self._socket.sendmsg(batch)
        numbers = array.array("i", [segment.descriptor for segment in segments])
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)]
        count = self._socket.sendmsg(batch, rights)
        segments.clear()
        return count

    def _sent(self, count: int) -> None:
        self.size -= count
        while count:
            first = self._queue[0]
            if count < len(first):
                self._queue[0] = first[count:]
                return
            count -= len(first)
            self._queue.popleft()

    def _wake_drained(self) -> None:
        for size, future in self._drained[:]:
            if self.size <= size:
                self._drained.remove((size, future))
                if not future.done():
                    future.set_result(None)
