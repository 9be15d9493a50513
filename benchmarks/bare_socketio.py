"""The peer for calls: python-socketio on uvicorn that does nothing but echo."""

from __future__ import annotations

import sys
from typing import Any

import socketio
import uvicorn

SIZE = 16_000_000


def main(port: int, kind: str = "uvicorn") -> None:
    mode = "aiohttp" if kind == "aiohttp" else "asgi"
    server = socketio.AsyncServer(
        async_mode=mode, cors_allowed_origins="*", max_http_buffer_size=1 << 30
    )
    zeros = bytes(SIZE)

    @server.event
    async def echo(_: str, value: Any) -> Any:
        return value

    @server.event
    async def noop(_: str) -> None:
        return None

    @server.event
    async def take(_: str, value: bytes) -> int:
        return len(value)

    @server.event
    async def give(_: str, value: Any) -> bytes:
        return zeros

    @server.event
    async def call_back(sid: str, times: int) -> int:
        for number in range(times):
            await server.call("call_back", number, to=sid, timeout=600)
        return times

    @server.event
    async def stream(sid: str, times: int) -> int:
        for number in range(times):
            await server.emit("item", number, to=sid)
        return times

    if kind == "aiohttp":
        from aiohttp import web

        application = web.Application(client_max_size=1 << 30)
        server.attach(application)
        web.run_app(application, host="127.0.0.1", port=port, print=None)
        return
    app = socketio.ASGIApp(server)
    # Compression off unless it is asked for: with it every array takes many times as long.
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", ws_max_size=1 << 30,
                ws_per_message_deflate=kind == "deflate", ws_ping_interval=None)  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
