"""Frames over a connected stream socket, as between an engine and its workers."""

from __future__ import annotations

import array
import asyncio
import errno
import json
import logging
import os
import socket
import threading
import weakref
from collections import deque
from typing import Any, Callable, Deque, Dict, List, Optional, Tuple

from imjoy.errors import PeerGone, ProtocolError, error_record
from imjoy.protocol import messages
from imjoy.protocol.frame import Frame, malformed
from imjoy.protocol.stream import (
    FORGOTTEN,
    NEW,
    RETURNED,
    StreamDecoder,
    check_text,
    pack,
    pack_note,
)
from imjoy.rpc.transports.busy_poll import LoopPoll, is_worthwhile
from imjoy.rpc.transports.leases import Borrowing, Lending
from imjoy.rpc.transports.parts import Fill, Head, Item, after, size_of
from imjoy.rpc.transports.shared_memory import (
    IDLE_SECONDS,
    SHARE_FROM,
    Segment,
    SegmentPool,
    SharedBuffer,
    is_available,
)

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
MAX_DESCRIPTORS = 128
TRUNCATED = int(getattr(socket, "MSG_CTRUNC", 0))
_ANCILLARY = getattr(socket, "CMSG_SPACE", lambda size: 0)(4 * MAX_DESCRIPTORS)


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
        self._socket = connection
        self._on_frame, self._on_closed = on_frame, on_closed
        self._loop = asyncio.get_running_loop()
        self._poll = LoopPoll(self._loop, polls and is_worthwhile())
        self._thread = threading.get_ident()
        self._decoder = StreamDecoder(self._answer_refused, self._take_shared, self._on_note)
        self._scratch = memoryview(bytearray(READ_SIZE))
        self._shares, self._opens = shares and is_available(), opens
        self._other_shares = False
        note, wake = _weakly(self._note), _weakly(self._wake)
        self._pool = SegmentPool(lambda: wake(StreamTransport._plan_trim))
        self._lending = Lending(lambda number: note(FORGOTTEN, number))
        self._borrowing = Borrowing(lambda number: note(RETURNED, number), opens)
        self._descriptors: Deque[int] = deque()
        self._notes: Deque[Tuple[int, int]] = deque()
        self._trim_timer: Optional[asyncio.TimerHandle] = None
        self._queue: Deque[Item] = deque()
        self._lock = threading.RLock()  # around the queue and what goes to the socket
        self._queued = 0
        self._is_writer = False
        self._drained: List[Tuple[int, asyncio.Future[None]]] = []
        self._closed: Optional[str] = None
        connection.setblocking(False)
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            connection.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)
        self._fd = self._read_fd = connection.fileno()
        self._reader: Callable[[], None] = self.read
        self.resume_reading()
        if self._shares:
            self._put([memoryview(pack_note(RETURNED, ()))])

    @property
    def queued_bytes(self) -> int:
        """Bytes that the other side has not taken yet."""
        return self._queued

    def send_at_once(self, frame: Frame) -> bool:
        """Sends a frame without large buffers from any thread if nothing is in its way; else gives False.

        It saves the wait for the loop.
        """
        if not self._lock.acquire(blocking=False):
            return False
        try:
            if self._queue or self._closed is not None or any(map(_is_large, frame.buffers)):
                return False
            parts = [*self._pack_notes(), *pack(frame)] if self._notes else pack(frame)
            try:
                sent = self._socket.sendmsg(parts)
            except OSError:
                sent = 0  # the loop will find out why
            if sent < sum(map(len, parts)):
                rest = after([memoryview(part) for part in parts], sent)
                self._queue.extend(rest)
                self._queued += sum(map(len, rest))
                self._wake(StreamTransport._write)
            return True
        finally:
            self._lock.release()

    def send(self, frame: Frame) -> None:
        """Sends a frame, now as far as the socket takes it; on the loop only.

        Raises PeerGone when the connection is closed and ProtocolError when the frame is not valid.
        """
        if self._closed is not None:
            raise PeerGone(self._closed)
        self._poll.sent()
        if not frame.buffers and self.send_at_once(frame):
            return
        if self._notes:
            self._send_notes()  # first, so that who gets an answer can use the memory again
        large = any(map(_is_large, frame.buffers))
        self._put(self._pack_large(frame) if large else [memoryview(part) for part in pack(frame)])

    def share(self, receiver: str, size: int) -> Optional[SharedBuffer]:
        """Memory for a buffer of a frame to that receiver, from any thread; None: send it as it is.

        Who fills it spares `send` the copy.
        """
        if size < SHARE_FROM or not self._other_shares or self._closed is not None:
            return None
        return self._pool.take(receiver, size)

    def send_threadsafe(self, frame: Frame) -> None:
        """As `send`, from any thread; what cannot be sent is dropped."""
        self._loop.call_soon_threadsafe(self._send_or_drop, frame)

    async def drain(self) -> None:
        """Waits until little is left to be sent; returns at once when little is waiting."""
        if self._queued > HIGH_WATER:
            await self._until_waiting(LOW_WATER)

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
        with self._lock:
            self._closed = reason
            self.pause_reading()
            self._loop.remove_writer(self._fd)
            self._socket.close()
        with self._lock:
            self._queue.clear()
            self._queued = 0
        self._lending.clear()
        self._borrowing.clear()
        self._pool.close()
        if self._trim_timer is not None:
            self._trim_timer.cancel()
        while self._descriptors:
            os.close(self._descriptors.pop())
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

    def _put(self, items: List[Item]) -> None:
        with self._lock:
            self._queue.extend(items)
            self._queued += sum(map(len, items))
            is_first = len(self._queue) == len(items)
        if is_first:
            self._write()
        if self._queued > MAX_QUEUED:
            self.close("it does not take its data")

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
            self._loop.call_soon(self.close, _reason(error))
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
        if not self._shares:
            return self._socket.recv_into(place)
        count, rights, flags, _ = self._socket.recvmsg_into(
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

    # Shared memory.

    def _pack_large(self, frame: Frame) -> List[Item]:
        """The parts of a frame with large buffers, which are lent if the other side borrows."""
        buffers, receiver = list(frame.buffers), frame.header["to"]
        fills: List[Item] = []
        for index, buffer in enumerate(buffers):
            if type(buffer) is not SharedBuffer:
                shared = self.share(receiver, size_of(buffer))
                if shared is not None:
                    fills.append(Fill(shared, memoryview(buffer).cast("B")))
                    buffers[index] = shared
            elif not self._other_shares:
                buffers[index] = buffer.view()
        check_text(frame.body)  # from here on nothing may fail, or numbers would be lost
        lent = {i: self._lending.lend(b) for i, b in enumerate(buffers) if type(b) is SharedBuffer}
        numbers = {i: number | (is_new * NEW) for i, (number, is_new) in lent.items()}
        parts = [memoryview(part) for part in pack(frame._replace(buffers=buffers), numbers)]
        segments = [buffers[index].segment for index, (_, is_new) in lent.items() if is_new]
        return [*fills, Head(parts[0], segments), *parts[1:]]

    def _take_shared(self, number: int, size: int) -> Any:
        if number & NEW:
            if not self._descriptors:
                raise malformed("the memory that it names was not sent")
            self._borrowing.add(number & ~NEW, self._descriptors.popleft())
        buffer = self._borrowing.take(number & ~NEW, size)
        return buffer.view() if self._opens else buffer

    def _on_note(self, kind: int, numbers: Tuple[int, ...]) -> None:
        self._other_shares = self._shares
        for number in numbers:
            (self._lending.returned if kind == RETURNED else self._borrowing.forget)(number)

    def _note(self, kind: int, number: int) -> None:
        """Tells the other side something about a segment; from any thread."""
        if self._closed is None:
            self._notes.append((kind, number))
            self._wake(StreamTransport._send_notes)

    def _send_notes(self) -> None:
        parts = self._pack_notes()
        if parts and self._closed is None:
            self._put([memoryview(part) for part in parts])

    def _pack_notes(self) -> List[bytes]:
        with self._lock:
            notes = [self._notes.popleft() for _ in range(len(self._notes))]
        kinds = {kind: [number for one, number in notes if one == kind] for kind, _ in notes}
        return [pack_note(kind, kinds[kind]) for kind in sorted(kinds)]

    def _plan_trim(self) -> None:
        if self._trim_timer is None and self._closed is None:
            self._trim_timer = self._loop.call_later(IDLE_SECONDS, self._trim)

    def _trim(self) -> None:
        self._trim_timer = None
        if self._pool.trim():
            self._plan_trim()

    def _wake(self, method: Callable[[StreamTransport], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(method, self)
        except RuntimeError:
            pass  # the loop has been closed, and the connection with it

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


def _is_large(buffer: Any) -> bool:
    return type(buffer) is SharedBuffer or size_of(buffer) >= SHARE_FROM


def _weakly(method: Callable[..., None]) -> Callable[..., None]:
    """The method as long as its object lives; who waits for an end must not put it off."""
    reference = weakref.WeakMethod(method)

    def call(*args: Any) -> None:
        alive = reference()
        if alive is not None:
            alive(*args)

    return call


def _reason(error: OSError) -> str:
    return f"the connection broke ({error.strerror or error})"
