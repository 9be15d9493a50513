"""A WebSocket of the engine's port: its request passes the front door, then it speaks for itself."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import http
import logging
from typing import Any, Protocol
from urllib.parse import unquote

from uvicorn.config import Config
from uvicorn.protocols.utils import get_local_addr, get_remote_addr, is_ssl
from uvicorn.server import ServerState

from imjoy.rpc.transports.websocket import WebSocketConnection
from imjoy.server.routes import Message
from imjoy.wire.masking import Xor, fast_xor
from imjoy.wire.websocket import GOING_AWAY, GUID

logger = logging.getLogger(__name__)

VERSION = b"13"


class Listener(Protocol):
    """What hears the messages of a socket; an Overlong stands for one that is too large."""

    def on_text(self, text: Any) -> None: ...
    def on_binary(self, data: Any) -> None: ...
    def place(self, size: int) -> memoryview | None:
        """Where a large binary message of this size is to be received; None: anywhere."""
        ...

    def on_end(self, reason: str) -> None: ...


class EngineWebSocket(WebSocketConnection):
    """What uvicorn hands the request of a WebSocket to (`ws=`).

    The application answers it with an HTTP error, or takes it by `accept`.
    """

    xor: Xor = staticmethod(fast_xor())
    # Until the page behind it has logged in, a larger message ends the connection.
    first_limit = 1 << 16

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(masks=False)
        self._app, self._app_state = config.loaded_app, app_state
        self._connections, self._tasks = server_state.connections, server_state.tasks
        self._key = b""
        self._status = 0
        self._answer: list[bytes] = []
        self.client: tuple[str, int] | None = None
        self._listener: Listener | None = None

    def accept(self, listener: Listener) -> None:
        """Answer that the socket is open; its messages and its end go to the listener."""
        proof = base64.b64encode(hashlib.sha1(self._key + GUID).digest())
        self.transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + proof + b"\r\n\r\n"
        )
        self._listener = listener
        # Messages go to it without a stop here.
        self.on_text, self.on_binary = listener.on_text, listener.on_binary  # type: ignore[method-assign]
        self.open(self.first_limit, strict=True, one=self.xor)
        self.transport.resume_reading()

    def place(self, size: int) -> memoryview | None:
        return None if self._listener is None else self._listener.place(size)

    def on_end(self, reason: str) -> None:
        self._connections.discard(self)
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.on_end(reason)

    # What uvicorn calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._connections.add(self)  # type: ignore[arg-type]
        self.client = get_remote_addr(transport)  # type: ignore[arg-type]

    def data_received(self, data: bytes) -> None:
        """The request as uvicorn has read it; nothing else is received in this way."""
        # Nothing may come before the answer; what comes all the same waits in the system.
        self.transport.pause_reading()
        line, *lines = data.split(b"\r\n\r\n", 1)[0].split(b"\r\n")
        headers = [(name, value) for name, _, value in (one.partition(b": ") for one in lines)]
        method, target, _ = line.split(b" ", 2)
        problem = self._check(method, headers)
        if problem:
            self._refuse(problem)
            return
        task = self.loop.create_task(self._run(self._scope(target, headers)))
        task.add_done_callback(self._tasks.discard)
        self._tasks.add(task)

    def shutdown(self) -> None:
        self.close(GOING_AWAY, "the engine stops")

    def _check(self, method: bytes, headers: list[tuple[bytes, bytes]]) -> int:
        """The status with which a request that is no handshake is refused, or 0."""
        found = dict(headers)
        if found.get(b"sec-websocket-version") != VERSION:
            return 426
        keys = [value for name, value in headers if name == b"sec-websocket-key"]
        self._key = keys[0] if len(keys) == 1 else b""
        try:
            good = len(base64.b64decode(self._key, validate=True)) == 16
        except binascii.Error:
            good = False
        return 0 if good and method == b"GET" else 400

    def _scope(self, target: bytes, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
        path, _, query = target.partition(b"?")
        return {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "scheme": "wss" if is_ssl(self.transport) else "ws",
            "server": get_local_addr(self.transport),
            "client": self.client,
            "root_path": "",
            "path": unquote(path.decode("ascii")),
            "raw_path": path,
            "query_string": query,
            "headers": headers,
            "subprotocols": [],
            "state": {**self._app_state, "imjoy.connection": self},
            "extensions": {"websocket.http.response": {}},
        }

    async def _run(self, scope: dict[str, Any]) -> None:
        try:
            await self._app(scope, self._receive, self._send)
        except Exception:  # a wall: the top of a task
            logger.exception("The request for a socket failed")
        if self.outlet is None and not self._answer:
            self._refuse(500)

    async def _receive(self) -> Message:
        return {"type": "websocket.connect"}

    async def _send(self, message: Any) -> None:
        """An HTTP answer in place of a socket."""
        kind = message["type"]
        if self.outlet is not None or self.transport.is_closing():
            return
        if kind == "websocket.http.response.start":
            self._answer = [_first_line(message["status"])]
            self._answer += [b"%s: %s\r\n" % header for header in message.get("headers", ())]
            self._answer.append(b"\r\n")
        elif kind == "websocket.http.response.body":
            self._answer.append(message.get("body", b""))
            if not message.get("more_body"):
                self.transport.write(b"".join(self._answer))
                self.transport.close()
        elif kind == "websocket.close":
            self._refuse(403)

    def _refuse(self, status: int) -> None:
        self._answer = [_first_line(status), b"content-length: 0\r\nconnection: close\r\n"]
        if status == 426:
            self._answer.append(b"sec-websocket-version: " + VERSION + b"\r\n")
        self.transport.write(b"".join(self._answer) + b"\r\n")
        self.transport.close()


def _first_line(status: int) -> bytes:
    return f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}\r\n".encode()
