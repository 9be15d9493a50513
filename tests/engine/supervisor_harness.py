"""A supervisor with a page that hears what its plugins report."""

from __future__ import annotations

import asyncio
import os
import secrets
import textwrap
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil

from imjoy.engine.supervisor import PluginSupervisor
from imjoy.rpc.peer import Peer
from imjoy.rpc.router import Router
from imjoy.settings import Settings


class Page:
    """A page connected to an engine of its own."""

    def __init__(self, home: Path, **settings: Any) -> None:
        self.home = home
        engine, self.address = secrets.token_hex(16), secrets.token_hex(16)
        self.router = Router(engine)
        self.engine = Peer(engine, lambda frame: self.router.route(frame, engine))
        self.router.local = self.engine
        self.peer = Peer(self.address, lambda frame: self.router.route(frame, self.address))
        self.router.attach(self.address, self.peer.receive)
        self.supervisor = PluginSupervisor(Settings(home=home, **settings), self.router, home)
        self.progress: list[dict[str, Any]] = []
        self.log: list[dict[str, Any]] = []
        self.batches: list[float] = []
        self.exits: list[dict[str, Any]] = []
        self.restarts: list[dict[str, Any]] = []
        self.exited = asyncio.Event()

    def callbacks(self) -> dict[str, Any]:
        def on_log(lines: list[dict[str, Any]]) -> None:
            self.batches.append(asyncio.get_running_loop().time())
            self.log.extend(lines)

        def on_exit(facts: dict[str, Any]) -> None:
            self.exits.append(facts)
            self.exited.set()

        return {
            "on_progress": self.progress.append,
            "on_log": on_log,
            "on_exit": on_exit,
            "on_restart": self.restarts.append,
        }

    async def start(
        self,
        script: str,
        plugin_id: str = "p",
        page: str = "",
        agreed: list[str] | None = None,
        workspace: str | None = None,
        **config: Any,
    ) -> dict[str, Any]:
        content = textwrap.dedent(script).lstrip("\n")
        plugin = {
            "id": plugin_id,
            "name": "Demo",
            "code": "",
            "config": config,
            "agreed": agreed,
            "workspace": workspace,
            "scripts": [{"content": content, "lang": "python", "attrs": {}, "line": 1}],
        }
        return await self.supervisor.start(page or self.address, plugin, self.callbacks())

    async def until(self, condition: Callable[[], Any], seconds: float = 10) -> None:
        end = asyncio.get_running_loop().time() + seconds
        while not condition():
            assert asyncio.get_running_loop().time() < end, "it did not come to pass in time"
            await asyncio.sleep(0.005)

    def texts(self) -> list[str]:
        return [line["text"] for line in self.log]


def with_page(home: Path, use: Callable[[Page], Awaitable[None]], **settings: Any) -> None:
    """Use a page; afterwards no process and no descriptor is left. 50 seconds at most."""

    async def main() -> None:
        page = Page(home, **settings)
        try:
            await asyncio.wait_for(use(page), 50)
        finally:
            await page.supervisor.aclose()
            await page.engine.aclose()
            await page.peer.aclose()

    before = set(psutil.Process().children(recursive=True))
    descriptors = len(os.listdir("/proc/self/fd"))
    asyncio.run(main())
    assert set(psutil.Process().children(recursive=True)) <= before
    assert len(os.listdir("/proc/self/fd")) <= descriptors
