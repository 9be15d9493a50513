"""One end of an open WebSocket on asyncio: messages in and out, pings answered, an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from typing import Any, Optional

from imjoy.rpc.transports.outlet import LARGE, Outlet
from imjoy.wire import websocket as rules
from imjoy.wire.masking import Xor, xor
from imjoy.wire.websocket import MessageReader, WebSocketError, close_payload, frame_head

__all__ = ["WebSocketConnection"]

logger = logging.getLogger(__name__)

# Between the answer to a close and the end of the connection, and for a slow peer to take it.
CLOSE_SECONDS = 3.0
# Pings are answered only while not more than this waits to be sent.
PONG_BYTES = 1 << 20
INTERNAL_ERROR = 1011
# What a Unix socket holds, so that large messages need fewer changes of processes.
NEAR_BUFFER = 1 << 20


class _Shared(threading.local):
    """Where small messages are received: nothing stays there while other connections run."""

    def __init__(self) -> None:
        self.memory = bytearray(rules.SCRATCH)


_SHARED = _Shared()


class WebSocketConnection(asyncio.BufferedProtocol):
    """Subclasses say what to do with messages and with the end (`on_text`, `on_binary`, `on_end`).

    A subclass calls `open` when the handshake is over, and receives what belongs to it itself.
    """

    transport: Any = None
    outlet: Optional[Outlet] = None
    reader: MessageReader

    def __init__(self, masks: bool) -> None:
        self.loop = asyncio.get_running_loop()
        self._masks = masks
        self._is_closing = False
        self._has_ended = asyncio.Event()
        self._deadline: Optional[asyncio.TimerHandle] = None
        self._received = 0
        # What had been received and sent, and whether something waited, when `has_moved` was asked.
        self._seen = (0, 0, False)

    def open(self, limit: int, strict: bool, one: Xor = xor) -> None:
        """The handshake is over: what comes from now on is WebSocket."""
        self.reader = MessageReader(not self._masks, limit, strict, _SHARED.memory, one)
        self.reader.place = self.place
        self.outlet = Outlet(self.transport, self.loop)
        connection = self.transport.get_extra_info("socket")
        if connection is not None and connection.family == getattr(socket, "AF_UNIX", None):
            with contextlib.suppress(TypeError):  # uvloop lets nobody change it
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, NEAR_BUFFER)

    # What subclasses do.

    def on_text(self, text: Any) -> None:
        """A text message, or an Overlong."""

    def on_binary(self, data: Any) -> None:
        """A binary message, or an Overlong."""

    def place(self, size: int) -> Optional[memoryview]:
        """Where a large binary message of this size is to be received; None: anywhere."""
        return None

    def on_end(self, reason: str) -> None:
        """The connection is over."""

    # What others may do.

    @property
    def queued(self) -> int:
        """Bytes that wait to be sent."""
        return 0 if self.outlet is None else self.outlet.size

    def send_text(self, text: str) -> None:
        """Raises UnicodeEncodeError when the text holds half a character."""
        data = text.encode()
        if self.outlet is not None:
            head = frame_head(rules.TEXT, len(data), self._masks)
            if len(data) < LARGE:
                self.outlet.write(head + data)
            else:
                self._write(head, data)

    def send_binary(self, data: Any) -> None:
        """Send bytes or a memoryview of bytes, which must not be changed until they are sent."""
        self._write(frame_head(rules.BINARY, len(data), self._masks), data)

    def ping(self) -> None:
        self._write(frame_head(rules.PING, 0, self._masks), b"")

    def has_moved(self) -> bool:
        """Whether the other side has shown life since the last time that this was asked.

        It has when a byte came, or when one went that had to wait for it; others only fill the
        buffers of this machine.
        """
        received, sent, waited = self._seen
        now_sent = self.outlet.sent if self.outlet is not None else 0
        self._seen = (self._received, now_sent, self.queued > 0)
        return self._received != received or (waited and now_sent != sent)

    def close(self, code: int = rules.NORMAL, reason: str = "") -> None:
        """End in an orderly way: what waits is sent, then the reason, then the other side ends."""
        if self._is_closing or self.transport is None:
            return
        self._is_closing = True
        if self.outlet is None:
            self.transport.close()
            return
        payload = b"" if code == rules.NO_STATUS else close_payload(code, reason)
        self._write(frame_head(rules.CLOSE, len(payload), self._masks), payload)
        self.outlet.when_empty(self._end_sending)
        self._deadline = self.loop.call_later(CLOSE_SECONDS, self.abort)

    def abort(self) -> None:
        """End at once."""
        self._is_closing = True
        if self.outlet is not None:
            self.outlet.close()
        if self.transport is not None:
            self.transport.abort()

    async def wait_closed(self) -> None:
        """Wait until the socket is closed; somebody has called `close` or `abort`."""
        if self.transport is not None:
            await self._has_ended.wait()

    # What asyncio calls.

    def get_buffer(self, sizehint: int) -> Any:
        return _SHARED.memory if self._is_closing else self.reader.buffer()

    def buffer_updated(self, nbytes: int) -> None:
        self._received += nbytes
        if self._is_closing:
            return  # the other side may still be sending; nobody listens
        try:
            self._hear(nbytes)
        except WebSocketError as error:
            self.close(error.code, error.reason)
        except Exception:  # a wall: one message must not end the loop's other connections
            logger.exception("A message could not be handled")
            self.close(INTERNAL_ERROR, "a message could not be handled")

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Optional[Exception]) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._is_closing = True
        if self.outlet is not None:
            self.outlet.close()
        self._has_ended.set()
        self.on_end("the connection was lost" if exc is None else f"the connection broke: {exc}")

    def pause_writing(self) -> None:
        if self.outlet is not None:
            self.outlet.pause()

    def resume_writing(self) -> None:
        if self.outlet is not None:
            self.outlet.resume()

    def _hear(self, nbytes: int) -> None:
        outlet = self.outlet
        if outlet is None:
            return
        heard = False
        outlet.begin_turn()
        try:
            for opcode, payload in self.reader.received(nbytes):
                heard = True
                if opcode == rules.TEXT:
                    self.on_text(payload)
                elif opcode == rules.BINARY:
                    self.on_binary(payload)
                else:
                    self._control(opcode, payload)
                if self._is_closing:
                    break
        finally:
            outlet.end_turn(heard)

    def _control(self, opcode: int, payload: Any) -> None:
        if opcode == rules.PING:
            if self.queued <= PONG_BYTES:
                self._write(frame_head(rules.PONG, len(payload), self._masks), payload)
        elif opcode == rules.CLOSE:
            self.close(int.from_bytes(payload[:2], "big") if payload else rules.NO_STATUS)

    def _write(self, head: bytes, payload: Any) -> None:
        if self.outlet is not None:
            self.outlet.write(head)
            if len(payload):
                self.outlet.write(payload)

    def _end_sending(self) -> None:
        if self.transport.can_write_eof() and not self.transport.is_closing():
            # The other side may have gone already, which asyncio has not heard of yet.
            with contextlib.suppress(OSError):
                self.transport.write_eof()
