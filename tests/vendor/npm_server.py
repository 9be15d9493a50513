"""A small npm registry: packages made on the spot, served as npm serves them."""

from __future__ import annotations

import base64
import hashlib
import http.server
import io
import json
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote


def pack(files: Mapping[str, bytes | str]) -> bytes:
    """The archive of a package; as npm does it, everything is below `package/`."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


class NpmServer:
    """`packages[name][version]` is the archive; `asked` are the paths that were asked for."""

    def __init__(self) -> None:
        self.packages: dict[str, dict[str, bytes]] = {}
        self.extra: dict[str, dict[str, Any]] = {}
        self.heads: dict[tuple[str, str], str] = {}
        self.asked: list[str] = []
        self.address = ""

    def add(self, name: str, version: str, files: Mapping[str, bytes | str]) -> None:
        self.packages.setdefault(name, {})[version] = pack(files)

    def answer(self, path: str) -> bytes | None:
        self.asked.append(path)
        name, _, rest = unquote(path).lstrip("/").partition("/-/")
        versions = self.packages.get(name)
        if versions is None:
            return None
        if rest:
            return versions.get(rest.rsplit("-", 1)[-1].removesuffix(".tgz"))
        facts = {
            version: {
                "gitHead": self.heads.get((name, version), ""),
                "dist": {
                    # As a mirror of a registry does: the address is that of the original.
                    "tarball": f"https://elsewhere.invalid/{name}/-/{name}-{version}.tgz",
                    "integrity": "sha512-"
                    + base64.b64encode(hashlib.sha512(archive).digest()).decode(),
                },
            }
            for version, archive in versions.items()
        }
        content = {"dist-tags": {"latest": list(versions)[-1]}, "versions": facts}
        return json.dumps(content | self.extra.get(name, {})).encode()


@contextmanager
def npm_server() -> Iterator[NpmServer]:
    """A registry on loopback; yields it with its `address`."""
    registry = NpmServer()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = registry.answer(self.path)
            self.send_response(404 if data is None else 200)
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    registry.address = f"http://127.0.0.1:{server.server_address[1]}/"
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
