"""A page's session through a real server while a proxy does to its sockets what networks do."""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chaos_proxy import ChaosProxy
from page_client import Page, session_of
from server_harness import RunningServer
from socketio.exceptions import SocketIOError

from imjoy.engine.engine import Engine
from imjoy.errors import ImJoyError
from imjoy.protocol.frame import Frame
from imjoy.protocol.session import Session
from imjoy.rpc.peer import Peer
from imjoy.settings import Settings


@pytest.fixture
def server(tmp_path: Path, app_dir: Path) -> Iterator[RunningServer]:
    settings = Settings(home=tmp_path / "home")
    with RunningServer(lambda: Engine(settings), settings, app_dir) as running:
        yield running


@pytest.fixture
def proxy(server: RunningServer) -> Iterator[ChaosProxy]:
    proxy = ChaosProxy(server.port)
    yield proxy
    proxy.close()


class Client:
    """A page with a session that connects again by itself, as often as it must."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token
        self.address = secrets.token_hex(16)
        self.engine = ""
        self.keys: dict[str, Any] = {}
        self.connects = 0
        self.dead: list[str] = []
        self.session = Session(self._write, lambda frame: self.peer.receive(frame), self.now())
        self.peer = Peer(self.address, lambda frame: self.session.send(frame, self.now()))
        self.page: Page | None = None
        self._lost = asyncio.Event()
        self._outgoing: asyncio.Queue[tuple[Page, Frame]] = asyncio.Queue()
        self._tasks = [asyncio.create_task(work) for work in (self._live(), self._pump())]

    @staticmethod
    def now() -> float:
        return time.monotonic()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._leave()
        await self.peer.aclose()

    def _write(self, frame: Frame) -> None:
        if self.page is not None:
            self._outgoing.put_nowait((self.page, frame))

    async def _pump(self) -> None:
        while True:
            page, frame = await self._outgoing.get()
            if page is self.page:
                with contextlib.suppress(SocketIOError, OSError):
                    parts = [bytes(part) for part in frame.buffers]
                    await page.send(frame.header, frame.body, *parts)

    async def _live(self) -> None:
        while True:
            self._lost.clear()
            try:
                await self._connect()
            except (SocketIOError, OSError, asyncio.TimeoutError):
                self._lost.set()
            while not self._lost.is_set():
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._lost.wait(), 0.5)
                reason = self.session.tick(self.now(), time.time())
                if reason is not None:
                    self.dead.append(reason)
                    self._lost.set()
            self.session.closed()
            await self._leave()
            await asyncio.sleep(0.05)

    async def _connect(self) -> None:
        self.connects += 1
        page = self.page = Page(self.port)
        wanted = {**self.keys, "generation": self.connects, "received": self.session.received}
        page.client.on("frame", lambda *parts: self._read(page, parts))
        page.client.on("disconnect", lambda *_: self.page is page and self._lost.set())
        hello = {"session": wanted}
        await page.connect(token=self.token, peer=self.address, hello=hello)
        welcome = await asyncio.wait_for(page.welcome.get(), 5)
        told = welcome["session"]
        self.engine = welcome["peer"]
        if "key" in told:
            assert not self.keys, "the session was lost"
            self.keys = {"id": told["id"], "key": told["key"]}
        self.session.opened(told["received"], self.now())

    def _read(self, page: Page, parts: tuple[Any, ...]) -> None:
        if self.page is not page:
            return
        try:
            self.session.receive(Frame(parts[0], parts[1], list(parts[2:])), self.now())
        except ImJoyError:
            self._lost.set()

    async def _leave(self) -> None:
        page, self.page = self.page, None
        if page is not None:
            with contextlib.suppress(SocketIOError, OSError, asyncio.TimeoutError):
                await asyncio.wait_for(page.client.shutdown(), 2)


async def ready(client: Client) -> None:
    while not client.session.is_open:
        await asyncio.sleep(0.02)


def exports(server: RunningServer) -> list[int]:
    effects: list[int] = []

    def act(number: int, data: bytes) -> list[Any]:
        effects.append(number)
        return [number, data]

    server.loop.call_soon_threadsafe(server.host.peer.export, "test.act", act)
    return effects


def converse(
    server: RunningServer, proxy: ChaosProxy, times: int, harm: Any, pause: float = 0.004
) -> Client:
    """Makes calls while `harm(number)` is done to the network; checks answers and effects."""
    effects, token = exports(server), session_of(server)

    async def work() -> Client:
        client = Client(proxy.port, token)
        await ready(client)
        calls = []
        for number in range(times):
            data = bytes([number % 256]) * random.Random(number).choice([0, 10, 200_000])
            call = client.peer.call(client.engine, "test.act", number, data)
            calls.append(asyncio.ensure_future(call))
            await asyncio.sleep(pause)
            harm(number)
        answers = await asyncio.wait_for(asyncio.gather(*calls), 100)
        assert [number for number, _ in answers] == list(range(times))
        assert all(set(data) <= {number % 256} for number, data in answers)
        assert effects == list(range(times))
        await client.close()
        return client

    return asyncio.run(work())


def test_cuts_and_resets_lose_nothing(server: RunningServer, proxy: ChaosProxy) -> None:
    def harm(number: int) -> None:
        if number % 40 == 20:
            proxy.cut(reset=number % 80 == 20)

    client = converse(server, proxy, 200, harm)
    assert client.connects > 2


def test_dribbling_bytes_lose_nothing(server: RunningServer, proxy: ChaosProxy) -> None:
    def harm(number: int) -> None:
        proxy.dribble = 700 if number < 20 else 0
        if number == 15:
            proxy.cut()

    converse(server, proxy, 40, harm)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_half_open_socket_is_noticed_and_loses_nothing(
    server: RunningServer, proxy: ChaosProxy
) -> None:
    def harm(number: int) -> None:
        if number == 20:
            proxy.hang()
        if number == 70:
            proxy.flow()  # what hung arrives late, through a socket that was given up

    client = converse(server, proxy, 80, harm, pause=0.5)
    assert client.dead
    assert client.connects > 1
