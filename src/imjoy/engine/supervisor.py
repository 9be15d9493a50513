"""Starts, lists and stops the plugins of pages: an environment and a worker process for each."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from imjoy.engine.gpus import Gpus
from imjoy.engine.limits import read_limits, usual_limits
from imjoy.engine.plugin import RunningPlugin
from imjoy.engine.premises import Premises
from imjoy.engine.requirements_of import requirements_of
from imjoy.envs import EnvSpec, EnvStore
from imjoy.errors import ImJoyError
from imjoy.plugins.mirror_folder import MirrorFolder
from imjoy.rpc.router import Router
from imjoy.settings import Settings

logger = logging.getLogger(__name__)

Key = tuple[str, str]
Signature = tuple[str, ...]


class PluginSupervisor:
    """The plugins of one engine. A plugin belongs to the pages that started it, usually one.

    One with the flag `single-instance` is shared by all pages; one with `allow-detach` goes on when
    its last page has gone, and belongs to the next page that starts it.
    All methods are called on the event loop; `home` holds the environments.
    """

    def __init__(
        self,
        settings: Settings,
        router: Router,
        home: Path,
        is_connected: Callable[[str], bool] = lambda page: True,
    ) -> None:
        self._settings, self._is_connected = settings, is_connected
        self._premises = Premises(router)
        mirror = MirrorFolder(settings.plugin_mirror) if settings.plugin_mirror else None
        self.store = EnvStore(home, find_copy=mirror.repository if mirror else None)
        self._home = home
        self._plugins: dict[Key, RunningPlugin] = {}
        self._shared: dict[Signature, RunningPlugin] = {}
        self._starts: dict[Key, asyncio.Task[dict[str, Any]]] = {}
        self._workers: dict[str, RunningPlugin] = {}
        self._endings: set[asyncio.Future[None]] = set()
        self._closed = False
        given = read_limits(dict(settings.limits), "the command line")
        self._limits = given.or_else(usual_limits())
        threading.Thread(target=self.store.envs.sweep, name="sweep", daemon=True).start()
        if router.local is not None:
            router.local.export("worker.report", self._reported, with_caller=True)

    @property
    def home(self) -> Path:
        """Where the environments are."""
        return self._home

    @property
    def gpus(self) -> Gpus:
        return self._premises.gpus

    def plan(self, plugin: dict[str, Any]) -> dict[str, Any]:
        """What a start of {name, config, tag} will do; quick, without network. Raises EnvError."""
        return self.store.plan(*self.wish(plugin))

    async def start(
        self, owner: str, plugin: dict[str, Any], callbacks: dict[str, Any]
    ) -> dict[str, Any]:
        """Start {id, name, code, config, tag, scripts}; a plugin of the same id is replaced.

        `callbacks` are on_progress, on_log, on_restart and on_exit. Gives {peer, interface, pid,
        environment}, and `resumed` and `log` when it ran already. Cancelling leaves nothing behind.
        Raises EnvError, LoadFailed, ManifestError and PluginCrashed.
        """
        key, signature = (owner, str(plugin["id"])), _signature(plugin)
        while key in self._plugins or key in self._starts:
            await self._end(key)
        task = asyncio.ensure_future(self._share_or_start(key, signature, plugin, callbacks))
        self._starts[key] = task
        try:
            return await task
        finally:
            task.cancel()
            if self._starts.get(key) is task:
                del self._starts[key]

    async def stop(self, owner: str, plugin_id: str, leave: bool = False) -> bool:
        """End a plugin: its exit(), at most 3 seconds, then by force. False: it did not run.

        One that other pages use as well goes on for them; with `leave` one that may detach, too.
        """
        return await self._end((owner, plugin_id), leave)

    async def end_idle(self, owner: str, why: str) -> None:
        """End the plugins of a page that is away, unless they work, may detach or have other pages."""
        for key, plugin in list(self._plugins.items()):
            alone = key[0] == owner and len(plugin.audience) == 1 and not plugin.may_detach
            if alone and await plugin.is_idle():
                await plugin.stop(why)
                self._forget(plugin)

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
        plugin.tell_to(owner, callbacks)
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

    def worker(self, name: str) -> RunningPlugin | None:
        """A worker by its name in the process list, whoever started it."""
        return self._workers.get(name)

    async def workers(self, owner: str) -> list[dict[str, Any]]:
        """The process list: every worker of the engine with what it uses."""
        plugins = list(self._workers.values())
        if plugins:
            self._premises.watch.look_again()
        return list(
            await asyncio.gather(*(plugin.facts(owner, self._is_connected) for plugin in plugins))
        )

    async def stop_all(self, owner: str | None = None) -> None:
        """End the plugins of one page that has gone, or all of the engine."""
        keys = {key for key in [*self._plugins, *self._starts] if owner in (None, key[0])}
        if keys:
            await asyncio.gather(*(self._end(key, gone=owner is not None) for key in keys))
        if owner is None and self._workers:
            plugins = list(self._workers.values())
            await asyncio.gather(*(self._end_worker(plugin) for plugin in plugins))

    async def aclose(self) -> None:
        """End all plugins; none can be started any more."""
        self._closed = True
        await self.stop_all()
        if self._endings:
            await asyncio.wait(self._endings)
        self._premises.watch.close()
        self._premises.guardian.close()

    async def _share_or_start(
        self, key: Key, signature: Signature, plugin: dict[str, Any], callbacks: dict[str, Any]
    ) -> dict[str, Any]:
        found = self._shared.get(signature)
        if found is not None and (found.is_single or not found.pages_here(self._is_connected)):
            found.audience.add(key[0], callbacks)
            self._plugins[key] = found
            await asyncio.wait([found.loaded])
            if found.facts_of_start is not None and not found.ended.done():
                await found.join(key[0], callbacks)
                return {**found.facts_of_start, "resumed": True, "log": found.log.kept()}
            self._plugins.pop(key, None)
        return await self._start(key, signature, plugin, callbacks)

    async def _start(
        self, key: Key, signature: Signature, plugin: dict[str, Any], callbacks: dict[str, Any]
    ) -> dict[str, Any]:
        if self._closed:
            raise ImJoyError("The engine is ending. Start it again, then start the plugin.")
        spec, config = self._spec_of(plugin), plugin.get("config") or {}
        limits = read_limits(config.get("limits"), str(plugin.get("name"))).within(self._limits)
        running = RunningPlugin(plugin, self._premises, self._work_folder(plugin), limits)
        running.audience.add(key[0], callbacks)
        self._plugins[key] = self._workers[running.worker] = running
        if running.is_single or running.may_detach:
            self._shared[signature] = running
        try:
            return await running.start(spec, self.store)
        except BaseException:
            ending = asyncio.ensure_future(running.kill())
            self._endings.add(ending)
            ending.add_done_callback(self._endings.discard)
            await asyncio.shield(ending)  # who cancels a second time does not stop it
            self._forget(running)
            raise
        finally:
            running.loaded.set_result(None)
            running.ended.add_done_callback(lambda _: self._forget(running))

    async def _end(self, key: Key, gone: bool = False) -> bool:
        """`gone`: the page did not ask for it, but went away."""
        task = self._starts.pop(key, None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        plugin = self._plugins.get(key)
        if plugin is None:
            return task is not None
        others = len(plugin.audience) > 1
        if others or (gone and plugin.may_detach):
            del self._plugins[key]
            await plugin.leave(key[0])
        else:
            await self._end_worker(plugin)
        return True

    async def _end_worker(self, plugin: RunningPlugin) -> None:
        await plugin.stop()
        self._forget(plugin)

    def _forget(self, plugin: RunningPlugin) -> None:
        self._workers.pop(plugin.worker, None)
        self._premises.free_gpus(plugin.gpus)
        plugin.gpus = []
        for table in (self._plugins, self._shared):
            for key in [key for key, one in table.items() if one is plugin]:
                del table[key]  # type: ignore[arg-type]

    def _reported(self, caller: str, level: Any, text: Any, stuck: Any = False) -> None:
        for plugin in self._workers.values():
            if plugin.address == caller:
                plugin.reported(str(level), str(text)[:1000], stuck is True)

    def _spec_of(self, plugin: dict[str, Any]) -> EnvSpec:
        config = plugin.get("config") or {}
        script = _python_of(plugin)
        requirements = requirements_of(config, script)
        return self.store.parse(config.get("env"), requirements, plugin.get("tag"), script)

    def wish(self, plugin: dict[str, Any]) -> tuple[EnvSpec, str, Path]:
        """What environment {name, config, tag} asks for, as which user, for which folder."""
        return self._spec_of(plugin), str(plugin.get("name") or ""), self._work_folder(plugin)

    def _work_folder(self, plugin: dict[str, Any]) -> Path:
        name = re.sub(r"[^\w .-]", "_", str(plugin.get("workspace") or "default")).strip(". ")
        folder = self._settings.workspace_dir / (name[:100] or "default")
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    # Last in the class, because its name hides the type that the annotations above it use.
    def list(self, owner: str) -> list[dict[str, Any]]:
        """The plugins of a page: id, name, pid, state, memory (bytes) and cpu (percent)."""
        return [plugin.summary() for key, plugin in self._plugins.items() if key[0] == owner]


def _signature(plugin: dict[str, Any]) -> Signature:
    """What two starts have in common that can share one process."""
    config = plugin.get("config")
    text = json.dumps([plugin.get("code"), plugin.get("scripts"), config], sort_keys=True)
    named = (plugin.get("workspace") or "default", plugin.get("name"), plugin.get("tag"))
    return (*map(str, named), hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def _python_of(plugin: dict[str, Any]) -> str:
    """The Python text of a plugin, in which its requirements may be written as well (PEP 723)."""
    scripts = plugin.get("scripts")
    if not isinstance(scripts, list):
        return str(plugin.get("code") or "")
    texts = [script.get("content") for script in scripts if isinstance(script, dict)]
    return "\n".join(text for text in texts if isinstance(text, str))
