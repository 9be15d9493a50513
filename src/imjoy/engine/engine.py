"""Holds the router, the engine's own peer and the plugins of all connected pages."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from types import TracebackType
from typing import Any

from imjoy.engine.api import EngineApi
from imjoy.engine.dev_file import DevFile
from imjoy.engine.env_api import EnvApi
from imjoy.engine.file_api import FileApi
from imjoy.engine.pages import Pages
from imjoy.engine.supervisor import PluginSupervisor
from imjoy.engine.workspace_api import WorkspaceApi
from imjoy.engine.workspace_store import WorkspaceStore
from imjoy.files import FileStore, Roots
from imjoy.plugins.mirror_folder import MirrorFolder
from imjoy.protocol.frame import Frame
from imjoy.rpc.peer import Peer
from imjoy.rpc.router import Router
from imjoy.settings import Settings
from imjoy.vendor import WheelMirror

logger = logging.getLogger(__name__)

# A client without a session that lost its network comes back well within this.
PLAIN_GRACE_SECONDS = 60.0


class Engine:
    """One engine: `async with Engine(settings) as engine` runs it, leaving stops all plugins.

    `connect_page`, `disconnect_page` and `receive` are called on the event loop only.
    """

    def __init__(self, settings: Settings, plain_grace: float = PLAIN_GRACE_SECONDS) -> None:
        self.address = secrets.token_hex(16)
        self.settings = settings
        self.router = Router(self.address)
        self.peer = Peer(self.address, self.router.send)
        self.router.local = self.peer
        self.supervisor = PluginSupervisor(
            settings, self.router, settings.home, lambda page: self.pages.is_connected(page)
        )
        self.pages = Pages(self.router, self, settings.grace_seconds, plain_grace)
        self.pages.idle_seconds = settings.idle_seconds
        self._farewells: set[asyncio.Task[None]] = set()
        self._away: dict[str, asyncio.Task[None]] = {}
        self._end: asyncio.Task[None] | None = None
        self._dev_file = DevFile(settings.dev_file) if settings.dev_file else None
        mirror = MirrorFolder(settings.plugin_mirror) if settings.plugin_mirror else None
        self._api = EngineApi(self.peer, self.supervisor, self.pages, self._dev_file, mirror)
        self._env_api = EnvApi(self.peer, self.supervisor, self.pages)
        self.files = FileStore(Roots(settings.open_folders, [settings.home]))
        wheels = WheelMirror(settings.vendor_dir / "wheels")
        self._file_api = FileApi(self.peer, self.files, self.pages, wheels)
        workspaces = WorkspaceStore(settings.home / "workbench")
        self._workspace_api = WorkspaceApi(self.peer, workspaces, self.pages)

    async def __aenter__(self) -> Engine:
        self._api.export()
        self._env_api.export()
        self._file_api.export()
        self._workspace_api.export()
        if self._dev_file is not None:
            await self._dev_file.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Stop all plugins, which takes at most a few seconds; may be called more than once."""
        if self._end is None:
            self._end = asyncio.create_task(self._close())
        await asyncio.shield(self._end)

    def is_page(self, address: str) -> bool:
        """Whether this is the address of a connected page itself, not of a plugin's frame in it."""
        return address in self.pages

    def connect_page(
        self,
        page: str,
        send: Callable[[Frame], None],
        hello: dict[str, Any],
        close: Callable[[], None] = lambda: None,
    ) -> dict[str, Any]:
        """Link a page (again): its plugins go on if they still run. Gives what it is to know.

        `close` ends its socket. Raises ImJoyError (rpc.fenced) when a newer socket is there.
        """
        return self.pages.connect(page, send, close, hello)

    def disconnect_page(self, page: str, reason: str, for_good: bool = False) -> None:
        """Unlink a page: its plugins are stopped when it stays away, or at once if `for_good`."""
        self.pages.disconnect(page, reason, for_good)

    def hold(self, page: str, waits: bool) -> None:
        """The plugins of a page have to wait until it has taken what they sent, or go on."""
        self.supervisor.hold(page, waits)

    def page_ended(self, page: str) -> None:
        """A page will not come back: its plugins are stopped."""
        self.files.grants.forget(page)
        task = asyncio.get_running_loop().create_task(self._say_farewell(page))
        self._farewells.add(task)
        task.add_done_callback(self._farewells.discard)

    def page_away(self, page: str) -> None:
        """A page has been away so long that plugins without work need not wait for it."""
        if page not in self._away:
            task = asyncio.get_running_loop().create_task(self._end_idle(page))
            self._away[page] = task
            task.add_done_callback(lambda _: self._away.pop(page))

    def receive(self, page: str, frame: Frame) -> None:
        """Take a frame from the link of a page; the router drops forged senders."""
        self.pages.receive(page, frame)

    def answer(self, page: str, frame: Frame) -> None:
        """Send a frame in the session of a page."""
        self.pages.answer(page, frame)

    def place(self, page: str, header: Any, size: int) -> memoryview | None:
        """Where the next binary part of a frame of a page is to be received; None: anywhere."""
        return self.pages.place(page, header, size)

    async def _close(self) -> None:
        self.pages.close()
        if self._dev_file is not None:
            await self._dev_file.__aexit__()
        await self.supervisor.aclose()
        await self.peer.aclose()

    async def _end_idle(self, page: str) -> None:
        minutes = self.settings.idle_seconds / 60
        why = f"It was ended, because its page was away for {minutes:g} minutes and it had no work."
        try:
            await self.supervisor.end_idle(page, why)
        except Exception:  # a wall: the top of a task
            logger.exception("The idle plugins of a page that is away could not be stopped")

    async def _say_farewell(self, page: str) -> None:
        try:
            await self.supervisor.stop_all(page)
        except Exception:  # a wall: the top of a task
            logger.exception("The plugins of a page that went away could not be stopped")
