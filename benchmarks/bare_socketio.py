"""The peer for calls: python-socketio on uvicorn that does nothing but echo."""

from __future__ import annotations

import sys
from typing import Any

import socketio
import uvicorn

SIZE = 16_000_000


def main(port: int) -> None:
    server = socketio.AsyncServer(
        async_mode="asgi", cors_allowed_origins="*", max_http_buffer_size=1 << 30
    )
    zeros = bytes(SIZE)

    @server.event
    async def echo(_: str, value: Any) -> Any:
        return value

    @server.event
    async def take(_: str, value: bytes) -> int:
        return len(value)

    @server.event
    async def give(_: str, value: Any) -> bytes:
        return zeros

    app = socketio.ASGIApp(server)
    # Compression off on both sides: with it every array takes many times as long.
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", ws_per_message_deflate=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))
