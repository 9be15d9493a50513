"""Frames over a connected stream socket, as between an engine and its workers."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
from typing import Any, Callable, Dict, List, Optional

from imjoy.errors import PeerGone, ProtocolError, error_record
from imjoy.protocol import messages
from imjoy.protocol.frame import Frame
from imjoy.protocol.stream import RETURNED, StreamDecoder, pack, pack_note
from imjoy.rpc.transports.busy_poll import LoopPoll, is_worthwhile
from imjoy.rpc.transports.outgoing import TURNS, Outgoing
from imjoy.rpc.transports.shared_memory import SharedBuffer
from imjoy.rpc.transports.sharing import Sharing, is_large

__all__ = ["StreamTransport"]

logger = logging.getLogger(__name__)

READ_SIZE = 1 << 17
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

    With `shares`, and when the other side does so too, large buffers go through shared memory; the
    socket must be one of the Unix kind. Who relays frames and never reads them says `opens=False`
    and gets shared buffers as they are. `polls`: see LoopPoll.
    """

    def __init__(
        self,
        connection: socket.socket,
        on_frame: Callable[[Frame], None],
        on_closed: Callable[[str], None],
        shares: bool = False,
        opens: bool = True,
        polls: bool = False,
    ) -> None:
        connection.setblocking(False)
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            connection.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)
        self._socket = connection
        self._on_frame, self._on_closed = on_frame, on_closed
        self._loop = asyncio.get_running_loop()
        self._poll = LoopPoll(self._loop, polls and is_worthwhile())
        self._thread = threading.get_ident()
        self._sharing = Sharing(self._loop, self._send_notes, shares, opens)
        self._outgoing: Outgoing[Frame] = Outgoing(connection, self._loop, self._broke)
        self._decoder = StreamDecoder(
            self._answer_refused, self._sharing.borrowed, self._sharing.on_note
        )
        self._scratch = memoryview(bytearray(READ_SIZE))
        self._closed: Optional[str] = None
        self._fd = self._read_fd = connection.fileno()
        self._reader: Callable[[], None] = self.read
        self.resume_reading()
        if self._sharing.is_offered:
            self._outgoing.put([memoryview(pack_note(RETURNED, ()))])

    @property
    def queued_bytes(self) -> int:
        """Bytes that the other side has not taken yet."""
        return self._outgoing.size

    def send_at_once(self, frame: Frame) -> bool:
        """Sends a frame without large buffers from any thread if nothing is in its way; else gives False.

        It saves the wait for the loop.
        """
        if any(map(is_large, frame.buffers)):
            return False
        return self._outgoing.at_once(self._pack_small, frame)

    def _pack_small(self, frame: Frame) -> List[bytes]:
        packed = pack(frame)
        # First, so that who gets an answer can use the memory again.
        return [*self._sharing.pack_notes(), *packed] if self._sharing.has_notes else packed

    def send(self, frame: Frame) -> None:
        """Sends a frame, now as far as the socket takes it; on the loop only.

        Raises PeerGone when the connection is closed and ProtocolError when the frame is not valid.
        """
        if self._closed is not None:
            raise PeerGone(self._closed)
        self._poll.sent()
        if not frame.buffers and self.send_at_once(frame):
            return
        self._send_notes()
        if any(map(is_large, frame.buffers)):
            self._outgoing.put(self._sharing.pack(frame))
        else:
            self._outgoing.put([memoryview(part) for part in pack(frame)])
        if self._outgoing.size > MAX_QUEUED:
            self.close("it does not take its data")

    def share(self, receiver: str, size: int) -> Optional[SharedBuffer]:
        """Memory for a buffer of a frame to that receiver, from any thread; None: send it as it is.

        Who fills it spares `send` the copy.
        """
        return self._sharing.take(receiver, size)

    def send_threadsafe(self, frame: Frame) -> None:
        """As `send`, from any thread; what cannot be sent is dropped."""
        self._loop.call_soon_threadsafe(self._send_or_drop, frame)

    async def drain(self) -> None:
        """Waits until little is left to be sent; returns at once when little is waiting."""
        if self._outgoing.size > HIGH_WATER:
            await self._outgoing.until(LOW_WATER)

    def pause_reading(self) -> None:
        """Takes no more frames, so that the other side has to wait."""
        self._loop.remove_reader(self._read_fd)

    def resume_reading(self) -> None:
        if self._closed is None:
            self._loop.add_reader(self._read_fd, self._reader)

    @property
    def descriptor(self) -> int:
        return self._fd

    def read_by(self, descriptor: int, reader: Callable[[], None]) -> None:
        """From now on `reader` is called, to call `read`, when that descriptor is readable."""
        self.pause_reading()
        self._read_fd, self._reader = descriptor, reader
        self.resume_reading()

    def close(self, reason: str = "the connection was closed") -> None:
        """Closes the socket; what is not sent is lost. `on_closed` is told the reason, once."""
        if self._closed is not None:
            return
        self._closed = reason
        self.pause_reading()
        self._outgoing.close()
        self._sharing.close()
        self._loop.call_soon(self._on_closed, reason)

    async def aclose(self, reason: str = "the connection was closed", timeout: float = 1.0) -> None:
        """Sends what is waiting, for at most `timeout` seconds, and closes."""
        try:
            await asyncio.wait_for(self._outgoing.until(0), timeout)
        except asyncio.TimeoutError:
            logger.info("A connection was closed before it had taken all of its data")
        self.close(reason)

    def _send_or_drop(self, frame: Frame) -> None:
        try:
            self.send(frame)
        except (PeerGone, ProtocolError) as error:
            logger.debug("A frame could not be sent: %s", error)

    def _send_notes(self) -> None:
        if self._sharing.has_notes and self._closed is None:
            self._outgoing.put([memoryview(part) for part in self._sharing.pack_notes()])

    def _broke(self, error: OSError) -> None:
        self.close(_reason(error))

    def read(self) -> None:
        """Takes what has come, and gives its frames to `on_frame`; one thread at a time."""
        for _ in range(TURNS):
            if self._closed is not None:
                return
            direct = self._decoder.direct()
            place = self._scratch if direct is None else direct
            try:
                count = self._receive(place)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                self._end(_reason(error))
                return
            if count == 0:
                self._end("the other side closed the connection")
                return
            self._poll.came()
            if not self._take(direct is not None, count) or count < len(place):
                return  # asking again would only find nothing; the loop calls when there is more

    def _receive(self, place: memoryview) -> int:
        if self._sharing.is_offered:
            return self._sharing.receive(self._socket, place)
        return self._socket.recv_into(place)

    def _take(self, direct: bool, count: int) -> bool:
        try:
            if direct:
                frames = self._decoder.filled(count)
            else:
                frames = self._decoder.feed(self._scratch[:count])
        except ProtocolError as error:
            self._end(str(error))
            return False
        for frame in frames:
            self._on_frame(frame)
        return True

    def _end(self, reason: str) -> None:
        """Closes after a failure to read, which may be met in any thread."""
        if threading.get_ident() == self._thread:
            self.close(reason)
        else:
            self._loop.call_soon_threadsafe(self.close, reason)

    def _answer_refused(self, header: Dict[str, Any], error: ProtocolError) -> None:
        """A frame that is too large fails its own call, whichever side made it."""
        try:
            messages.check_header(header)
        except ProtocolError:
            return
        record = json.dumps(error_record(error))
        if header["type"] == "call":
            answer = messages.error(header["id"], header["from"], header["to"])
            self.send_threadsafe(Frame(answer, record, []))
        elif header["type"] == "result":
            answer = messages.error(header["id"], header["to"], header["from"])
            self._loop.call_soon_threadsafe(self._on_frame, Frame(answer, record, []))


def _reason(error: OSError) -> str:
    return f"the connection broke ({error.strerror or error})"
