"""Frames over a connected stream socket, as between an engine and its workers."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import socket
from collections import deque
from typing import Any, Callable, Deque, Dict, List, Optional, Tuple

from imjoy.errors import PeerGone, ProtocolError, error_record
from imjoy.protocol import messages
from imjoy.protocol.frame import Frame
from imjoy.protocol.stream import StreamDecoder, pack

__all__ = ["StreamTransport"]

logger = logging.getLogger(__name__)

READ_SIZE = 1 << 17
# One socket gets no more than this many reads or writes before the loop serves others.
TURNS = 32
PARTS = 64
# Above the first mark `drain` waits, until less than the second is waiting to be sent.
HIGH_WATER = 64 << 20
LOW_WATER = 16 << 20
# A peer that lets this much wait for it loses its connection.
MAX_QUEUED = 4 << 30
SOCKET_BUFFER = 1 << 20


class StreamTransport:
    """Sends and receives frames on a non-blocking socket with the running event loop.

    `on_frame(frame)` is called for each frame, `on_closed(reason)` once at the end. Large buffers
    are received to where they stay and sent from where they are: they must not change till then.
    """

    def __init__(
        self,
        connection: socket.socket,
        on_frame: Callable[[Frame], None],
        on_closed: Callable[[str], None],
    ) -> None:
        self._socket = connection
        self._on_frame, self._on_closed = on_frame, on_closed
        self._loop = asyncio.get_running_loop()
        self._decoder = StreamDecoder(self._answer_refused)
        self._scratch = memoryview(bytearray(READ_SIZE))
        self._queue: Deque[memoryview] = deque()
        self._queued = 0
        self._is_writer = False
        self._drained: List[Tuple[int, asyncio.Future[None]]] = []
        self._closed: Optional[str] = None
        connection.setblocking(False)
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            connection.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)
        self._fd = connection.fileno()
        self.resume_reading()

    @property
    def queued_bytes(self) -> int:
        """Bytes that the other side has not taken yet."""
        return self._queued

    def send(self, frame: Frame) -> None:
        """Sends a frame, now as far as the socket takes it; on the loop only.

        Raises PeerGone when the connection is closed and ProtocolError when the frame is not valid.
        """
        if self._closed is not None:
            raise PeerGone(self._closed)
        parts = [memoryview(part) for part in pack(frame)]
        self._queue.extend(parts)
        self._queued += sum(map(len, parts))
        if len(self._queue) == len(parts):
            self._write()
        if self._queued > MAX_QUEUED:
            self.close("it does not take its data")

    def send_threadsafe(self, frame: Frame) -> None:
        """As `send`, from any thread; what cannot be sent is dropped."""
        self._loop.call_soon_threadsafe(self._send_or_drop, frame)

    async def drain(self) -> None:
        """Waits until little is left to be sent; returns at once when little is waiting."""
        if self._queued > HIGH_WATER:
            await self._until_waiting(LOW_WATER)

    def pause_reading(self) -> None:
        """Takes no more frames, so that the other side has to wait."""
        self._loop.remove_reader(self._fd)

    def resume_reading(self) -> None:
        if self._closed is None:
            self._loop.add_reader(self._fd, self._read)

    def close(self, reason: str = "the connection was closed") -> None:
        """Closes the socket; what is not sent is lost. `on_closed` is told the reason, once."""
        if self._closed is not None:
            return
        self._closed = reason
        self._loop.remove_reader(self._fd)
        self._loop.remove_writer(self._fd)
        self._socket.close()
        self._queue.clear()
        self._queued = 0
        self._wake_drained()
        self._loop.call_soon(self._on_closed, reason)

    async def aclose(self, reason: str = "the connection was closed", timeout: float = 1.0) -> None:
        """Sends what is waiting, for at most `timeout` seconds, and closes."""
        try:
            await asyncio.wait_for(self._until_waiting(0), timeout)
        except asyncio.TimeoutError:
            logger.info("A connection was closed before it had taken all of its data")
        self.close(reason)

    async def _until_waiting(self, size: int) -> None:
        """Waits until no more than `size` bytes wait to be sent, or the connection is closed."""
        if self._closed is None and self._queued > size:
            future = self._loop.create_future()
            self._drained.append((size, future))
            await future

    def _send_or_drop(self, frame: Frame) -> None:
        try:
            self.send(frame)
        except (PeerGone, ProtocolError) as error:
            logger.debug("A frame could not be sent: %s", error)

    def _write(self) -> None:
        """Gives the socket what it takes; asks the loop to call again when there is more."""
        try:
            for _ in range(TURNS):
                self._sent(self._socket.sendmsg(list(itertools.islice(self._queue, PARTS))))
                if not self._queue:
                    break
        except (BlockingIOError, InterruptedError):
            pass
        except OSError as error:
            self._loop.call_soon(self.close, _reason(error))
            return
        if bool(self._queue) != self._is_writer:
            self._is_writer = not self._is_writer
            if self._is_writer:
                self._loop.add_writer(self._fd, self._write)
            else:
                self._loop.remove_writer(self._fd)
        self._wake_drained()

    def _sent(self, count: int) -> None:
        self._queued -= count
        while count:
            first = self._queue[0]
            if count < len(first):
                self._queue[0] = first[count:]
                return
            count -= len(first)
            self._queue.popleft()

    def _wake_drained(self) -> None:
        for size, future in self._drained[:]:
            if self._queued <= size:
                self._drained.remove((size, future))
                if not future.done():
                    future.set_result(None)

    def _read(self) -> None:
        for _ in range(TURNS):
            if self._closed is not None:
                return
            direct = self._decoder.direct()
            try:
                count = self._socket.recv_into(self._scratch if direct is None else direct)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                self.close(_reason(error))
                return
            if count == 0:
                self.close("the other side closed the connection")
                return
            if not self._take(direct is not None, count):
                return

    def _take(self, direct: bool, count: int) -> bool:
        try:
            if direct:
                frames = self._decoder.filled(count)
            else:
                frames = self._decoder.feed(self._scratch[:count])
        except ProtocolError as error:
            self.close(str(error))
            return False
        for frame in frames:
            self._on_frame(frame)
        return True

    def _answer_refused(self, header: Dict[str, Any], error: ProtocolError) -> None:
        """A frame that is too large fails its own call, whichever side made it."""
        try:
            messages.check_header(header)
        except ProtocolError:
            return
        record = json.dumps(error_record(error))
        if header["type"] == "call":
            answer = messages.error(header["id"], header["from"], header["to"])
            self._send_or_drop(Frame(answer, record, []))
        elif header["type"] == "result":
            answer = messages.error(header["id"], header["to"], header["from"])
            self._loop.call_soon(self._on_frame, Frame(answer, record, []))


def _reason(error: OSError) -> str:
    return f"the connection broke ({error.strerror or error})"
