"""The link of one page: its session, and its calls, which outlive sockets and reloads."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Callable
from typing import Any

from imjoy.errors import ImJoyError, ProtocolError, RpcError
from imjoy.protocol.frame import Frame
from imjoy.protocol.packing import PACKING, Packer
from imjoy.protocol.session import Session

logger = logging.getLogger(__name__)

SendFrame = Callable[[Frame], None]
# Above the first mark the plugins of a page have to wait, until less than the second is left.
HIGH_WATER, LOW_WATER = 64 << 20, 16 << 20
HIGH_FRAMES = 8192
# Outcomes that a page has not taken yet: so many answered calls are remembered by name, and so
# many bytes of results are kept for a page that was loaded again.
ANSWERED = 4096
OUTCOME_BYTES = 64 << 20


# A call that a page has made: to whom, its target, and when.
Call = tuple[str, str, float]


class Kept:
    """A call of the last load of a page, whose outcome the new one may ask for."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.answer: Frame | None = None
        self.wanted = False


class PageLink:
    """What goes to and comes from one page passes here, whether it is connected or not."""

    def __init__(self, page: str, route: Callable[[Frame, str], None], now: float) -> None:
        self.page, self._route = page, route
        self.id, self._key = secrets.token_hex(16), secrets.token_hex(32)
        self.generation = 0
        self.lost_since: float | None = None
        self.on_full: Callable[[bool], None] = lambda full: None
        self._is_full = False
        self._write: SendFrame | None = None
        self._close: Callable[[], None] = lambda: None
        self._session = Session(self._put, self._take, now)
        self._packer = Packer(None)
        self._calls: dict[str, Call] = {}
        # The newest ones, and as many before them; a queue of them would cost more at each call.
        self._answered: dict[str, Call] = {}
        self._earlier: dict[str, Call] = {}
        self._kept: dict[str, Kept] = {}

    def is_session(self, session_id: Any, key: Any) -> bool:
        """Whether these are its id and secret; takes the same time for every wrong secret."""
        if session_id != self.id:
            return False
        given = hashlib.sha256(str(key).encode("utf-8", "replace")).digest()
        return hmac.compare_digest(given, hashlib.sha256(self._key.encode()).digest())

    def connect(
        self, send: SendFrame, close: Callable[[], None], wanted: dict[str, Any]
    ) -> dict[str, Any]:
        """A socket carries the session (again); what did not arrive is sent after the welcome."""
        self.generation = count_of(wanted.get("generation"))
        self._session.closed()
        self._write, self._close, self.lost_since = send, close, None
        self._packer = Packer(wanted.get("unpacks"))
        received = count_of(wanted.get("received"))
        asyncio.get_running_loop().call_soon(self._opened, self.generation, received)
        received = self._session.received
        return {"id": self.id, "received": received, "resumed": True, "unpacks": PACKING}

    def welcome(self) -> dict[str, Any]:
        """What a new session is told, once."""
        known = {"id": self.id, "key": self._key, "unpacks": PACKING}
        return {**known, "received": 0, "resumed": False}

    def _opened(self, generation: int, received: int) -> None:
        if generation != self.generation or self._write is None:
            return
        try:
            self._session.opened(received, time.monotonic())
        except ImJoyError as error:
            logger.warning("A page could not go on where it was: %s", error)
            self.drop_socket()

    def disconnect(self) -> None:
        """The socket is gone; what goes to the page waits."""
        self._write, self.lost_since = None, time.monotonic()
        self._session.closed()

    def drop_socket(self) -> None:
        """End a socket that is dead or talks nonsense; the page comes with a new one."""
        close = self._close
        self.disconnect()
        close()

    def reload(self) -> list[dict[str, Any]]:
        """The page was loaded again and has forgotten everything; gives the calls it had made."""
        now = time.monotonic()
        for call_id, call in self._calls.items():
            self._kept[call_id] = Kept(call)
        size = 0
        for frame in self._session.reset():
            header = frame.header
            if header.get("type") not in ("result", "error") or header.get("to") != self.page:
                continue
            known = self._answered.get(header["id"]) or self._earlier.get(header["id"])
            size += len(frame.body) + sum(memoryview(part).nbytes for part in frame.buffers)
            if known is not None and size <= OUTCOME_BYTES:
                kept = self._kept[header["id"]] = Kept(known)
                kept.answer = frame
        self._calls.clear()
        self._answered, self._earlier = {}, {}
        return [
            {
                "id": call_id,
                "to": kept.call[0],
                "target": kept.call[1],
                "seconds": round(now - kept.call[2], 3),
                "state": "running" if kept.answer is None else "done",
            }
            for call_id, kept in self._kept.items()
        ]

    def fetch(self, call_id: str) -> str:
        """Have the outcome of a call of before sent: "running" (when it ends), "sent", "unknown"."""
        kept = self._kept.get(call_id)
        if kept is None:
            return "unknown"
        kept.wanted = True
        if kept.answer is None:
            return "running"
        del self._kept[call_id]
        self._session.send(kept.answer, time.monotonic())
        return "sent"

    def send(self, frame: Frame) -> None:
        """Take a frame for the page from the router."""
        header = frame.header
        kind = header["type"]
        if (kind == "result" or kind == "error") and header["to"] == self.page:
            kept = self._kept.get(header["id"]) if self._kept else None
            if kept is not None and not kept.wanted:
                kept.answer = frame
                return
            self._settled(header["id"])
        session = self._session
        session.send(frame, time.monotonic())
        if session.waiting_frames and not self._is_full and self._is_over(HIGH_WATER, HIGH_FRAMES):
            self._is_full = True
            self.on_full(True)

    def place(self, header: Any, size: int) -> memoryview | None:
        """See Session.place."""
        return self._session.place(header, size)

    def receive(self, frame: Frame) -> None:
        """Take a frame that came through the socket."""
        now = time.monotonic()
        try:
            self._session.receive(self._packer.unpack(frame, now), now)
        except ImJoyError as error:
            logger.warning("A page talks nonsense; it has to connect again: %s", error)
            self.drop_socket()
        if self._is_full and not self._is_over(LOW_WATER, HIGH_FRAMES // 2):
            self._is_full = False
            self.on_full(False)

    def tick(self, now: float, wall: float) -> None:
        reason = self._session.tick(now, wall)
        if reason is not None:
            logger.info("The connection to a page is dead. %s", reason)
            self.drop_socket()

    @property
    def arriving_bytes(self) -> int:
        """The memory of what has begun to come from the page."""
        return self._session.arriving_bytes

    def give_up_arriving(self) -> None:
        """Keep nothing of it, as the page is away; these calls fail when it goes on with them."""
        reason = "The connection was away for too long in the middle of this transfer. Try again."
        self._session.give_up_arriving(RpcError(reason, code="rpc.overloaded"))

    def _is_over(self, size: int, frames: int) -> bool:
        return self._session.waiting_bytes > size or self._session.waiting_frames > frames

    def _settled(self, call_id: str) -> None:
        if self._kept:
            self._kept.pop(call_id, None)
        call = self._calls.pop(call_id, None)
        if call is not None:
            self._answered[call_id] = call
            if len(self._answered) >= ANSWERED:
                self._answered, self._earlier = {}, self._answered

    def _put(self, frame: Frame) -> None:
        if self._write is None:
            return
        try:
            self._write(self._packer.pack(frame, time.monotonic()) if frame.buffers else frame)
        except ProtocolError as error:
            logger.warning("A message to a page cannot be sent: %s", error)
            self._write(Frame({"type": "drop", "of": 0, "seq": frame.header.get("seq")}, "", []))

    def _take(self, frame: Frame) -> None:
        header = frame.header
        if header.get("type") == "call" and header.get("from") == self.page:
            call_id, to, target = header.get("id"), header.get("to"), header.get("target")
            if type(call_id) is not str or type(to) is not str or type(target) is not str:
                call_id, to, target = str(call_id), str(to), str(target)
            self._calls[call_id[:64]] = to, target[:200], time.monotonic()
        self._route(frame, self.page)


class PlainLink:
    """A client that keeps no session: what is sent while it is away is lost."""

    generation = 0

    def __init__(self, page: str, route: Callable[[Frame, str], None]) -> None:
        self.page, self._route = page, route
        self.lost_since: float | None = None

    def receive(self, frame: Frame) -> None:
        if self.lost_since is None:
            self._route(frame, self.page)

    def tick(self, now: float, wall: float) -> None:
        """Its socket is watched by the server alone."""


def count_of(value: Any) -> int:
    """A number that came from a page; 0 for anything else."""
    return value if type(value) is int and value >= 0 else 0
