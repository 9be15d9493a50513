"""The peer without calls: a bare WebSocket that takes, gives or sends back what comes, uncompressed.

What it does is the path of its address, which three libraries serve in turn.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Any

SIZE = 16_000_000


def answer(path: str, message: Any) -> Any:
    """What a message is answered with; a text always with itself, but where arrays are given."""
    if path.endswith("/give"):
        return bytes(SIZE)
    return b"1" if path.endswith("/take") else message


async def serve_websockets(port: int) -> None:
    import websockets

    async def talk(connection: websockets.ServerConnection) -> None:
        path = connection.request.path if connection.request else ""
        async for message in connection:
            await connection.send(answer(path, message))

    async with websockets.serve(
        talk, "127.0.0.1", port, max_size=None, compression=None, ping_interval=None
    ) as server:
        await server.serve_forever()


async def serve_uvicorn(port: int) -> None:
    import uvicorn

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            return
        await receive()
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] == "websocket.receive":
            text, data = event.get("text"), event.get("bytes")
            found = answer(scope["path"], data if text is None else text)
            kind = "text" if isinstance(found, str) else "bytes"
            await send({"type": "websocket.send", kind: found})

    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", ws_ping_interval=None,
                            ws_per_message_deflate=False, ws_max_size=1 << 30)  # fmt: skip
    await uvicorn.Server(config).serve()


async def serve_picows(port: int) -> None:
    import picows

    class Talk(picows.WSListener):  # type: ignore[misc,name-defined]
        def __init__(self, path: str) -> None:
            self._path, self._kind, self._parts = path, None, bytearray()

        def on_ws_frame(self, transport: Any, frame: Any) -> None:
            kind = frame.msg_type
            if kind == picows.WSMsgType.CLOSE:
                transport.disconnect()
            elif kind in (
                picows.WSMsgType.TEXT,
                picows.WSMsgType.BINARY,
                picows.WSMsgType.CONTINUATION,
            ):
                if kind != picows.WSMsgType.CONTINUATION:
                    self._kind, self._parts = kind, bytearray()
                self._parts += frame.get_payload_as_memoryview()
                if frame.fin:
                    found = answer(self._path, self._parts)
                    same = found is self._parts
                    transport.send(self._kind if same else picows.WSMsgType.BINARY, found)

    logging.disable()  # it tells of each large message
    server = await picows.ws_create_server(
        lambda request: Talk(request.path.decode()), "127.0.0.1", port, max_frame_size=1 << 30
    )
    await server.serve_forever()


if __name__ == "__main__":
    kinds = {"websockets": serve_websockets, "uvicorn": serve_uvicorn, "picows": serve_picows}
    try:
        asyncio.run(kinds[(sys.argv[2:] or ["websockets"])[0]](int(sys.argv[1])))
    except KeyboardInterrupt:
        pass
