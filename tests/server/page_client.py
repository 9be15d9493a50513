"""A stock Socket.IO client in place of the page in a browser."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import socketio
from server_harness import TOKEN, RunningServer

from imjoy.protocol.frame import Frame
from imjoy.rpc.peer import Peer

PAGE = "a" * 32


def session_of(server: RunningServer) -> str:
    body = json.dumps({"token": TOKEN}).encode()
    sent = {"Content-Type": "application/json"}
    return str(json.loads(server.ask("/api/login", sent, "POST", body).body)["session"])


class Page:
    """Connects, sends frames and keeps what arrives."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.client = socketio.AsyncClient(
            reconnection=False, websocket_extra_options={"max_msg_size": 0}
        )
        self.frames: asyncio.Queue[Frame] = asyncio.Queue()
        self.welcome: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.refusal: Any = None
        self.gone = asyncio.Event()
        self.client.on("frame", self._on_frame)
        self.client.on("welcome", self.welcome.put)
        self.client.on("connect_error", self._on_refusal)
        self.client.on("disconnect", lambda *_: self.gone.set())

    async def connect(self, **auth: Any) -> None:
        url = f"http://127.0.0.1:{self._port}"
        payload = {"protocol": 1, "peer": PAGE} | auth
        await self.client.connect(url, auth=payload, transports=["websocket"], wait_timeout=5)

    async def send(self, header: Any, body: Any = "", *buffers: Any) -> None:
        await self.client.emit("frame", (header, body, *buffers))

    async def next(self) -> Frame:
        return await asyncio.wait_for(self.frames.get(), 30)

    def _on_frame(self, header: Any, body: str, *buffers: bytes) -> None:
        self.frames.put_nowait(Frame(header, body, list(buffers)))

    def _on_refusal(self, data: Any) -> None:
        self.refusal = data


@contextlib.asynccontextmanager
async def page_of(server: RunningServer, **auth: Any) -> AsyncIterator[Page]:
    page = Page(server.port)
    try:
        await page.connect(**({"token": session_of(server)} | auth))
        yield page
    finally:
        await page.client.disconnect()
        await page.client.shutdown()


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 60))


@contextlib.asynccontextmanager
async def linked_peer(page: Page, session: str) -> AsyncIterator[tuple[Peer, str]]:
    """A peer behind a stock Socket.IO client, and the engine's address."""
    address = secrets.token_hex(16)
    outgoing: asyncio.Queue[Frame] = asyncio.Queue()
    peer = Peer(address, outgoing.put_nowait)

    async def pump() -> None:
        while True:
            frame = await outgoing.get()
            await page.send(frame.header, frame.body, *(bytes(part) for part in frame.buffers))

    page.client.on(
        "frame", lambda header, body, *parts: peer.receive(Frame(header, body, list(parts)))
    )
    await page.connect(token=session, peer=address)
    engine = (await asyncio.wait_for(page.welcome.get(), 5))["peer"]
    page.client.on("disconnect", lambda *_: peer.peer_gone(engine, "lost"))
    task = asyncio.create_task(pump())
    try:
        yield peer, engine
    finally:
        task.cancel()
        await page.client.disconnect()
        await page.client.shutdown()
        await peer.aclose()
