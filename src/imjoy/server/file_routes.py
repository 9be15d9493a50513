"""Serves and takes the files that an address was made for: `/files/ID/NAME`, to whoever knows it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.requests import ClientDisconnect, Request

from imjoy.files import FileError, FileStore, Grant
from imjoy.files.listing import list_folder
from imjoy.server.form_file import FormFile
from imjoy.server.headers import FOREIGN_POLICY
from imjoy.server.routes import Receive, Scope, Send
from imjoy.server.static_files import MEDIA_TYPES

MOST_BYTES = 1 << 44
CHUNK = 1 << 20
_PATH = re.compile(r"/files/([0-9a-f]{48})(?:/([^/]*)(/.*)?)?")
_RANGE = re.compile(rb"bytes=(\d{0,18})-(\d{0,18})")
_STATUS = {"file.not_found": 404, "file.forbidden": 403, "file.exists": 409, "file.failed": 507}
Headers = list[tuple[bytes, bytes]]
_SAFE: Headers = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"content-range, content-length, accept-ranges, etag"),
    (b"cache-control", b"private, no-cache"),
    FOREIGN_POLICY,
]
_ALLOWED: Headers = [
    (b"access-control-allow-methods", b"GET, HEAD, PUT, POST"),
    (b"access-control-allow-headers", b"content-type, range, if-range, if-none-match"),
    (b"access-control-max-age", b"600"),
    (b"access-control-allow-private-network", b"true"),
]


class FileRoutes:
    """Plugin frames have no session, so the address itself is the permission, and it expires."""

    def __init__(self, store: FileStore) -> None:
        self._store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        if method == "OPTIONS":
            await _answer(send, 204, [*_SAFE, *_ALLOWED], b"")
            return
        match = _PATH.fullmatch(scope["path"])
        kind = "read" if method in ("GET", "HEAD") else "write"
        grant = self._store.grants.find(match[1], kind) if match else None
        if match is None or grant is None:
            text = "This address has expired, or it never was one. Ask for the file again."
            await _send_json(send, 404, {"code": "file.not_found", "message": text})
            return
        try:
            if kind == "read":
                await self._read(scope, send, grant, match[3] or "")
            else:
                await self._write(scope, receive, send, grant)
        except FileError as error:
            await _send_json(send, _STATUS.get(error.code, 400), _told(error))

    async def _read(self, scope: Scope, send: Send, grant: Grant, below: str) -> None:
        real = await asyncio.to_thread(self._store.find_read, grant, below)
        try:
            if real.is_dir():
                await self._send_folder(scope, send, real)
                return
            opened = await asyncio.to_thread(self._store.roots.open, real)
        except OSError as error:
            raise FileError.of("Opening a file", error) from None
        with os.fdopen(opened, "rb", buffering=0) as source:
            status = os.fstat(opened)
            if not stat.S_ISREG(status.st_mode):
                raise FileError("Opening a file", "it is no plain file", "Choose another.")
            await _send_file(scope, send, Opened(source, real, status))

    async def _send_folder(self, scope: Scope, send: Send, folder: Path) -> None:
        found = await asyncio.to_thread(list_folder, self._store.roots, folder)
        entries = [{"name": one["name"], "type": one["type"]} for one in found["entries"]]
        await _send_json(send, 200, entries, scope["method"] == "HEAD")

    async def _write(self, scope: Scope, receive: Receive, send: Send, grant: Grant) -> None:
        scope.get("state", {}).get("imjoy.take_time", lambda: None)()
        with self._store.upload(grant) as upload:
            try:
                async for data in _content(Request(scope, receive)):
                    await asyncio.to_thread(upload.write, data)
            except ClientDisconnect:
                return  # cancelled: nothing of it stays
            await asyncio.to_thread(upload.finish)
        facts = {"id": grant.id, "path": str(grant.path), "size": upload.size}
        self._store.written.note(facts)
        await _send_json(send, 200, facts)


@dataclass
class Opened:
    """An open file and what the system says of it."""

    source: Any
    path: Path
    status: os.stat_result

    @property
    def etag(self) -> bytes:
        status = self.status
        return f'"{status.st_size:x}-{status.st_mtime_ns:x}-{status.st_ino:x}"'.encode()


async def _content(request: Request) -> AsyncIterator[bytes]:
    """The bytes of the file in a request: its body, or the first file of a form."""
    form = FormFile.of(request.headers.get("content-type", ""))
    async for chunk in request.stream():
        data = chunk if form is None else form.feed(chunk)
        if data:
            yield data
    if form is not None and not form.complete:
        raise FileError("Reading an upload", "the form holds no whole file", "Send one file.")


def _told(error: FileError) -> dict[str, str]:
    """What whoever has an address is told: not which folders there are beside it."""
    facts = error.data or {}
    if error.code == "file.forbidden":
        return {"code": error.code, "message": "This file is not open to pages."}
    return {"code": error.code, "message": f"It failed: {facts['cause']}. {facts['remedy']}"}


async def _send_file(scope: Scope, send: Send, file: Opened) -> None:
    sent = dict(scope["headers"])
    size = file.status.st_size
    name = quote(file.path.name).encode()
    kind = MEDIA_TYPES.get(file.path.suffix.lower(), "application/octet-stream")
    headers = [
        *_SAFE,
        (b"etag", file.etag),
        (b"accept-ranges", b"bytes"),
        (b"content-type", kind.encode()),
        (b"content-disposition", b"inline; filename*=UTF-8''" + name),
    ]
    if sent.get(b"if-none-match") == file.etag:
        await _answer(send, 304, headers, b"")
        return
    wanted = sent.get(b"range", b"") if sent.get(b"if-range", file.etag) == file.etag else b""
    part = read_range(wanted, size)
    if part is None:
        headers.append((b"content-range", f"bytes */{size}".encode()))
        await _answer(send, 416, [*headers, (b"content-length", b"0")], b"")
        return
    first, end = part
    status = 200 if (first, end) == (0, size) and not _RANGE.fullmatch(wanted) else 206
    if status == 206:
        headers.append((b"content-range", f"bytes {first}-{end - 1}/{size}".encode()))
    headers.append((b"content-length", str(end - first).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if scope["method"] != "HEAD":
        await _send_bytes(send, file, first, end - first)
    await send({"type": "http.response.body", "body": b""})


async def _send_bytes(send: Send, file: Opened, first: int, left: int) -> None:
    file.source.seek(first)
    while left:
        chunk = await asyncio.to_thread(file.source.read, min(CHUNK, left))
        if not chunk:
            raise OSError(f"{file.path.name} became shorter while it was sent")
        left -= len(chunk)
        await send({"type": "http.response.body", "body": chunk, "more_body": True})


def read_range(text: bytes, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last; all of it unless one range is asked for; None: no such."""
    match = _RANGE.fullmatch(text)
    if match is None or not (match[1] or match[2]):
        return 0, size
    if not match[1]:
        length = int(match[2])
        return (max(0, size - length), size) if length and size else None
    first = int(match[1])
    end = min(size, int(match[2]) + 1) if match[2] else size
    return (first, end) if first < end else None


async def _send_json(send: Send, status: int, content: Any, is_head: bool = False) -> None:
    body = json.dumps(content).encode()
    headers = [*_SAFE, (b"content-type", b"application/json")]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if is_head else body})


async def _answer(send: Send, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
