"""A TCP proxy that does to a connection what networks do: cuts, resets, silence, dribbling bytes."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from typing import Any


class ChaosProxy:
    """Forwards `port` to a server on this machine; its methods may be called from any thread."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.StreamWriter] = set()
        self._flows: asyncio.Event
        self.refuses = False
        self.delay = 0.0
        self.dribble = 0  # bytes at a time; 0: as they come
        self.rate = 0  # bytes a second, each way; 0: as fast as they come
        self.passed = 0  # bytes, both ways
        self.connections = 0
        self.port = 0
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(10)

    def cut(self, reset: bool = False) -> None:
        """End all connections, politely or with a reset."""
        self._call(lambda: self._cut(reset))

    def hang(self) -> None:
        """Half-open: connections stay, but nothing goes through any more."""
        self._call(lambda: self._flows.clear())

    def flow(self) -> None:
        self._call(lambda: self._flows.set())

    def close(self) -> None:
        self._call(lambda: self._cut(True))
        self._call(lambda: self._server.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _call(self, work: Any) -> None:
        done = threading.Event()
        self._loop.call_soon_threadsafe(lambda: (work(), done.set()))
        assert done.wait(10)

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._flows = asyncio.Event()
        self._flows.set()

        async def listen() -> None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
            self.port = self._server.sockets[0].getsockname()[1]
            ready.set()

        self._loop.run_until_complete(listen())
        self._loop.run_forever()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.transport.abort()
            return
        self.connections += 1
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._server_port)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, back}
        try:
            await asyncio.gather(self._pass_on(reader, back), self._pass_on(there, writer))
        finally:
            for end in (writer, back):
                self._open.discard(end)
                end.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while data := await reader.read(self.dribble or 65536):
                await self._flows.wait()
                if self.delay or self.rate:
                    await asyncio.sleep(self.delay + len(data) / (self.rate or 1e12))
                self.passed += len(data)
                writer.write(data)
                await writer.drain()
        with contextlib.suppress(OSError):
            writer.close()

    def _cut(self, reset: bool) -> None:
        for writer in list(self._open):
            raw = writer.get_extra_info("socket")
            if reset and raw is not None:
                linger = struct.pack("ii", 1, 0)
                with contextlib.suppress(OSError):
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
