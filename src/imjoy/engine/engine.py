"""Holds the router, the engine's own peer and the plugins of all connected pages."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from types import TracebackType
from typing import Any

from imjoy.engine.api import EngineApi
from imjoy.engine.supervisor import PluginSupervisor
from imjoy.protocol.frame import Frame
from imjoy.protocol.messages import LIMITS
from imjoy.rpc.peer import Peer
from imjoy.rpc.router import Router
from imjoy.settings import Settings

logger = logging.getLogger(__name__)

# A reloaded browser or a short loss of the network comes back well within this.
PAGE_GRACE_SECONDS = 60.0


class Engine:
    """One engine: `async with Engine(settings) as engine` runs it, leaving stops all plugins.

    `connect_page`, `disconnect_page` and `receive` are called on the event loop only.
    """

    def __init__(self, settings: Settings, grace_seconds: float = PAGE_GRACE_SECONDS) -> None:
        self.address = secrets.token_hex(16)
        self.settings = settings
        self.router = Router(self.address)
        self.peer = Peer(self.address, self._send)
        self.router.local = self.peer
        self.supervisor = PluginSupervisor(settings, self.router, settings.home)
        self._grace_seconds = grace_seconds
        self._pages: set[str] = set()
        self._farewells: dict[str, asyncio.Task[None]] = {}
        self._end: asyncio.Task[None] | None = None
        self._api = EngineApi(self.peer, self.supervisor, self.is_page)

    async def __aenter__(self) -> Engine:
        self._api.export()
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
        return address in self._pages

    def connect_page(
        self, page: str, send: Callable[[Frame], None], hello: dict[str, Any]
    ) -> dict[str, Any]:
        """Link a page (again): its plugins go on if they still run. Gives what it is to know."""
        farewell = self._farewells.pop(page, None)
        if farewell is not None:
            farewell.cancel()
        self._pages.add(page)
        self.router.attach(page, send)
        return {"limits": dict(LIMITS)}

    def disconnect_page(self, page: str, reason: str, for_good: bool = False) -> None:
        """Unlink a page: calls to it fail at once, its plugins are stopped when it stays away."""
        if page not in self._pages:
            return
        self._pages.discard(page)
        self.router.detach(page, reason)
        seconds = 0.0 if for_good else self._grace_seconds
        farewell = self._say_farewell(page, seconds)
        self._farewells[page] = asyncio.get_running_loop().create_task(farewell)

    def receive(self, page: str, frame: Frame) -> None:
        """Take a frame from the link of a page; the router drops forged senders."""
        if page in self._pages:
            self.router.route(frame, page)

    def _send(self, frame: Frame) -> None:
        self.router.route(frame, self.address)

    async def _close(self) -> None:
        for task in self._farewells.values():
            task.cancel()
        await self.supervisor.aclose()
        await self.peer.aclose()

    async def _say_farewell(self, page: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        try:
            await self.supervisor.stop_all(page)
        except Exception:  # a wall: the top of a task
            logger.exception("The plugins of a page that went away could not be stopped")
        finally:
            self._farewells.pop(page, None)
