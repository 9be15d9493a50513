"""Starts, lists and stops the plugins of pages: an environment and a worker process for each."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from pathlib import Path
from typing import Any

from imjoy.engine.guardian import Guardian
from imjoy.engine.plugin import RunningPlugin
from imjoy.envs import EnvSpec, EnvStore
from imjoy.errors import ImJoyError
from imjoy.rpc.router import Router
from imjoy.settings import Settings

logger = logging.getLogger(__name__)

Key = tuple[str, str]


class PluginSupervisor:
    """The plugins of one engine. A plugin belongs to its owner, the page that started it.

    All methods are called on the event loop; `home` holds the environments.
    """

    def __init__(self, settings: Settings, router: Router, home: Path) -> None:
        self._settings = settings
        self._router = router
        self._store = EnvStore(home)
        self._plugins: dict[Key, RunningPlugin] = {}
        self._starts: dict[Key, asyncio.Task[dict[str, Any]]] = {}
        self._endings: set[asyncio.Future[None]] = set()
        self._guardian = Guardian()
        self._closed = False
        threading.Thread(target=self._store.sweep, name="sweep", daemon=True).start()

    def plan(self, plugin: dict[str, Any]) -> dict[str, Any]:
        """What a start of {name, config, tag} will do; quick, without network. Raises EnvError."""
        return self._store.plan(self._spec_of(plugin), str(plugin.get("name") or ""))

    async def start(
        self, owner: str, plugin: dict[str, Any], callbacks: dict[str, Any]
    ) -> dict[str, Any]:
        """Start {id, name, code, config, tag, scripts}; a plugin of the same id is replaced.

        `callbacks` are on_progress, on_log and on_exit. Gives {peer, interface, pid, environment}.
        Cancelling leaves nothing behind. Raises EnvError, LoadFailed and PluginCrashed.
        """
        key = owner, str(plugin["id"])
        while key in self._plugins or key in self._starts:
            await self._end(key)
        task = asyncio.ensure_future(self._start(key, plugin, callbacks))
        self._starts[key] = task
        try:
            return await task
        finally:
            task.cancel()
            if self._starts.get(key) is task:
                del self._starts[key]

    async def stop(self, owner: str, plugin_id: str) -> bool:
        """End a plugin: its exit(), at most 3 seconds, then by force. False: it did not run."""
        return await self._end((owner, plugin_id))

    async def attach(
        self, owner: str, plugin_id: str, callbacks: dict[str, Any]
    ) -> dict[str, Any] | None:
        """Hand a plugin that runs, or starts, to a page that was loaded again; None: it does not.

        Gives what `start` gave, and the lines of its log.
        """
        key = owner, plugin_id
        plugin, starting = self._plugins.get(key), self._starts.get(key)
        if plugin is None:
            return None
        plugin.tell_to(callbacks)
        facts = await asyncio.shield(starting) if starting is not None else plugin.facts_of_start
        return None if facts is None else {**facts, "log": plugin.log.kept()}

    def hold(self, owner: str, waits: bool) -> None:
        """Take nothing from the plugins of a page while it has too much to take itself."""
        for key, plugin in self._plugins.items():
            if key[0] == owner:
                plugin.hold(waits)

    async def interrupt(self, owner: str, plugin_id: str) -> bool:
        """Cancel the calls that run in a plugin; False when it does not run or does not listen."""
        plugin = self._plugins.get((owner, plugin_id))
        return plugin is not None and await plugin.interrupt()

    def log(self, owner: str, plugin_id: str) -> list[dict[str, Any]]:
        """The kept output of a plugin that runs: {time, stream, level, text} for each line."""
        plugin = self._plugins.get((owner, plugin_id))
        return [] if plugin is None else plugin.log.kept()

    async def stop_all(self, owner: str | None = None) -> None:
        """End the plugins of one page, or all."""
        keys = {key for key in [*self._plugins, *self._starts] if owner in (None, key[0])}
        if keys:
            await asyncio.gather(*(self._end(key) for key in keys))

    async def aclose(self) -> None:
        """End all plugins; none can be started any more."""
        self._closed = True
        await self.stop_all()
        if self._endings:
            await asyncio.wait(self._endings)
        self._guardian.close()

    async def _start(
        self, key: Key, plugin: dict[str, Any], callbacks: dict[str, Any]
    ) -> dict[str, Any]:
        if self._closed:
            raise ImJoyError("The engine is ending. Start it again, then start the plugin.")
        spec = self._spec_of(plugin)
        running = RunningPlugin(
            owner=key[0],
            plugin=plugin,
            callbacks=callbacks,
            router=self._router,
            guardian=self._guardian,
            folder=self._work_folder(plugin),
        )
        self._plugins[key] = running
        try:
            result = await running.start(spec, self._store)
        except BaseException:
            ending = asyncio.ensure_future(running.kill())
            self._endings.add(ending)
            ending.add_done_callback(self._endings.discard)
            await asyncio.shield(ending)  # who cancels a second time does not stop it
            self._forget(key, running)
            raise
        assert running.process is not None
        running.process.ended.add_done_callback(lambda _: self._forget(key, running))
        return result

    async def _end(self, key: Key) -> bool:
        task = self._starts.pop(key, None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        plugin = self._plugins.get(key)
        if plugin is None:
            return task is not None
        await plugin.stop()
        self._forget(key, plugin)
        return True

    def _forget(self, key: Key, plugin: RunningPlugin) -> None:
        if self._plugins.get(key) is plugin:
            del self._plugins[key]

    def _spec_of(self, plugin: dict[str, Any]) -> EnvSpec:
        config = plugin.get("config") or {}
        return self._store.parse(
            config.get("env"), config.get("requirements"), plugin.get("tag"), _python_of(plugin)
        )

    def _work_folder(self, plugin: dict[str, Any]) -> Path:
        name = re.sub(r"[^\w .-]", "_", str(plugin.get("workspace") or "default")).strip(". ")
        folder = self._settings.workspace_dir / (name[:100] or "default")
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    # Last in the class, because its name hides the type that the annotations above it use.
    def list(self, owner: str) -> list[dict[str, Any]]:
        """The plugins of a page: id, name, pid, state, memory (bytes) and cpu (percent)."""
        return [plugin.facts() for key, plugin in self._plugins.items() if key[0] == owner]


def _python_of(plugin: dict[str, Any]) -> str:
    """The Python text of a plugin, in which its requirements may be written as well (PEP 723)."""
    scripts = plugin.get("scripts")
    if not isinstance(scripts, list):
        return str(plugin.get("code") or "")
    texts = [script.get("content") for script in scripts if isinstance(script, dict)]
    return "\n".join(text for text in texts if isinstance(text, str))
