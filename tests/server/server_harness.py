"""A real server on a free port, in a thread, for tests that speak to it through sockets."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imjoy.errors import ImJoyError
from imjoy.server.app import Application
from imjoy.server.running import EngineServer, listen
from imjoy.settings import Settings

TOKEN = "imt_" + "5" * 64


@dataclass
class Answer:
    """A parsed HTTP answer; `status` 0 means that the connection was closed without one."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class RunningServer:
    """The application of `host` (an engine, or what stands in for one) served in a thread."""

    def __init__(
        self, make_host: Callable[[], Any], settings: Settings, app_dir: Path, port: int = 0
    ) -> None:
        self.listener = listen(settings.host, port)
        self.port = int(self.listener.getsockname()[1])
        self.settings, self.app_dir, self.make_host = settings, app_dir, make_host
        self.app: Application
        self.server: EngineServer
        self.host: Any = None
        self.loop: asyncio.AbstractEventLoop
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def application(self, host: Any) -> Application:
        return Application(host, self.settings, TOKEN, self.app_dir, "9.9.9")

    async def _run(self) -> None:
        self.loop = asyncio.get_running_loop()
        async with self.make_host() as host:
            self.host = host
            self.app = self.application(host)
            self.server = EngineServer(self.app)
            self._ready.set()
            await self.server.serve_on(self.listener)
            await self.app.aclose()

    def __enter__(self) -> RunningServer:
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.server.stop)
        self._thread.join(20)
        assert not self._thread.is_alive()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=15)

    def raw(self, data: bytes) -> bytes:
        """Everything that comes back for `data` until the server closes."""
        with self.connect() as connection:
            connection.sendall(data)
            return b"".join(iter(lambda: _read(connection), b""))

    def ask(
        self,
        path: str,
        headers: dict[str, str] | None = None,
        method: str = "GET",
        body: bytes | None = None,
    ) -> Answer:
        """One request on a connection of its own; Host is ours unless given."""
        lines = {"Host": f"127.0.0.1:{self.port}", "Connection": "close"} | (headers or {})
        if body is not None:
            lines.setdefault("Content-Length", str(len(body)))
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        request = f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1")
        return parse(self.raw(request + (body or b"")))

    def upgrade(self, headers: dict[str, str] | None = None) -> int:
        """The status that an attempt to open the socket gets."""
        lines = {
            "Host": f"127.0.0.1:{self.port}",
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        } | (headers or {})
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        with self.connect() as connection:
            target = "/socket.io/?EIO=4&transport=websocket"
            connection.sendall(f"GET {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1"))
            data = _read(connection)
        return int(data.split(b" ", 2)[1]) if data else 0


def _read(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except ConnectionError:
        return b""


def parse(data: bytes) -> Answer:
    if not data:
        return Answer(0)
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {
        name.strip().lower(): value.strip()
        for name, value in (line.split(":", 1) for line in lines)
    }
    return Answer(int(first.split(" ")[1]), headers, body)


class QuietHost:
    """Stands in for an engine where no page is expected to be heard."""

    address = "e" * 32

    def __init__(self) -> None:
        self.pages: dict[str, Any] = {}
        self.frames: list[Any] = []
        self.left: list[tuple[str, str]] = []
        self.hellos: list[Any] = []

    async def __aenter__(self) -> QuietHost:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    def connect_page(
        self, page: str, send: Any, hello: dict[str, Any], close: Any
    ) -> dict[str, Any]:
        if "refuse" in hello:
            raise ImJoyError("It was asked to.", code=hello["refuse"])
        self.pages[page] = send
        self.hellos.append(hello)
        return {"greeting": hello.get("name", "nobody"), "peer": "not yours to choose"}

    def disconnect_page(self, page: str, reason: str, for_good: bool = False) -> None:
        self.pages.pop(page)
        self.left.append((page, reason))

    def place(self, page: str, header: Any, size: int) -> None:
        return None

    def answer(self, page: str, frame: Any) -> None:
        self.pages[page](frame)

    def receive(self, page: str, frame: Any) -> None:
        self.frames.append((page, frame))
        self.pages[page](frame)


def make_app(folder: Path) -> Path:
    """A small web app: index, hashed script, worker, an image and a deep file."""
    (folder / "assets").mkdir(parents=True)
    for page in ("index.html", "lite.html"):
        (folder / page).write_text("<!doctype html><head><!--imjoy-engine--></head>")
    (folder / "assets" / "main-a1B2c3D4.js").write_text("export const answer = 42;")
    (folder / "assets" / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "sw.js").write_text("// worker")
    (folder / "site.webmanifest").write_text("{}")
    (folder / "engine.wasm").write_bytes(b"\0asm" + bytes(2000))
    return folder
