"""One Engine.IO session: what carries it, its pings, and its end."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from imjoy.wire import engineio as rules
from imjoy.wire.engineio import open_packet
from imjoy.wire.websocket import GOING_AWAY, POLICY, PROTOCOL_ERROR, Overlong

PING_SECONDS = 20
# How long a client waits for a ping: that may stand behind a large message on a slow network.
PONG_SECONDS = 60
# Without a byte in either direction, or with data that is not taken, the peer is gone.
SILENT_BEATS = 2
BEAT_SECONDS = 10.0


class Carrier(Protocol):
    """A WebSocket, or requests of HTTP that take its place."""

    @property
    def queued(self) -> int:
        """Bytes that wait to be sent."""
        ...

    def send_text(self, text: str) -> None: ...
    def send_binary(self, data: Any) -> None: ...
    def has_moved(self) -> bool:
        """Whether the other side has shown life since the last time that this was asked."""
        ...

    def close(self, code: int = 1000, reason: str = "") -> None: ...
    def trust(self) -> None:
        """The page has logged in: lift the limits."""
        ...


class Link(Protocol):
    """What is connected through a session; Socket.IO."""

    def on_text(self, text: Any) -> None:
        """A text message or its Overlong. Raises ValueError when it is none of Socket.IO."""
        ...

    def on_binary(self, data: Any) -> None:
        """A binary message or its Overlong. Raises ValueError when it belongs to nothing."""
        ...

    def place(self, size: int) -> memoryview | None:
        """Where a large binary message is to be received, of this size if it is known; None: anywhere."""
        ...

    def on_end(self, reason: str) -> None: ...


class EngineIoSocket:
    """Passes messages between its carrier and its link; `peer` says where it comes from."""

    def __init__(self, carrier: Carrier, peer: str, make_link: Callable[[EngineIoSocket], Link]):
        self.sid = secrets.token_urlsafe(15)
        self.carrier, self.peer = carrier, peer
        self.is_open = True
        self.on_closed: Callable[[], object] = lambda: None
        self._loop = asyncio.get_running_loop()
        self._silent = 0
        self._link = make_link(self)
        self._timer = self._loop.call_later(BEAT_SECONDS, self._beat)
        self._pinged = self._loop.time()

    def open(self, max_payload: int, upgrades: Sequence[str] = ()) -> None:
        """Send the first packet."""
        first = open_packet(self.sid, PING_SECONDS, PONG_SECONDS, max_payload, upgrades)
        self.carrier.send_text(first)

    def send(self, text: str, buffers: Sequence[Any] = ()) -> None:
        """Send a message and its attachments. Raises UnicodeEncodeError, and sends nothing."""
        if self.is_open:
            self.carrier.send_text(text)
            for buffer in buffers:
                self.carrier.send_binary(buffer)

    def close(self, code: int = GOING_AWAY, reason: str = "") -> None:
        """End the session from here; its link is told nothing more."""
        if self.is_open:
            self._end()
            self.carrier.close(code, reason)

    # What the carrier calls.

    def on_text(self, text: Any) -> None:
        if type(text) is str and text[:1] == rules.MESSAGE and self.is_open:
            try:
                self._link.on_text(text)
            except ValueError as error:
                self._violated(str(error))
            return
        kind = text.start[:1].decode("latin-1") if isinstance(text, Overlong) else text[:1]
        if kind == rules.MESSAGE:
            self._pass_on(self._link.on_text, text)
        elif isinstance(text, Overlong):
            self._violated("a packet is too large")
        elif kind == rules.PING:
            self.carrier.send_text(rules.PONG + text[1:])
        elif kind == rules.CLOSE:
            self._lost("the page closed the connection", 1000)
        elif kind not in (rules.PONG, rules.NOOP, rules.UPGRADE):
            self._violated("the kind of a packet is not known")

    def on_binary(self, data: Any) -> None:
        self._pass_on(self._link.on_binary, data)

    def place(self, size: int) -> memoryview | None:
        return self._link.place(size) if self.is_open else None

    def on_end(self, reason: str) -> None:
        """The carrier is gone."""
        if self.is_open:
            self._end()
            self._link.on_end(reason)

    def _pass_on(self, take: Callable[[Any], None], message: Any) -> None:
        if not self.is_open:
            return
        try:
            take(message)
        except ValueError as error:
            self._violated(str(error))

    def _violated(self, why: str) -> None:
        self._lost(f"the page broke the protocol: {why}", PROTOCOL_ERROR)

    def _lost(self, reason: str, code: int) -> None:
        if self.is_open:
            carrier = self.carrier
            self.on_end(reason)
            carrier.close(code, "" if code == 1000 else reason)

    def _end(self) -> None:
        self.is_open = False
        self._timer.cancel()
        self.on_closed()

    def _beat(self) -> None:
        """Ping when it is time; whatever shows life counts, not only the answer."""
        self._timer = self._loop.call_later(BEAT_SECONDS, self._beat)
        self._silent = 0 if self.carrier.has_moved() else self._silent + 1
        waiting = self.carrier.queued > 0
        if self._silent >= (SILENT_BEATS if waiting else SILENT_BEATS + 2):
            self._lost("the page does not answer", POLICY)
        elif not waiting and self._loop.time() - self._pinged >= PING_SECONDS - 1:
            self._pinged = self._loop.time()
            self.carrier.send_text(rules.PING)
