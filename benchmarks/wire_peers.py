"""What is measured against each other: ways for one Python program to call another by a socket.

Each has the same workloads; `pid` is the process that answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import socketio  # type: ignore[import-untyped]
import websockets
from engines import free_port, stop, wait_for_port
from wire_engine import TOKEN

import imjoy

HERE = Path(__file__).resolve().parent


class Peer(Protocol):
    """One connected client and its server."""

    pid: int

    async def noop(self) -> None: ...
    async def echo(self, array: Any) -> Any: ...
    async def call_back(self, times: int) -> None: ...
    async def stream(self, times: int) -> None: ...
    async def another(self) -> Callable[[], Awaitable[Any]]:
        """The no-op of one more client, which stays connected."""
        ...


class Ours:
    """The Python client and the engine."""

    def __init__(
        self, pid: int, url: str, engine: Any, stack: contextlib.AsyncExitStack, near: bool
    ) -> None:
        self.pid, self.url, self.engine, self._stack, self._near = pid, url, engine, stack, near

    async def noop(self) -> None:
        await self.engine.call("noop")

    async def echo(self, array: Any) -> Any:
        return await self.engine.call("echo", array)

    async def call_back(self, times: int) -> None:
        await self.engine.call("call_back", times, lambda number: number)

    async def stream(self, times: int) -> None:
        count = 0
        async for _ in await self.engine.call("stream", times):
            count += 1
        assert count == times

    async def another(self) -> Callable[[], Awaitable[Any]]:
        connecting = imjoy.connect(self.url, TOKEN, near=self._near)
        engine = await self._stack.enter_async_context(connecting)
        return lambda: engine.call("noop")


@contextlib.asynccontextmanager
async def ours(near: bool = True) -> AsyncIterator[Ours]:
    """`near`: by the engine's Unix socket, as without further words; else by TCP."""
    command = [sys.executable, str(HERE / "wire_engine.py")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        url = f"http://127.0.0.1:{int(process.stdout.readline())}"
        async with contextlib.AsyncExitStack() as stack:
            engine = await stack.enter_async_context(imjoy.connect(url, TOKEN, near=near))
            yield Ours(process.pid, url, engine, stack, near)
    finally:
        await asyncio.to_thread(stop, process)
        process.stdout.close()


class Stock:
    """python-socketio at both ends."""

    def __init__(self, pid: int, port: int, stack: contextlib.AsyncExitStack) -> None:
        self.pid, self._port, self._stack = pid, port, stack
        self.client: Any = None
        self.items = 0

    async def connect(self) -> Any:
        client = socketio.AsyncClient(websocket_extra_options={"max_msg_size": 0, "compress": 0})
        client.on("call_back", lambda number: number)
        client.on("item", self._on_item)
        url = f"http://127.0.0.1:{self._port}"
        await client.connect(url, transports=["websocket"], wait_timeout=20)

        async def leave() -> None:
            await client.disconnect()
            await client.shutdown()

        self._stack.push_async_callback(leave)
        return client

    def _on_item(self, number: int) -> None:
        self.items += 1

    async def noop(self) -> None:
        await self.client.call("noop", timeout=600)

    async def echo(self, array: Any) -> Any:
        data = await self.client.call("echo", array.tobytes(), timeout=600)
        return np.frombuffer(data, array.dtype).reshape(array.shape)

    async def call_back(self, times: int) -> None:
        await self.client.call("call_back", times, timeout=600)

    async def stream(self, times: int) -> None:
        self.items = 0
        await self.client.call("stream", times, timeout=600)
        while self.items < times:
            await asyncio.sleep(0.001)

    async def another(self) -> Callable[[], Awaitable[Any]]:
        client = await self.connect()
        return lambda: client.call("noop", timeout=600)


@contextlib.asynccontextmanager
async def stock(kind: str) -> AsyncIterator[Peer]:
    """`kind` of server below python-socketio: uvicorn or aiohttp."""
    port = free_port()
    process = subprocess.Popen([sys.executable, str(HERE / "bare_socketio.py"), str(port), kind])
    try:
        await asyncio.to_thread(wait_for_port, port)
        async with contextlib.AsyncExitStack() as stack:
            one = Stock(process.pid, port, stack)
            one.client = await one.connect()
            yield one
    finally:
        await asyncio.to_thread(stop, process)


class Bare:
    """No calls at all: `websockets` sends back what comes, without compression."""

    def __init__(self, pid: int, client: Any) -> None:
        self.pid, self._client = pid, client

    async def echo(self, array: Any) -> Any:
        await self._client.send(memoryview(array).cast("B"))
        return np.frombuffer(await self._client.recv(), array.dtype).reshape(array.shape)


@contextlib.asynccontextmanager
async def bare() -> AsyncIterator[Any]:
    port = free_port()
    process = subprocess.Popen([sys.executable, str(HERE / "bare_websockets.py"), str(port)])
    try:
        await asyncio.to_thread(wait_for_port, port)
        connection = websockets.connect(
            f"ws://127.0.0.1:{port}", max_size=None, compression=None, ping_interval=None
        )
        async with connection as client:
            yield Bare(process.pid, client)
    finally:
        await asyncio.to_thread(stop, process)
