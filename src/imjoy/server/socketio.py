"""Speaks Socket.IO with pages: logs them in, and hands frames on between them and the engine."""

from __future__ import annotations

import json
import logging
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

from imjoy.errors import ImJoyError, ProtocolError, error_record
from imjoy.protocol.frame import Frame
from imjoy.protocol.messages import LIMITS, PROTOCOL
from imjoy.rpc.transports.outlet import as_bytes
from imjoy.server.engineio import EngineIoSocket
from imjoy.server.logins import Keys
from imjoy.wire import socketio as rules
from imjoy.wire.socketio import Packet, PacketReader, Refused, encode, encode_frame, frame_of
from imjoy.wire.websocket import POLICY

logger = logging.getLogger(__name__)

OUTGOING_BYTES = 4 * 1024**3
KNOWN_PAGES = 1000
_BINARY = (bytes, bytearray, memoryview)
_ADDRESS = re.compile(r"[0-9a-z]{32}")


class PageHost(Protocol):
    """What pages are connected to: the engine."""

    address: str

    def connect_page(
        self,
        page: str,
        send: Callable[[Frame], None],
        hello: dict[str, Any],
        close: Callable[[], None],
    ) -> dict[str, Any]:
        """`hello`: the object of that name in the CONNECT payload. Gives what `welcome` adds.

        Sends nothing before it has returned, so that `welcome` is the first event. `close` ends the
        socket. May be called while an older socket of the page is there, which it then replaces:
        no `disconnect_page` for that one. Raises ImJoyError, whose code is the refusal.
        """
        ...

    def disconnect_page(self, page: str, reason: str, for_good: bool = False) -> None: ...
    def receive(self, page: str, frame: Frame) -> None: ...
    def answer(self, page: str, frame: Frame) -> None:
        """Send a frame in the session of a page."""
        ...

    def place(self, page: str, header: Any, size: int) -> memoryview | None:
        """Where the next binary part of a frame is to be received; None: anywhere."""
        ...


class LoginRefused(Exception):
    """A page is not let in; `code` is what it is told."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PageSocket:
    """One connection, of a page when it has logged in."""

    def __init__(self, hub: PageHub, socket: EngineIoSocket) -> None:
        self._hub, self.socket = hub, socket
        self._packets = PacketReader(LIMITS["buffers"], LIMITS["frame"])
        self.page: str | None = None
        self.session_id = ""

    def send(self, frame: Frame) -> None:
        """Send a frame; called on the loop only. A page that reads too slowly loses its socket."""
        header, body, parts = frame
        buffers = [as_bytes(part) for part in parts] if parts else []
        size = len(body) + sum(map(len, buffers))
        if self.socket.carrier.queued + size > OUTGOING_BYTES:
            logger.warning("A page does not take its data; its connection is closed")
            self._hub.drop(self, "the page does not take its data")
            self.socket.close(POLICY, "too much waits to be sent")
            return
        try:
            self.socket.send(encode_frame(header, body, buffers), buffers)
        except UnicodeEncodeError:
            raise ProtocolError("A text holds half a character.") from None

    def close(self) -> None:
        """End the connection of a page, which may come back."""
        self._hub.drop(self, "the connection to the page was closed")
        self.socket.close()

    def on_text(self, text: Any) -> None:
        if self.page is None:
            self._before_login(text)
            return
        if type(text) is str and not self._packets.is_waiting:
            parts = frame_of(text)
            if parts is not None:
                header, body = parts
                if type(header) is dict and type(body) is str and len(body) <= LIMITS["body"]:
                    self._hub.host.receive(self.page, Frame(header, body, []))
                else:
                    self._on_frame(parts)
                return
        self._take(self._packets.text(text))

    def on_binary(self, data: Any) -> None:
        if self.page is not None:
            self._take(self._packets.binary(data))

    def place(self, size: int) -> memoryview | None:
        header = self._packets.waiting_header
        if self.page is None or header is None:
            return None
        return self._hub.place(self.page, header, size)

    def on_end(self, reason: str) -> None:
        self._hub.drop(self, reason)

    def _before_login(self, text: Any) -> None:
        """Only CONNECT is heard; nothing is kept of anything else."""
        if not isinstance(text, str) or not text.startswith("40"):
            return
        packet = rules.parse(text).packet
        if packet.namespace != rules.ROOT:
            self._refuse("Invalid namespace", packet.namespace)
            return
        try:
            welcome = self._hub.log_in(self, packet.data)
        except LoginRefused as refused:
            self._refuse(refused.code)
            return
        self.socket.send(encode(rules.CONNECT, {"sid": secrets.token_urlsafe(15)}))
        self.socket.send(encode(rules.EVENT, ["welcome", welcome]))

    def _refuse(self, code: str, namespace: str = rules.ROOT) -> None:
        problem = {"message": code}
        self.socket.send(encode(rules.CONNECT_ERROR, problem, namespace=namespace))

    def _take(self, packet: Any) -> None:
        if packet is None:
            return
        if isinstance(packet, Refused):
            error = ProtocolError(
                f"A message is too large: {packet.reason}.", code="protocol.too_large"
            )
            self._fail(packet.packet.data[1:], error)
        elif packet.kind in (rules.EVENT, rules.BINARY_EVENT):
            self._on_event(packet)
        elif packet.kind == rules.DISCONNECT:
            self._hub.drop(self, "the page closed the connection")
            self.socket.close(1000)
        elif packet.kind == rules.CONNECT:
            self._refuse("Invalid namespace", packet.namespace)

    def _on_event(self, packet: Packet) -> None:
        if packet.data[0] == "frame":
            self._on_frame(packet.data[1:])
        if packet.id is not None:
            self.socket.send(encode(rules.ACK, [], packet.id))

    def _on_frame(self, parts: list[Any]) -> None:
        try:
            frame = frame_from(parts)
        except ProtocolError as error:
            self._fail(parts, error)
        else:
            self._hub.receive(self, frame)

    def _fail(self, parts: list[Any], error: ProtocolError) -> None:
        """Refuse a frame: its call fails, and in a session its number counts all the same."""
        header = parts[0] if parts and isinstance(parts[0], dict) else {}
        host, answer = self._hub.host, error_frame(parts, self._hub.address, error)
        if self.page is None or "seq" not in header:
            if answer is not None:
                self.send(answer)
            return
        if header.get("type") == "result":
            body = json.dumps(error_record(error))
            host.receive(self.page, Frame({**header, "type": "error"}, body, []))
            return
        kept = {key: header[key] for key in ("seq", "ack") if key in header}
        host.receive(self.page, Frame({"type": "drop", "of": 0, **kept}, "", []))
        if answer is not None:
            host.answer(self.page, answer)


class PageHub:
    """One link to the engine for each page that is logged in."""

    def __init__(self, host: PageHost, keys: Keys, version: str) -> None:
        self.host, self._keys, self._version = host, keys, version
        self._by_page: dict[str, PageSocket] = {}
        self._owners: OrderedDict[str, str] = OrderedDict()

    @property
    def address(self) -> str:
        return self.host.address

    def receive(self, socket: PageSocket, frame: Frame) -> None:
        if socket.page is not None:
            self.host.receive(socket.page, frame)

    def place(self, page: str, header: Any, size: int) -> memoryview | None:
        return self.host.place(page, header, size)

    def end_session(self, session_id: str) -> None:
        """Close all sockets of a session that was logged out."""
        for socket in [one for one in self._by_page.values() if one.session_id == session_id]:
            self.drop(socket, "logged out", for_good=True)
            socket.socket.close(POLICY, "logged out")

    def close(self) -> None:
        """End the connections to all pages."""
        for socket in list(self._by_page.values()):
            self.drop(socket, "the engine stops", for_good=True)
            socket.socket.close()

    def drop(self, socket: PageSocket, reason: str, for_good: bool = False) -> None:
        """The socket is no longer that of its page."""
        page, socket.page = socket.page, None
        if page is not None and self._by_page.get(page) is socket:
            del self._by_page[page]
            self.host.disconnect_page(page, reason, for_good)

    def log_in(self, socket: PageSocket, auth: Any) -> dict[str, Any]:
        """Link a page that proves who it is, in place of an older socket of it; gives its welcome.

        Raises LoginRefused.
        """
        session_id, page = self._check_login(socket.socket.peer, auth)
        hello = auth.get("hello") if isinstance(auth.get("hello"), dict) else {}
        try:
            more = self.host.connect_page(page, socket.send, hello, socket.close)
        except ImJoyError as error:
            raise LoginRefused(error.code) from None
        old = self._by_page.get(page)
        if old is not None:
            old.page = None
            old.socket.close(POLICY, "replaced by a newer connection")
        socket.socket.carrier.trust()
        socket.page, socket.session_id = page, session_id
        self._by_page[page] = socket
        facts = {"protocol": PROTOCOL, "peer": self.host.address, "version": self._version}
        return {**more, **facts}

    def _check_login(self, peer: str, auth: Any) -> tuple[str, str]:
        """The session and the page of a CONNECT payload; raises LoginRefused."""
        if not isinstance(auth, dict) or not isinstance(auth.get("token"), str):
            raise LoginRefused("auth.required")
        session_id = self._keys.check_session(peer, auth["token"])
        if session_id is None:
            limited = self._keys.limit.is_limited(peer)
            raise LoginRefused("auth.rate_limited" if limited else "auth.bad_token")
        if auth.get("protocol") != PROTOCOL:
            raise LoginRefused("protocol.version")
        page = auth.get("peer")
        if not isinstance(page, str) or _ADDRESS.fullmatch(page) is None:
            raise LoginRefused("protocol.malformed")
        if page == self.host.address or self._belongs_to_another(page, session_id):
            raise LoginRefused("auth.forbidden")
        self._owners[page] = session_id
        self._owners.move_to_end(page)
        while len(self._owners) > KNOWN_PAGES:
            self._owners.popitem(last=False)
        return session_id, page

    def _belongs_to_another(self, page: str, session_id: str) -> bool:
        owner = self._owners.get(page, session_id)
        return owner != session_id and self._keys.sessions.is_open(owner)


def frame_from(parts: list[Any]) -> Frame:
    """A frame from the arguments of an event; raises ProtocolError."""
    header, body = (parts[0], parts[1]) if len(parts) >= 2 else (None, None)
    buffers = parts[2:]
    if type(header) is not dict or type(body) is not str:
        raise ProtocolError("A frame is a header and a body.", code="protocol.malformed")
    if buffers and not all(type(buffer) in _BINARY for buffer in buffers):
        raise ProtocolError("A buffer of a frame is not binary.", code="protocol.malformed")
    if len(body) > LIMITS["body"] or len(buffers) > LIMITS["buffers"]:
        raise ProtocolError("A frame is too large.", code="protocol.too_large")
    return Frame(header, body, buffers)


def error_frame(parts: list[Any], address: str, error: ProtocolError) -> Frame | None:
    """The answer to a call that came as a bad frame, or None when it names no call."""
    header = parts[0] if parts and isinstance(parts[0], dict) else {}
    call, caller = header.get("id"), header.get("from")
    if header.get("type") != "call" or not isinstance(call, str) or not isinstance(caller, str):
        return None
    answer = {"type": "error", "id": call, "to": caller, "from": address}
    return Frame(answer, json.dumps(error_record(error)), [])
