"""Joins an engine from Python: a WebSocket with Socket.IO on it, which carries frames."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import socket
from typing import Any, Callable, Dict, NamedTuple, Optional
from urllib.parse import urlsplit

from imjoy.errors import AuthError, ImJoyError, PeerGone, ProtocolError, error_record
from imjoy.protocol import messages
from imjoy.protocol.frame import Frame, malformed, too_large
from imjoy.protocol.messages import LIMITS, PROTOCOL
from imjoy.rpc.transports.outlet import as_bytes
from imjoy.rpc.transports.websocket import WebSocketConnection
from imjoy.wire import engineio
from imjoy.wire import socketio as rules
from imjoy.wire.masking import Xor, xor
from imjoy.wire.socketio import Packet, PacketReader, Refused, encode, encode_frame, frame_of
from imjoy.wire.websocket import GUID, Overlong, WebSocketError

__all__ = ["EngineAddress", "SocketIoConnection", "connect"]

HEAD_BYTES = 1 << 16
SECONDS = 20.0
# JSON in JSON: each quotation mark takes two bytes.
TEXT_BYTES = 2 * LIMITS["body"] + (1 << 20)


class EngineAddress(NamedTuple):
    """Where an engine answers; `path` begins and ends with a slash."""

    secure: bool
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, url: str) -> "EngineAddress":
        """From `http://host:port/` (what is behind `#` or `?` is ignored). Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no address of an engine, such as http://127.0.0.1:8080")
        secure = parts.scheme == "https"
        path = "/" + "/".join(one for one in parts.path.split("/") if one)
        return cls(
            secure, parts.hostname, parts.port or (443 if secure else 80), path.rstrip("/") + "/"
        )

    @property
    def authority(self) -> str:
        """Host and port as in a Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class SocketIoConnection(WebSocketConnection):
    """One connection of a client; `ready` is the welcome, or why there is none.

    `on_frame` gets what arrives, `on_lost` the reason when an open connection has ended.
    `on_place(header, size)` may say where the next binary part of a frame is to be received.
    """

    on_place: Callable[[Any, int], Optional[memoryview]] = staticmethod(lambda header, size: None)

    def __init__(
        self,
        address: EngineAddress,
        payload: Dict[str, Any],
        on_frame: Callable[[Frame], None],
        on_lost: Callable[[str], None],
        one: Xor = xor,
    ) -> None:
        super().__init__(masks=True)
        self.ready: "asyncio.Future[Dict[str, Any]]" = self.loop.create_future()
        self._address, self._payload = address, payload
        self.on_frame, self._on_lost, self._xor = on_frame, on_lost, one
        self._key = base64.b64encode(os.urandom(16))
        self._head = bytearray(HEAD_BYTES)
        self._have = 0
        self._packets = PacketReader(LIMITS["buffers"], LIMITS["frame"])
        self._is_ready = False

    def send(self, frame: Frame) -> None:
        """Send a frame. Raises ProtocolError when its text cannot be sent."""
        header, body, parts = frame
        buffers = [as_bytes(part) for part in parts] if parts else ()
        try:
            self.send_text(encode_frame(header, body, buffers))
        except UnicodeEncodeError:
            raise malformed("its text holds half a character") from None
        for buffer in buffers:
            self.send_binary(buffer)

    # The handshake of HTTP.

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(
            f"GET {self._address.path}socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
            f"Host: {self._address.authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {self._key.decode()}\r\n\r\n".encode()
        )

    def get_buffer(self, sizehint: int) -> Any:
        if self.outlet is None:
            return memoryview(self._head)[self._have :]
        return super().get_buffer(sizehint)

    def buffer_updated(self, nbytes: int) -> None:
        if self.outlet is not None:
            super().buffer_updated(nbytes)
            return
        self._have += nbytes
        end = self._head.find(b"\r\n\r\n", 0, self._have)
        if end >= 0:
            self._upgraded(bytes(self._head[:end]), bytes(self._head[end + 4 : self._have]))
        elif self._have == len(self._head):
            self._fail(ProtocolError("What answers at this address is no engine."))

    def _upgraded(self, head: bytes, rest: bytes) -> None:
        line, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in
                   (one.partition(":") for one in lines)}  # fmt: skip
        proof = base64.b64encode(hashlib.sha1(self._key + GUID).digest()).decode()
        status = line.split(" ")[1:2]
        if status != ["101"] or headers.get("sec-websocket-accept") != proof:
            what = f"The engine refused the connection ({' '.join(line.split(' ')[1:])})."
            self._fail(AuthError(what, code="auth.forbidden"))
            return
        self.open(LIMITS["frame"], strict=False, one=self._xor)
        self.reader.text_limit = TEXT_BYTES
        self._head = bytearray()
        while rest:
            memory = self.reader.buffer()
            count = min(len(rest), len(memory))
            memory[:count] = rest[:count]
            rest = rest[count:]
            super().buffer_updated(count)

    # Engine.IO and Socket.IO.

    def on_text(self, text: Any) -> None:
        if type(text) is str and self._is_ready and not self._packets.is_waiting:
            parts = frame_of(text)
            if parts is not None:
                self.on_frame(Frame(parts[0], parts[1], []))
                return
        kind = text.start[:1].decode("latin-1") if isinstance(text, Overlong) else text[:1]
        if kind == engineio.MESSAGE:
            self._on_packet(self._read(self._packets.text, text))
        elif kind == engineio.PING:
            self.send_text(engineio.PONG + text[1:])
        elif kind == engineio.OPEN:
            self.send_text(encode(rules.CONNECT, self._payload))
        elif kind == engineio.CLOSE:
            self.close()

    def on_binary(self, data: Any) -> None:
        self._on_packet(self._read(self._packets.binary, data))

    def place(self, size: int) -> Optional[memoryview]:
        header = self._packets.waiting_header
        return None if header is None else self.on_place(header, size)

    def on_end(self, reason: str) -> None:
        if self._is_ready:
            self._is_ready = False
            self._on_lost(reason)
        else:
            self._fail(PeerGone(f"The engine ended the connection: {reason}."))

    @staticmethod
    def _read(read: Callable[[Any], Any], message: Any) -> Any:
        try:
            return read(message)
        except ValueError as error:
            raise WebSocketError(1002, f"a packet is bad: {error}") from None

    def _on_packet(self, packet: Any) -> None:
        if isinstance(packet, Refused):
            self._refuse(packet)
        elif packet is None:
            pass
        elif packet.kind in (rules.EVENT, rules.BINARY_EVENT):
            self._on_event(packet)
        elif packet.kind == rules.CONNECT_ERROR:
            message = packet.data.get("message") if isinstance(packet.data, dict) else ""
            self._fail(_refusal(str(message)))
        elif packet.kind == rules.DISCONNECT:
            self.close()

    def _on_event(self, packet: Packet) -> None:
        name, *parts = packet.data
        if name == "welcome" and parts and isinstance(parts[0], dict):
            self._is_ready = True
            if not self.ready.done():
                self.ready.set_result(parts[0])
        elif name == "frame" and len(parts) > 1:
            self.on_frame(Frame(parts[0], parts[1], parts[2:]))

    def _refuse(self, refused: Refused) -> None:
        """A frame was too large for us: if it answers a call, the call fails."""
        header = refused.packet.data[1] if len(refused.packet.data) > 1 else None
        if isinstance(header, dict) and header.get("type") in ("result", "error"):
            error = too_large(refused.reason)
            self.on_frame(_error_in_place(header, error))

    def _fail(self, error: ImJoyError) -> None:
        if not self.ready.done():
            self.ready.set_exception(error)
        self.abort()


def _error_in_place(header: Dict[str, Any], error: ImJoyError) -> Frame:
    """An error in place of an answer that could not be taken."""
    kept: Dict[str, Any] = {key: header[key] for key in ("seq", "ack") if key in header}
    answer = messages.error(str(header.get("id")), str(header.get("to")), str(header.get("from")))
    return Frame({**answer, **kept}, json.dumps(dict(error_record(error), data=None)), [])


def _refusal(code: str) -> ImJoyError:
    text = messages.ERRORS.get(code, "The engine refused the connection.")
    kind = AuthError if code.startswith("auth.") else ImJoyError
    return kind(text, code=code or "auth.forbidden")


async def _open_near(made: SocketIoConnection, name: str) -> bool:
    """False when there is no such socket: the engine is elsewhere, or another one by now."""
    try:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    except (OSError, AttributeError):
        return False
    try:
        connection.setblocking(False)
        # Not by its name: uvloop takes none without a file.
        await made.loop.sock_connect(connection, f"\0{name}")
        await made.loop.create_unix_connection(lambda: made, sock=connection)
    except (OSError, ValueError, NotImplementedError):
        connection.close()
        return False
    except asyncio.CancelledError:
        connection.close()
        raise
    return True


async def connect(
    address: EngineAddress,
    payload: Dict[str, Any],
    on_frame: Callable[[Frame], None],
    on_lost: Callable[[str], None],
    one: Xor = xor,
    ssl: Any = None,
    seconds: float = SECONDS,
    near: str = "",
) -> SocketIoConnection:
    """Connect with a CONNECT payload; its `ready` has the welcome.

    `near`: the name of the engine's socket for programs on its machine, which is tried first.
    Raises AuthError or ImJoyError when the engine refuses, PeerGone or OSError when there is none.
    """
    loop = asyncio.get_running_loop()
    made = SocketIoConnection(address, {"protocol": PROTOCOL, **payload}, on_frame, on_lost, one)
    secure = (True if ssl is None else ssl) if address.secure else None
    opening = loop.create_connection(lambda: made, address.host, address.port, ssl=secure)
    try:
        if near and await _open_near(made, near):
            opening.close()
        else:
            await asyncio.wait_for(opening, seconds)
        await asyncio.wait_for(asyncio.shield(made.ready), seconds)
    except BaseException as error:
        made.ready.cancel()
        made.abort()
        await made.wait_closed()
        if isinstance(error, asyncio.TimeoutError):
            what = f"The engine did not answer within {seconds:g} seconds."
            raise PeerGone(what) from None
        raise
    return made
