"""Carries an Engine.IO session in HTTP requests, for clients whose proxy lets no WebSocket pass."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from imjoy.server.connections import LOGIN_SECONDS, ConnectionGuard
from imjoy.server.origins import Refusal
from imjoy.server.routes import Receive, Scope, Send
from imjoy.wire import engineio as rules
from imjoy.wire.engineio import decode_payload, encode_payload

# The largest body of a request after the login, and about the largest of an answer.
BODY_BYTES = 64 * 1024**2
ANSWER_BYTES = 4 * 1024**2
LOGIN_BODY_BYTES = 64 * 1024
_HEADERS = [(b"cache-control", b"no-store"), (b"content-type", b"text/plain; charset=UTF-8")]


class PollingCarrier:
    """Packets wait here for the next request that fetches them."""

    is_answering = False

    def __init__(self, guard: ConnectionGuard, peer: str) -> None:
        self.listener: Any = None
        self.queued = 0
        self._guard = guard
        self._packets: deque[Any] = deque()
        self._wake = asyncio.Event()
        self._is_getting = self._is_posting = self._moved = False
        self.is_trusted = False
        self._is_open = True
        self._deadline = asyncio.get_running_loop().call_later(LOGIN_SECONDS, self.abort)
        guard.admit(self, peer)

    def send_text(self, text: str) -> None:
        text.encode()  # half a character must be noticed now, not when it is fetched
        self._put(text)

    def send_binary(self, data: Any) -> None:
        self._put(data)

    def has_moved(self) -> bool:
        moved, self._moved = self._moved, self._is_getting
        return moved

    def trust(self) -> None:
        """The page has logged in: lift the limits."""
        self._deadline.cancel()
        self.is_trusted = True
        self._guard.trust(self)

    def close(self, code: int = 1000, reason: str = "") -> None:
        if self._is_open:
            self._is_open = False
            self._deadline.cancel()
            self._guard.forget(self)
            self._wake.set()

    def abort(self) -> None:
        """End at once; the listener is told."""
        if self._is_open:
            self.close()
            self.listener.on_end("the connection was closed")

    def release(self) -> list[Any]:
        """What waits, to be sent by the WebSocket that takes over; this carrier ends."""
        packets = list(self._packets)
        self._packets.clear()
        self.close()
        return packets

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request of this session. Raises Refusal."""
        self._moved = True
        if scope["method"] == "POST":
            await self._take(receive)
            await answer(send, b"ok")
        else:
            await answer(send, await self._get(receive))

    async def _take(self, receive: Receive) -> None:
        if self._is_posting:
            raise Refusal(400, "protocol.malformed", "Two requests send at the same time.")
        self._is_posting = True
        try:
            body = await self._read(receive)
            packets = decode_payload(body)
        except ValueError as error:
            self.abort()
            raise Refusal(400, "protocol.malformed", f"The body is not valid: {error}.") from None
        finally:
            self._is_posting = False
        for packet in packets:
            if isinstance(packet, str):
                self.listener.on_text(packet)
            else:
                self.listener.on_binary(packet)

    async def _read(self, receive: Receive) -> bytes:
        body = bytearray()
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False) and message["type"] == "http.request"
            if len(body) > (BODY_BYTES if self.is_trusted else LOGIN_BODY_BYTES):
                raise Refusal(413, "protocol.too_large", "The request is too large.")
        return bytes(body)

    async def _get(self, receive: Receive) -> bytes:
        if self._is_getting:
            self.abort()
            raise Refusal(400, "protocol.malformed", "Two requests fetch at the same time.")
        self._is_getting = True
        try:
            while self._is_open and not self._packets:
                self._wake.clear()
                if not await self._wait(receive):
                    return b""
            return self._fetch()
        finally:
            self._is_getting = False

    async def _wait(self, receive: Receive) -> bool:
        """Until something is there to fetch; False when the one who asked has gone."""
        woken = asyncio.ensure_future(self._wake.wait())
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait({woken, gone}, return_when=asyncio.FIRST_COMPLETED)
            return woken.done()
        finally:
            woken.cancel()
            gone.cancel()

    def _fetch(self) -> bytes:
        packets, size = [], 0
        while self._packets and size < ANSWER_BYTES:
            packet = self._packets.popleft()
            packets.append(packet)
            size += len(packet)
        self.queued -= size
        return encode_payload(packets or [rules.CLOSE])

    def _put(self, packet: Any) -> None:
        if self._is_open:
            self._packets.append(packet)
            self.queued += len(packet)
            self._wake.set()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def answer(send: Send, body: bytes) -> None:
    """Answer a request of Engine.IO."""
    headers = [*_HEADERS, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
