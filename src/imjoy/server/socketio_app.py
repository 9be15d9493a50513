"""The address `socket.io/`: begins Engine.IO sessions, and finds those that have begun."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from imjoy.protocol.messages import LIMITS
from imjoy.server.connections import GuardedWebSocket, peer_key
from imjoy.server.engineio import EngineIoSocket
from imjoy.server.logins import Keys
from imjoy.server.origins import Refusal
from imjoy.server.polling import PollingCarrier
from imjoy.server.routes import Receive, Scope, Send
from imjoy.server.socketio import PageHost, PageHub, PageSocket
from imjoy.wire import engineio as rules
from imjoy.wire.websocket import POLICY, PROTOCOL_ERROR

# What clients are told to send at once while they poll.
POLL_PAYLOAD = 1_000_000
VERSION = "4"


class SocketIo:
    """The ASGI application: one session for each connection, and a link for each page."""

    def __init__(self, host: PageHost, keys: Keys, version: str) -> None:
        self._hub = PageHub(host, keys, version)
        self._polling: dict[str, EngineIoSocket] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=16)
        if query.get("EIO") != [VERSION]:
            raise Refusal(400, "protocol.version", "This engine speaks Engine.IO 4.")
        sid = query.get("sid", [""])[0]
        if scope["type"] == "websocket":
            self._accept(scope, sid)
        elif query.get("transport") != ["polling"]:
            raise Refusal(400, "protocol.malformed", "A WebSocket begins with an upgrade.")
        elif sid:
            await self._carrier_of(sid).serve(scope, receive, send)
        else:
            await self._begin_polling(scope, receive, send)

    def end_session(self, session_id: str) -> None:
        """Close all sockets of a session that was logged out."""
        self._hub.end_session(session_id)

    async def aclose(self) -> None:
        """End the connections to all pages."""
        self._hub.close()
        for socket in list(self._polling.values()):
            socket.close()

    def _accept(self, scope: Scope, sid: str) -> None:
        connection: GuardedWebSocket = scope["state"]["imjoy.connection"]
        if sid:
            connection.accept(_Upgrade(self._socket_of(sid), connection, self._polling))
            return
        socket = EngineIoSocket(connection, peer_key(scope.get("client")), self._make_link)
        connection.accept(socket)
        socket.open(LIMITS["frame"])

    async def _begin_polling(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            raise Refusal(400, "protocol.malformed", "A session begins with GET.")
        peer = peer_key(scope.get("client"))
        carrier = PollingCarrier(scope["state"]["imjoy.guard"], peer)
        socket = carrier.listener = EngineIoSocket(carrier, peer, self._make_link)
        self._polling[socket.sid] = socket
        socket.on_closed = lambda: self._polling.pop(socket.sid, None)
        socket.open(POLL_PAYLOAD, ["websocket"])
        await carrier.serve(scope, receive, send)

    def _make_link(self, socket: EngineIoSocket) -> PageSocket:
        return PageSocket(self._hub, socket)

    def _socket_of(self, sid: str) -> EngineIoSocket:
        socket = self._polling.get(sid)
        if socket is None:
            raise Refusal(400, "auth.forbidden", "There is no such session.")
        return socket

    def _carrier_of(self, sid: str) -> PollingCarrier:
        carrier = self._socket_of(sid).carrier
        assert isinstance(carrier, PollingCarrier)
        return carrier


class _Upgrade:
    """A WebSocket that is to take over from polling: it is tried out, then everything moves."""

    def __init__(
        self, socket: EngineIoSocket, connection: GuardedWebSocket, polling: dict[str, Any]
    ) -> None:
        self._socket, self._connection, self._polling = socket, connection, polling
        self._moved = False

    def on_text(self, text: Any) -> None:
        if self._moved:
            self._socket.on_text(text)
        elif text == rules.PING + "probe":
            self._connection.send_text(rules.PONG + "probe")
            self._socket.carrier.send_text(rules.NOOP)  # ends the request that waits
        elif text == rules.UPGRADE:
            self._move()
        else:
            self._connection.close(PROTOCOL_ERROR, "this is no upgrade")

    def on_binary(self, data: Any) -> None:
        if self._moved:
            self._socket.on_binary(data)
        else:
            self._connection.close(PROTOCOL_ERROR, "this is no upgrade")

    def place(self, size: int) -> memoryview | None:
        return self._socket.place(size) if self._moved else None

    def on_end(self, reason: str) -> None:
        if self._moved:
            self._socket.on_end(reason)

    def _move(self) -> None:
        socket, carrier = self._socket, self._socket.carrier
        if not socket.is_open or not isinstance(carrier, PollingCarrier):
            self._connection.close(POLICY, "the session is over")
            return
        self._moved = True
        del self._polling[socket.sid]
        if carrier.is_trusted:
            self._connection.trust()
        socket.carrier = self._connection
        for packet in carrier.release():
            if isinstance(packet, str):
                self._connection.send_text(packet)
            else:
                self._connection.send_binary(packet)
