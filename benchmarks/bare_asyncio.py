"""The limit of calls: asyncio sends back each message of a fixed size, and nothing reads it."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from engines import stop

# What the frame of a call without content takes on the socket.
SIZE = 220
MEMORY = 1 << 16


class Echo(asyncio.BufferedProtocol):
    transport: asyncio.Transport

    def __init__(self) -> None:
        self._memory = bytearray(MEMORY)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._memory

    def buffer_updated(self, nbytes: int) -> None:
        self.transport.write(bytes(self._memory[:nbytes]))


class Caller(Echo):
    """The other end; each message of its own comes back in its order."""

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._have = 0

    def buffer_updated(self, nbytes: int) -> None:
        self._have += nbytes
        while self._have >= SIZE:
            self._have -= SIZE
            self._waiting.popleft().set_result(None)

    async def call(self) -> None:
        future = self._loop.create_future()
        self._waiting.append(future)
        self.transport.write(bytes(SIZE))
        await future


class Bytes:
    """A peer of wire_peers, with the two workloads that it can do."""

    def __init__(self, pid: int, port: int, caller: Caller) -> None:
        self.pid, self._port = pid, port
        self.noop = caller.call

    async def another(self) -> Callable[[], Awaitable[None]]:
        return (await connect(self._port)).call


async def connect(port: int) -> Caller:
    loop = asyncio.get_running_loop()
    return (await loop.create_connection(Caller, "127.0.0.1", port))[1]


@contextlib.asynccontextmanager
async def bytes_alone() -> AsyncIterator[Bytes]:
    command = [sys.executable, str(Path(__file__).resolve())]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        yield Bytes(process.pid, port, await connect(port))
    finally:
        await asyncio.to_thread(stop, process)
        process.stdout.close()


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve())
