"""Serves the built web app from a table made in advance; no request names a path on disk."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
import re
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from imjoy.server.routes import Receive, Scope, Send

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".htm": "text/html; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
}
COMPRESSED = (".css", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".wasm", ".webmanifest")
COMPRESS_LIMIT = 16 * 1024 * 1024
CHUNK = 256 * 1024
RESCAN_SECONDS = 1.0
_HASHED = re.compile(r"/assets/.*-[A-Za-z0-9_-]{8,}\.[a-z0-9]+")
MARK = b"<!--imjoy-engine-->"
# What is told to the app by the engine that serves it stands in these.
PAGES = frozenset({"/index.html", "/lite.html"})


@dataclass(frozen=True)
class AppFile:
    """One file that can be asked for; `version` changes whenever its content does."""

    path: Path
    size: int
    version: str
    media_type: str
    is_hashed: bool


class StaticFiles:
    """All regular files below `root` (links only when they stay inside), by their URL path."""

    def __init__(self, root: Path, engine_version: str, embed_in: tuple[str, ...] = ()) -> None:
        self._root = root.resolve()
        facts = {"imjoy-engine": engine_version, "imjoy-embed-in": " ".join(embed_in)}
        self._meta = "".join(
            f'<meta name="{name}" content="{value}">' for name, value in facts.items() if value
        ).encode()
        self._scanned = 0.0
        self._stamp: object = None
        self._packed: dict[tuple[Path, str], bytes] = {}
        self.files: dict[str, AppFile] = {}
        self._scan()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._rescan_when_rebuilt()
        path = "/index.html" if scope["path"] == "/" else scope["path"]
        file = None if _is_odd(scope) else self.files.get(path)
        if file is None:
            await _answer(send, 404, [(b"content-type", b"text/plain")], b"There is no such file.")
        elif path in PAGES:
            await self._send_page(scope, send, file)
        else:
            await self._send_file(scope, send, file)

    async def _send_page(self, scope: Scope, send: Send, file: AppFile) -> None:
        text = await asyncio.to_thread(_read_regular, file.path)
        body = text.replace(MARK, self._meta) if text is not None else b""
        version = hashlib.sha256(body).hexdigest()[:32]
        headers = _headers(file, version)
        if _has(scope, b"if-none-match", headers[1][1]):
            await _answer(send, 304, headers, b"")
            return
        headers.append((b"content-length", str(len(body)).encode()))
        await _answer(send, 200, headers, b"" if scope["method"] == "HEAD" else body)

    async def _send_file(self, scope: Scope, send: Send, file: AppFile) -> None:
        headers = _headers(file, file.version)
        if _has(scope, b"if-none-match", headers[1][1]):
            await _answer(send, 304, headers, b"")
            return
        packed = await self._pack(file) if _wants_gzip(scope, file) else None
        if packed is not None:
            headers.append((b"content-encoding", b"gzip"))
        size = file.size if packed is None else len(packed)
        headers.append((b"content-length", str(size).encode()))
        if scope["method"] == "HEAD" or packed is not None:
            await _answer(send, 200, headers, b"" if scope["method"] == "HEAD" else packed or b"")
        else:
            await _stream(send, headers, file)

    async def _pack(self, file: AppFile) -> bytes | None:
        key = (file.path, file.version)
        if key not in self._packed:
            data = await asyncio.to_thread(_read_regular, file.path)
            if data is None or len(data) != file.size:
                return None
            self._packed[key] = await asyncio.to_thread(gzip.compress, data, 6, mtime=0)
        return self._packed[key]

    def _rescan_when_rebuilt(self) -> None:
        """A new build replaces index.html; the table follows it within a second."""
        now = time.monotonic()
        if now - self._scanned < RESCAN_SECONDS:
            return
        self._scanned = now
        if _stamp(self._root / "index.html") != self._stamp:
            self._scan()

    def _scan(self) -> None:
        self._scanned = time.monotonic()
        self._stamp = _stamp(self._root / "index.html")
        self._packed = {}
        found: dict[str, AppFile] = {}
        for folder, folders, names in os.walk(self._root):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in names:
                file = None if name.startswith(".") else self._describe(Path(folder) / name)
                if file is not None:
                    relative = (Path(folder) / name).relative_to(self._root).as_posix()
                    found["/" + relative] = file
        self.files = found

    def _describe(self, path: Path) -> AppFile | None:
        try:
            real = path.resolve(strict=True)
            status = real.stat()
        except OSError:
            return None
        if not stat.S_ISREG(status.st_mode) or not real.is_relative_to(self._root):
            return None
        url = "/" + path.relative_to(self._root).as_posix()
        version = f"{status.st_size:x}-{status.st_mtime_ns:x}"
        media_type = MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream")
        return AppFile(real, status.st_size, version, media_type, bool(_HASHED.fullmatch(url)))


async def _stream(send: Send, headers: list[tuple[bytes, bytes]], file: AppFile) -> None:
    opened = await asyncio.to_thread(_open_regular, file.path)
    if opened is None:
        await _answer(send, 404, [(b"content-type", b"text/plain")], b"There is no such file.")
        return
    with os.fdopen(opened, "rb") as source:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        left = file.size
        while left:
            chunk = await asyncio.to_thread(source.read, min(CHUNK, left))
            if not chunk:
                raise OSError(f"{file.path} became shorter while it was sent")
            left -= len(chunk)
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _headers(file: AppFile, version: str) -> list[tuple[bytes, bytes]]:
    cache = b"public, max-age=31536000, immutable" if file.is_hashed else b"no-cache"
    return [
        (b"content-type", file.media_type.encode()),
        (b"etag", f'"{version}"'.encode()),
        (b"cache-control", cache),
        (b"vary", b"accept-encoding"),
    ]


def _is_odd(scope: Scope) -> bool:
    """Whether the path is not spelt in the one plain way that we use in links."""
    path: str = scope["path"]
    raw: bytes = scope.get("raw_path", path.encode())
    return raw.decode("latin-1") != quote(path, safe="/-._~!$&'()*+,;=:@")


def _has(scope: Scope, name: bytes, value: bytes) -> bool:
    sent: bytes = b",".join(content for key, content in scope["headers"] if key == name)
    parts = [part.strip().removeprefix(b"W/") for part in sent.split(b",")]
    return value in parts


def _wants_gzip(scope: Scope, file: AppFile) -> bool:
    """Compression pays on a network only, never between programs of one machine."""
    client = scope.get("client")
    if client is None or client[0] in ("127.0.0.1", "::1") or file.size > COMPRESS_LIMIT:
        return False
    sent = b",".join(value for key, value in scope["headers"] if key == b"accept-encoding")
    names = {part.split(b";")[0].strip() for part in sent.split(b",")}
    return b"gzip" in names and file.size > 1024 and file.path.suffix.lower() in COMPRESSED


def _open_regular(path: Path) -> int | None:
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError:
        return None
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    return None


def _read_regular(path: Path) -> bytes | None:
    descriptor = _open_regular(path)
    if descriptor is None:
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def _stamp(path: Path) -> object:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
