"""Speaks Socket.IO with pages and hands frames on; the only module that knows python-socketio."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any, Protocol

import socketio  # type: ignore[import-untyped]
from socketio.exceptions import ConnectionRefusedError as Refused  # type: ignore[import-untyped]
from socketio.packet import Packet  # type: ignore[import-untyped]

from imjoy.errors import ImJoyError, ProtocolError, error_record
from imjoy.protocol.frame import Frame
from imjoy.protocol.messages import LIMITS, PROTOCOL
from imjoy.server.connections import MESSAGE_BYTES, GuardedWebSocket, peer_key
from imjoy.server.logins import Keys
from imjoy.server.routes import Receive, Scope, Send

logger = logging.getLogger(__name__)

PING_SECONDS = 20
# A pong waits behind a message that is being sent, and a large one takes a while on a slow network.
PONG_SECONDS = 60
OUTGOING_BYTES = 4 * 1024**3
KNOWN_PAGES = 1000
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


class BoundedPacket(Packet):  # type: ignore[misc]  # python-socketio has no types
    """Refuses text that is nested without end and more attachments than a frame may have."""

    def decode(self, encoded_packet: str) -> int:
        try:
            count = int(super().decode(encoded_packet) or 0)
        except RecursionError:
            raise ValueError("a packet is nested too deeply") from None
        if count > LIMITS["buffers"]:
            raise ValueError("a packet has too many attachments")
        self.bytes_left = LIMITS["frame"]
        return count

    def add_attachment(self, attachment: bytes) -> bool:
        self.bytes_left -= len(attachment)
        if self.bytes_left < 0:
            raise ValueError("the attachments of a packet are too large")
        return bool(super().add_attachment(attachment))


class PageSocket:
    """The socket of one page: keeps the frames to send in order, and no more than it may hold."""

    def __init__(self, sio: Any, sid: str, page: str, session_id: str) -> None:
        self._sio, self.sid, self.page, self.session_id = sio, sid, page, session_id
        self._waiting: deque[tuple[str, tuple[Any, ...], int]] = deque()
        self._bytes = 0
        self._is_open = True
        self._wake = asyncio.Event()
        self._pump = asyncio.create_task(self._run())

    def send(self, frame: Frame) -> None:
        """Queue a frame; called on the loop only. A page that reads too slowly loses its socket."""
        if not self._is_open:
            return
        size = len(frame.body) + sum(memoryview(part).nbytes for part in frame.buffers)
        if self._bytes + size > OUTGOING_BYTES:
            logger.warning("A page does not take its data; its connection is closed")
            self.close()
            return
        self.emit("frame", (frame.header, frame.body, *frame.buffers), size)

    def emit(self, event: str, data: tuple[Any, ...], size: int = 0) -> None:
        self._bytes += size
        self._waiting.append((event, data, size))
        self._wake.set()

    def close(self) -> None:
        """Stop sending and end the connection."""
        self.stop()
        task = asyncio.ensure_future(self._sio.disconnect(self.sid))
        _KEEP.add(task)
        task.add_done_callback(_KEEP.discard)

    def stop(self) -> None:
        self._is_open = False
        self._pump.cancel()
        self._waiting.clear()

    async def _run(self) -> None:
        manager = self._sio.manager
        while not manager.is_connected(self.sid, "/"):
            await asyncio.sleep(0)  # the answer to CONNECT goes out before the first event
        socket = self._sio.eio.sockets[manager.eio_sid_from_sid(self.sid, "/")]
        while True:
            while self._waiting:
                event, data, size = self._waiting.popleft()
                data = tuple(_as_bytes(item) for item in data)
                await self._sio.emit(event, data, to=self.sid)
                # Taken by the writer, which waits for the network: so at most two frames are there.
                await socket.queue.join()
                self._bytes -= size
            self._wake.clear()
            await self._wake.wait()


_KEEP: set[asyncio.Future[Any]] = set()


class SocketIo:
    """The ASGI application behind `socket.io/`: one link to the engine for each logged-in page."""

    def __init__(self, host: PageHost, keys: Keys, version: str) -> None:
        self._host, self._keys, self._version = host, keys, version
        self._sockets: dict[str, PageSocket] = {}
        self._by_page: dict[str, PageSocket] = {}
        self._owners: OrderedDict[str, str] = OrderedDict()
        wire = logging.getLogger(f"{__name__}.wire")
        wire.setLevel(logging.WARNING)  # below that it repeats every packet, secrets included
        self._sio = socketio.AsyncServer(
            async_mode="asgi",
            transports=["websocket"],
            cors_allowed_origins=[],  # the front door has checked the origin
            ping_interval=PING_SECONDS,
            ping_timeout=PONG_SECONDS,
            max_http_buffer_size=MESSAGE_BYTES,
            http_compression=False,
            async_handlers=False,  # frames stay in order
            serializer=BoundedPacket,
            logger=wire,
            engineio_logger=wire,
        )
        self._sio.on("connect", self._on_connect)
        self._sio.on("disconnect", self._on_disconnect)
        self._sio.on("frame", self._on_frame)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._sio.handle_request(scope, receive, send)

    def end_session(self, session_id: str) -> None:
        """Close all sockets of a session that was logged out."""
        for socket in [one for one in self._sockets.values() if one.session_id == session_id]:
            self._drop(socket, "logged out", for_good=True)
            socket.close()

    async def aclose(self) -> None:
        for socket in list(self._sockets.values()):
            self._drop(socket, "the engine stops", for_good=True)
        await self._sio.shutdown()

    def _on_connect(self, sid: str, environ: dict[str, Any], auth: Any) -> None:
        scope = environ["asgi.scope"]
        session_id, page = self._check_login(peer_key(scope.get("client")), auth)
        socket = PageSocket(self._sio, sid, page, session_id)
        facts = {"protocol": PROTOCOL, "peer": self._host.address, "version": self._version}
        try:
            more = self._host.connect_page(page, socket.send, _hello_of(auth), socket.close)
        except ImJoyError as error:
            socket.stop()
            raise Refused(error.code) from None
        old = self._by_page.get(page)
        if old is not None:
            del self._sockets[old.sid]
            old.close()
        connection = scope["state"].get("imjoy.connection")
        if isinstance(connection, GuardedWebSocket):
            connection.trust()
        self._sockets[sid] = self._by_page[page] = socket
        socket.emit("welcome", ({**more, **facts},))

    def _check_login(self, peer: str, auth: Any) -> tuple[str, str]:
        """The session and the page of a CONNECT payload; raises Refused with an error code."""
        if not isinstance(auth, dict) or not isinstance(auth.get("token"), str):
            raise Refused("auth.required")
        session_id = self._keys.check_session(peer, auth["token"])
        if session_id is None:
            limited = self._keys.limit.is_limited(peer)
            raise Refused("auth.rate_limited" if limited else "auth.bad_token")
        if auth.get("protocol") != PROTOCOL:
            raise Refused("protocol.version")
        page = auth.get("peer")
        if not isinstance(page, str) or _ADDRESS.fullmatch(page) is None:
            raise Refused("protocol.malformed")
        if page == self._host.address or self._belongs_to_another(page, session_id):
            raise Refused("auth.forbidden")
        self._owners[page] = session_id
        self._owners.move_to_end(page)
        while len(self._owners) > KNOWN_PAGES:
            self._owners.popitem(last=False)
        return session_id, page

    def _belongs_to_another(self, page: str, session_id: str) -> bool:
        owner = self._owners.get(page, session_id)
        return owner != session_id and self._keys.sessions.is_open(owner)

    def _on_disconnect(self, sid: str, reason: str = "") -> None:
        socket = self._sockets.get(sid)
        if socket is not None:
            self._drop(socket, "the connection to the page was lost")

    def _drop(self, socket: PageSocket, reason: str, for_good: bool = False) -> None:
        socket.stop()
        self._sockets.pop(socket.sid, None)
        if self._by_page.get(socket.page) is socket:
            del self._by_page[socket.page]
            self._host.disconnect_page(socket.page, reason, for_good)

    def _on_frame(self, sid: str, *parts: Any) -> None:
        socket = self._sockets.get(sid)
        if socket is None:
            return
        try:
            frame = frame_from(parts)
        except ProtocolError as error:
            answer = error_frame(parts, self._host.address, error)
            if answer is not None:
                socket.send(answer)
            return
        self._host.receive(socket.page, frame)


def frame_from(parts: tuple[Any, ...]) -> Frame:
    """A frame from the arguments of an event; raises ProtocolError."""
    header, body = (parts[0], parts[1]) if len(parts) >= 2 else (None, None)
    buffers = list(parts[2:])
    if not isinstance(header, dict) or not isinstance(body, str):
        raise ProtocolError("A frame is a header and a body.", code="protocol.malformed")
    if not all(isinstance(buffer, bytes) for buffer in buffers):
        raise ProtocolError("A buffer of a frame is not binary.", code="protocol.malformed")
    if len(body) > LIMITS["body"] or len(buffers) > LIMITS["buffers"]:
        raise ProtocolError("A frame is too large.", code="protocol.too_large")
    return Frame(header, body, buffers)


def error_frame(parts: tuple[Any, ...], address: str, error: ProtocolError) -> Frame | None:
    """The answer to a call that came as a bad frame, or None when it names no call."""
    header = parts[0] if parts and isinstance(parts[0], dict) else {}
    call, caller = header.get("id"), header.get("from")
    if header.get("type") != "call" or not isinstance(call, str) or not isinstance(caller, str):
        return None
    answer = {"type": "error", "id": call, "to": caller, "from": address}
    return Frame(answer, json.dumps(error_record(error)), [])


def _hello_of(auth: dict[str, Any]) -> dict[str, Any]:
    hello = auth.get("hello")
    return hello if isinstance(hello, dict) else {}


def _as_bytes(item: Any) -> Any:
    """python-socketio sends `bytes` as binary and nothing else."""
    return bytes(item) if isinstance(item, (bytearray, memoryview)) else item
