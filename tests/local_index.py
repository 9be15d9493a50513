"""A package index of tiny wheels on this computer, for tests that need no network."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def _record(path: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    return f"{path},sha256={digest},{len(content)}\n"


class LocalIndex:
    """Serves wheels that are made on the spot; `rate` limits downloads to bytes per second.

    So many of the next wheels as `corrupt` says are not what they should be; `moved` is where all
    files are, when they are no longer where they were.
    """

    def __init__(self) -> None:
        self.files: dict[str, dict[str, tuple[bytes, str]]] = {}
        self.metadata: dict[str, bytes] = {}
        self.published: dict[str, str] = {}
        self.rate = self.corrupt = 0
        self.moved = ""
        self.is_unplugged = False
        self.requests: list[str] = []
        self.downloading = threading.Event()
        index = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                index.answer(self)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/simple"

    def unplug(self) -> None:
        """Break what is being sent, and answer nothing any more."""
        self.is_unplugged = True
        self.close()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def add(
        self,
        name: str,
        version: str,
        requires: tuple[str, ...] = (),
        *,
        size: int = 0,
        tags: str = "py3-none-any",
        requires_python: str = ">=3.7",
        code: str = "",
        published: str = "",
    ) -> None:
        """Add a wheel, `published` on a day; `size` random bytes make it as large as that."""
        module = name.replace("-", "_")
        info = f"{module}-{version}.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        metadata += f"Requires-Python: {requires_python}\n"
        metadata += "".join(f"Requires-Dist: {entry}\n" for entry in requires)
        contents = {
            f"{module}.py": (code or f"version = {version!r}\n").encode(),
            f"{info}/METADATA": metadata.encode(),
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tags}\n".encode(),
        }
        if size:
            contents[f"{module}_data.bin"] = os.urandom(size)
        record = "".join(_record(path, content) for path, content in contents.items())
        record += f"{info}/RECORD,,\n"
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for path, content in {**contents, f"{info}/RECORD": record.encode()}.items():
                archive.writestr(path, content)
        file = f"{module}-{version}-{tags}.whl"
        self.metadata[file] = metadata.encode()
        self.published[file] = f"{published or '2020-01-01'}T12:00:00.000000Z"
        self.add_file(name, file, buffer.getvalue(), requires_python)

    def add_file(self, name: str, file: str, content: bytes, requires_python: str = "") -> None:
        self.files.setdefault(name, {})[file] = (content, requires_python)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.requests.append(handler.path)
        parts = handler.path.removeprefix(self.moved).strip("/").split("/")
        if self.moved and parts[0] == "files" and not handler.path.startswith(self.moved):
            handler.send_error(404)
            return
        if parts[0] == "simple" and len(parts) == 2 and parts[1] in self.files:
            self._send(handler, self._page(parts[1]), "application/vnd.pypi.simple.v1+json")
        elif parts[0] == "files" and parts[2].removesuffix(".metadata") in self.metadata:
            self._send_file(handler, parts[2])
        elif parts[0] == "files" and parts[2] in self.files.get(parts[1], {}):
            self._send(handler, self.files[parts[1]][parts[2]][0], "application/octet-stream")
        else:
            handler.send_error(404)

    def _send_file(self, handler: BaseHTTPRequestHandler, file: str) -> None:
        if file.endswith(".metadata"):
            content = self.metadata[file.removesuffix(".metadata")]
        else:
            content = next(group[file][0] for group in self.files.values() if file in group)
            self.downloading.set()
            if self.corrupt:
                self.corrupt -= 1
                content = content[:-50] + b"x" * 50
        self._send(handler, content, "application/octet-stream")

    def _page(self, name: str) -> bytes:
        files = [
            {
                "filename": file,
                "url": f"{self.moved}/files/{name}/{file}",
                "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
                "size": len(content),
                "requires-python": requires_python or None,
                "core-metadata": file in self.metadata,
                "upload-time": self.published.get(file, "2020-01-01T12:00:00.000000Z"),
            }
            for file, (content, requires_python) in self.files[name].items()
        ]
        return json.dumps({"meta": {"api-version": "1.1"}, "name": name, "files": files}).encode()

    def _send(self, handler: BaseHTTPRequestHandler, content: bytes, kind: str) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        step = max(1, self.rate // 50) if self.rate else len(content) or 1
        try:
            for at in range(0, len(content), step):
                if self.is_unplugged:
                    handler.connection.close()
                    return
                handler.wfile.write(content[at : at + step])
                if self.rate:
                    time.sleep(1 / 50)
        except OSError:
            handler.close_connection = True
