"""Bounds what a peer can hold open before it has logged in: sockets, header bytes and time."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from imjoy.protocol.messages import LIMITS
from imjoy.server.websocket import EngineWebSocket

HEADER_SECONDS = 10.0
HEADER_BYTES = 32 * 1024
BODY_SECONDS = 20.0
LOGIN_SECONDS = 5.0
LOGIN_MESSAGE_BYTES = 64 * 1024
MAX_SOCKETS = 512
MAX_UNAUTHENTICATED = 64
MAX_UNAUTHENTICATED_OF_PEER = 32
# The text of a frame is JSON in JSON, in which each quotation mark takes two bytes.
TEXT_BYTES = 2 * LIMITS["body"] + 1024**2


class ConnectionGuard:
    """Knows all open sockets. Over a cap the oldest one that has proved nothing is closed.

    So a flood of silent sockets crowds itself out, and never a page that speaks.
    """

    def __init__(self) -> None:
        self._waiting: dict[Any, str] = {}
        self._all: set[Any] = set()

    def __len__(self) -> int:
        return len(self._all)

    @property
    def unauthenticated(self) -> int:
        return len(self._waiting)

    def admit(self, connection: Any, peer: str) -> None:
        """Count a new socket that has not logged in."""
        self._all.add(connection)
        self._waiting[connection] = peer
        of_peer = [known for known, its_peer in self._waiting.items() if its_peer == peer]
        if len(of_peer) > MAX_UNAUTHENTICATED_OF_PEER:
            self._close_oldest(of_peer)
        elif len(self._waiting) > MAX_UNAUTHENTICATED or len(self._all) > MAX_SOCKETS:
            self._close_oldest(list(self._waiting))

    def trust(self, connection: Any) -> None:
        """The socket has logged in: it is not closed to make room."""
        self._waiting.pop(connection, None)

    def forget(self, connection: Any) -> None:
        self._waiting.pop(connection, None)
        self._all.discard(connection)

    def _close_oldest(self, connections: list[Any]) -> None:
        oldest = next((known for known in connections if not known.is_answering), connections[0])
        self.forget(oldest)
        oldest.abort()


class GuardedHttp(H11Protocol):
    """Closes a connection whose request does not come in time."""

    guard: ConnectionGuard
    near = ""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        more = {
            "imjoy.guard": self.guard,
            "imjoy.take_time": self.take_time,
            "imjoy.near": self.near,
        }
        state = {**app_state, **more}
        super().__init__(config, server_state, state, _loop)
        self._is_patient = False
        self._deadline: asyncio.TimerHandle | None = None
        self._phase: object = None

    @property
    def is_answering(self) -> bool:
        """Whether a whole request has come and its answer is under way."""
        return self.cycle is not None and not self.cycle.response_complete

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self._watch(h11.IDLE, HEADER_SECONDS)
        self.guard.admit(self, peer_key(self.client))

    def connection_lost(self, exc: Exception | None) -> None:
        self._watch(None, 0)
        self.guard.forget(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        state = self.conn.their_state
        if self.transport.get_protocol() is not self:
            self._watch(None, 0)
            self.guard.forget(self)
        elif state is h11.IDLE:
            self._watch(h11.IDLE, HEADER_SECONDS)
        elif state is h11.SEND_BODY:
            self._watch(h11.SEND_BODY, BODY_SECONDS)
        else:
            self._watch(None, 0)

    def take_time(self) -> None:
        """The body of this request may take as long as it goes on: whoever sends it may."""
        self._is_patient = True
        if self.conn.their_state is h11.SEND_BODY:
            self._watch(h11.SEND_BODY, BODY_SECONDS)

    def on_response_complete(self) -> None:
        self._is_patient = False
        super().on_response_complete()
        if self.conn.their_state is not h11.SEND_BODY:
            self._watch(None, 0)

    def _watch(self, phase: object, seconds: float) -> None:
        """Give the peer `seconds` for a phase, counted from its beginning, however it dribbles."""
        if phase is self._phase and not (self._is_patient and phase is h11.SEND_BODY):
            return
        if self._deadline is not None:
            self._deadline.cancel()
        self._phase = phase
        self._deadline = None if phase is None else self.loop.call_later(seconds, self.abort)

    def abort(self) -> None:
        """End the connection at once."""
        if not self.transport.is_closing():
            self.transport.abort()


class GuardedWebSocket(EngineWebSocket):
    """Takes small messages for a short time only, until the page behind it has logged in."""

    guard: ConnectionGuard
    is_answering = False
    first_limit = LOGIN_MESSAGE_BYTES

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._login_deadline = self.loop.call_later(LOGIN_SECONDS, self.abort)
        self.guard.admit(self, peer_key(self.client))

    def connection_lost(self, exc: Exception | None) -> None:
        self._login_deadline.cancel()
        self.guard.forget(self)
        super().connection_lost(exc)

    def trust(self) -> None:
        """The page has logged in: lift the limits."""
        self._login_deadline.cancel()
        self.reader.limit, self.reader.text_limit = LIMITS["frame"], TEXT_BYTES
        self.reader.strict = False
        self.guard.trust(self)


def guarded_protocols(
    near: str = "",
) -> tuple[ConnectionGuard, type[GuardedHttp], type[GuardedWebSocket]]:
    """One guard and the two protocol classes bound to it, for one server.

    `near`: the name of its socket for programs on this machine.
    """
    guard = ConnectionGuard()
    http = type("GuardedHttp", (GuardedHttp,), {"guard": guard, "near": near})
    websocket = type("GuardedWebSocket", (GuardedWebSocket,), {"guard": guard})
    return guard, http, websocket


def peer_key(client: tuple[str, int] | None) -> str:
    """What counts as one peer: the address without the port."""
    if client is None:  # a Unix socket
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(client[0].split("%")[0]))
    except ValueError:
        return client[0]
