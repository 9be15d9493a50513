"""Puts the server together: which routes there are and who may use each."""

from __future__ import annotations

import json
from pathlib import Path

from imjoy.files import FileStore
from imjoy.server.file_routes import MOST_BYTES, FileRoutes
from imjoy.server.front_door import FrontDoor
from imjoy.server.logins import MAX_BODY, Keys, LoginRoutes
from imjoy.server.origins import OriginRules
from imjoy.server.pages import NoApp
from imjoy.server.polling import BODY_BYTES
from imjoy.server.rate_limit import RateLimit
from imjoy.server.routes import Access, App, Receive, Route, RouteTable, Scope, Send
from imjoy.server.socketio import PageHost
from imjoy.server.socketio_app import SocketIo
from imjoy.server.static_files import StaticFiles
from imjoy.server.tokens import OneTimeCodes, Sessions, digest
from imjoy.server.vendor_files import PREFIX, VendorFiles
from imjoy.settings import Settings
from imjoy.vendor import Mirror

POST = frozenset({"POST"})


class Application:
    """The ASGI application of an engine; `keys` opens it, `aclose` ends its sockets."""

    def __init__(
        self,
        host: PageHost,
        settings: Settings,
        token: str,
        app_dir: Path | None,
        version: str,
        no_app: str = "",
        files: FileStore | None = None,
    ) -> None:
        self.keys = Keys(digest(token), OneTimeCodes(), Sessions(settings.home, token), RateLimit())
        self.socket = SocketIo(host, self.keys, version)
        self._logins = LoginRoutes(self.keys, self.socket.end_session)
        self._files = FileRoutes(files) if files is not None else nothing
        self.vendor = VendorFiles(Mirror(settings.vendor_dir))
        pages: App = NoApp(no_app)
        if app_dir is not None:
            pages = StaticFiles(app_dir, version, settings.embed_in)
        self.table = RouteTable(self._routes(pages))
        rules = OriginRules.from_settings(settings)
        self.front_door = FrontDoor(rules, self.table, self.keys.sessions.find, _lifespan)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.front_door(scope, receive, send)

    async def aclose(self) -> None:
        """End the connections to all pages."""
        await self.socket.aclose()

    def _routes(self, pages: App) -> list[Route]:
        logins = self._logins
        return [
            Route("/health", Access.PUBLIC, health),
            Route("/api/login", Access.PUBLIC, logins.log_in, POST, max_body=MAX_BODY),
            Route("/api/logout", Access.SESSION, logins.log_out, POST, max_body=MAX_BODY),
            Route("/api/code", Access.SESSION, logins.new_code, POST, max_body=MAX_BODY),
            Route(
                "/socket.io/",
                Access.SESSION_IN_HANDSHAKE,
                self.socket,
                methods=frozenset({"GET", "POST"}),
                kinds=frozenset({"websocket", "http"}),
                max_body=BODY_BYTES,
            ),
            Route("/api/libraries", Access.SESSION, self.vendor.facts),
            Route(
                f"{PREFIX}*",
                Access.PUBLIC,
                self.vendor,
                name="the library mirror",
                any_origin=True,
            ),
            Route(
                "/files/*",
                Access.PUBLIC,  # for whoever knows the address, which was made for one file
                self._files,
                methods=frozenset({"GET", "HEAD", "PUT", "POST", "OPTIONS"}),
                max_body=MOST_BYTES,
                name="a file",
                any_origin=True,
                slow_body=True,
            ),
            Route("/api/*", Access.SESSION, nothing),
            Route("/socket.io/*", Access.SESSION, nothing),
            Route("/external.html", Access.PUBLIC, pages, any_frame=True),
            # Pages of other sites load it, to take part in a window of the workbench.
            Route("/lib/*", Access.PUBLIC, pages, any_origin=True),
            Route("/*", Access.PUBLIC, pages, name="the web app"),
        ]


async def health(scope: Scope, receive: Receive, send: Send) -> None:
    """Says that an ImJoy engine answers here, and nothing about it."""
    await _send_json(send, 200, {"name": "imjoy", "status": "ok"})


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """Keeps the app's files out of the folders that belong to the engine."""
    await _send_json(send, 404, {"code": "auth.forbidden", "message": "There is nothing here."})


async def _send_json(send: Send, status: int, content: dict[str, str]) -> None:
    body = json.dumps(content).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
