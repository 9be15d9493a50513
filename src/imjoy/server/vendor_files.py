"""Serves the library mirror to plugin frames; whoever has no key of a page only sees what is held."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections import deque
from urllib.parse import quote

from imjoy.server.headers import FOREIGN_POLICY
from imjoy.server.routes import Receive, Scope, Send
from imjoy.vendor import Address, Mirror, MirrorFile, NotMirrored, read_address
from imjoy.vendor.equivalents import MIRRORED_HOSTS

PREFIX = "/vendor/"
_KEYED = re.compile(r"~([0-9a-f]{32})/(.+)")
_PLAIN = "/@:+,~!();="
_FETCHES = 4
_REPORTED = 200


class VendorFiles:
    """`/vendor/HOST/PATH`, what is held; `/vendor/~KEY/HOST/PATH`, what can be had.

    Plugin frames have no origin and no session, so a key in the address tells that a signed-in
    page made the frame. The engine only ever asks the npm registry, never the host in the address.
    """

    def __init__(self, mirror: Mirror) -> None:
        self.mirror = mirror
        self._key = secrets.token_hex(16)
        self._turns = asyncio.Semaphore(_FETCHES)
        self._missing: deque[dict[str, str]] = deque(maxlen=_REPORTED)

    @property
    def missing(self) -> list[dict[str, str]]:
        """What could not be had lately: address, cause and remedy of each."""
        return list(self._missing)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rest = scope["path"].removeprefix(PREFIX)
        keyed = _KEYED.fullmatch(rest)
        may_fetch = bool(keyed and secrets.compare_digest(keyed[1], self._key))
        query = scope.get("query_string", b"").decode("latin-1")
        text = (keyed[2] if keyed else rest) + (f"?{query}" if query else "")
        address = read_address(text)
        if address is None or (keyed and not may_fetch):
            await _refuse(send, 404, "It is no address of a library.")
            return
        try:
            file = await self._find(address, may_fetch)
        except NotMirrored as error:
            self._note(error)
            await _redirect(send, address, error)
            return
        if file is None:
            await _refuse(send, 404, "The library mirror does not hold this file.")
        else:
            await _send_file(scope, send, file)

    async def facts(self, scope: Scope, receive: Receive, send: Send) -> None:
        """For a signed-in page: where its frames find the mirror, and what could not be had."""
        content: dict[str, object] = {
            "prefix": f"vendor/~{self._key}/",
            "hosts": list(MIRRORED_HOSTS),
            "missing": self.missing,
        }
        await _send_json(send, 200, content)

    async def _find(self, address: Address, may_fetch: bool) -> MirrorFile | None:
        held = await asyncio.to_thread(self.mirror.held, address)
        if held is not None or not may_fetch:
            return held
        async with self._turns:
            return await asyncio.to_thread(self.mirror.get, address)

    def _note(self, error: NotMirrored) -> None:
        if all(entry["address"] != error.address for entry in self._missing):
            facts = {"cause": error.cause, "remedy": error.remedy}
            self._missing.append({"address": error.address, **facts})


async def _send_file(scope: Scope, send: Send, file: MirrorFile) -> None:
    etag = f'"{file.sha256[:32]}"'.encode()
    headers = [
        (b"content-type", file.media_type.encode()),
        (b"etag", etag),
        (b"cache-control", b"private, max-age=86400"),
        (b"access-control-allow-origin", b"*"),
        FOREIGN_POLICY,
    ]
    known = [value for key, value in scope["headers"] if key == b"if-none-match"]
    if etag in known:
        await _answer(send, 304, headers, b"")
        return
    await _answer(send, 200, headers, b"" if scope["method"] == "HEAD" else file.data)


async def _redirect(send: Send, address: Address, error: NotMirrored) -> None:
    """To the address itself: the browser may reach what npm does not have, when it may and can."""
    query = f"?{address.query}" if address.query else ""
    target = f"https://{address.host}/{quote(address.path, safe=_PLAIN)}{query}"
    headers = [(b"location", target.encode()), (b"access-control-allow-origin", b"*")]
    await _answer(send, 307, [*headers, (b"cache-control", b"no-store")], error.message.encode())


async def _refuse(send: Send, status: int, message: str) -> None:
    await _send_json(send, status, {"code": "plugin.load_failed", "message": message})


async def _send_json(send: Send, status: int, content: dict[str, object]) -> None:
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    await _answer(send, status, headers, json.dumps(content).encode())


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
