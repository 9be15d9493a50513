"""The limit of calls: asyncio sends back each message of a fixed size, and nothing reads it.

By a Unix socket, as the Python client is connected to an engine on its machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import tempfile
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

    def __init__(self, pid: int, path: str, caller: Caller) -> None:
        self.pid, self._path = pid, path
        self.noop = caller.call

    async def another(self) -> Callable[[], Awaitable[None]]:
        return (await connect(self._path)).call


async def connect(path: str) -> Caller:
    loop = asyncio.get_running_loop()
    return (await loop.create_unix_connection(Caller, path))[1]


@contextlib.asynccontextmanager
async def bytes_alone() -> AsyncIterator[Bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/socket"
        command = [sys.executable, str(Path(__file__).resolve()), path]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n"
            yield Bytes(process.pid, path, await connect(path))
        finally:
            await asyncio.to_thread(stop, process)
            process.stdout.close()


async def serve(path: str) -> None:
    server = await asyncio.get_running_loop().create_unix_server(Echo, path)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(sys.argv[1]))
