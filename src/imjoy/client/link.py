"""Keeps a session with an engine over connections that come and go."""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import time
from collections.abc import Callable
from typing import Any

from imjoy.client.transfers import Transfers
from imjoy.errors import AuthError, ImJoyError, PeerGone
from imjoy.protocol import memory, messages
from imjoy.protocol.frame import Frame
from imjoy.protocol.packing import PACKING, Packer
from imjoy.protocol.session import Session, reconnect_delay
from imjoy.rpc.transports.socketio import EngineAddress, SocketIoConnection, connect
from imjoy.wire.masking import fast_xor

logger = logging.getLogger(__name__)

TICK_SECONDS = 1.0
REFUSALS = ("auth.", "protocol.", "rpc.fenced")


class EngineLink:
    """Sends and delivers frames, each once and in order, whatever happens to the connection.

    `on_gone(engine, reason, code)` is called when what was under way is lost, as the engine has been
    started anew, has forgotten the session or lets us in no more; its calls end with that code.
    """

    def __init__(
        self,
        address: EngineAddress,
        token: str,
        deliver: Callable[[Frame], None],
        on_gone: Callable[[str, str, str], None],
        ssl: Any = None,
        near: str = "",
    ) -> None:
        self.page = secrets.token_hex(16)
        self.transfers = Transfers()
        self.engine = ""
        self.welcome: dict[str, Any] = {}
        self._address, self._token, self._ssl, self._near = address, token, ssl, near
        self._deliver, self._on_gone = deliver, on_gone
        self._connection: SocketIoConnection | None = None
        self._session = self._new_session()
        self._packer = Packer(None)
        self._proof: dict[str, Any] = {}
        self._generation = 0
        self._xor = fast_xor()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    async def open(self) -> None:
        """Connect for the first time. Raises AuthError, PeerGone or OSError."""
        await self._connect()
        self._tasks.append(asyncio.create_task(self._tick()))

    def send(self, frame: Frame) -> None:
        """Send a frame now, or when there is a connection again."""
        if not self.engine:
            raise PeerGone("The engine is gone.")
        # Calls of different tasks have no order among each other.
        session = self._session
        self.transfers.sends(frame.header)
        lane = asyncio.current_task() if session.waits_for(frame) else None
        session.send(frame, time.monotonic(), lane)

    async def stop(self) -> None:
        """Do not connect again; nothing more is sent."""
        self._generation += 1
        self.engine = ""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        memory.clear()

    async def aclose(self) -> None:
        """End the connection, and wait for its end."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
            await connection.wait_closed()

    def _new_session(self) -> Session:
        session = Session(self._write, self._take, time.monotonic())
        session.on_progress = self.transfers.moved
        return session

    def _take(self, frame: Frame) -> None:
        self.transfers.takes(frame.header)
        self._deliver(frame)

    def _write(self, frame: Frame) -> None:
        if self._connection is not None:
            if frame.buffers:
                frame = self._packer.pack(frame, time.monotonic())
            self._connection.send(frame)

    async def _connect(self) -> None:
        self._generation += 1
        wanted = {"generation": self._generation, "received": self._session.received}
        session = {**self._proof, **wanted, "unpacks": PACKING}
        payload = {"token": self._token, "peer": self.page, "hello": {"session": session}}
        early: list[Frame] = []
        take = early.append
        generation = self._generation
        connection = await connect(
            self._address,
            payload,
            lambda frame: take(frame),
            lambda reason: self._lost(generation, reason),
            self._xor,
            self._ssl,
            near=self._near,
        )
        take = connection.on_frame = self._receive
        self._welcomed(connection, connection.ready.result())
        for frame in early:
            self._receive(frame)

    def _welcomed(self, connection: SocketIoConnection, welcome: dict[str, Any]) -> None:
        facts = welcome.get("session") if isinstance(welcome.get("session"), dict) else {}
        assert isinstance(facts, dict)
        old = self.engine
        connection.on_place = lambda header, size: self._session.place(header, size)
        self._packer = Packer(facts.get("unpacks"))
        self._connection, self.welcome, self.engine = connection, welcome, str(welcome.get("peer"))
        if not facts.get("resumed"):
            self._session = self._new_session()
            self._proof = {"id": facts.get("id"), "key": facts.get("key")}
            if old:
                self.transfers.clear()
                code = "rpc.outcome_unknown" if old == self.engine else "rpc.engine_restarted"
                self._on_gone(old, messages.ERRORS[code], code)
        self._session.opened(facts.get("received", 0), time.monotonic())

    def _receive(self, frame: Frame) -> None:
        now = time.monotonic()
        try:
            self._session.receive(self._packer.unpack(frame, now), now)
        except ImJoyError as error:
            logger.warning("The engine talks nonsense; the connection begins anew: %s", error)
            if self._connection is not None:
                self._connection.abort()

    def _lost(self, generation: int, reason: str) -> None:
        if generation != self._generation or self._connection is None:
            return
        logger.info("The connection to the engine was lost: %s", reason)
        self._connection = None
        self._session.closed()
        task = asyncio.get_running_loop().create_task(self._reconnect())
        self._tasks = [one for one in self._tasks if not one.done()] + [task]

    async def _reconnect(self) -> None:
        attempt = 0
        while self._connection is None:
            await asyncio.sleep(reconnect_delay(attempt, random.random()))
            attempt += 1
            try:
                await self._connect()
            except (PeerGone, OSError) as error:
                logger.debug("The engine cannot be reached: %s", error)
            except ImJoyError as error:
                self._refused(error)
                return

    def _refused(self, error: ImJoyError) -> None:
        """The engine does not let us in again."""
        kind = "Log in again." if isinstance(error, AuthError) else "It speaks another protocol."
        engine, self.engine = self.engine, ""
        reason = f"The engine refused the connection: {error} {kind}"
        self.transfers.clear()
        self._on_gone(engine, reason, "rpc.outcome_unknown")

    async def _tick(self) -> None:
        while True:
            memory.trim(time.monotonic())  # also at first: before that no memory is used again
            await asyncio.sleep(TICK_SECONDS)
            connection, now = self._connection, time.monotonic()
            if connection is not None and connection.has_moved():
                self._session.heard(now)
            reason = self._session.tick(now, time.time())
            if reason is not None and connection is not None:
                connection.abort()
