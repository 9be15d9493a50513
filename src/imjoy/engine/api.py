"""Exports the functions that a page calls on its engine; each page reaches its own plugins only."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import socket
import time
from collections.abc import Callable
from importlib import metadata
from typing import Any

import psutil

from imjoy import __version__
from imjoy.engine.dev_file import DevFile
from imjoy.engine.pages import Pages
from imjoy.engine.plugin import RunningPlugin
from imjoy.engine.supervisor import PluginSupervisor
from imjoy.errors import AuthError, ProtocolError
from imjoy.plugins.check_scripts import python_mistake
from imjoy.plugins.mirror_folder import MirrorFolder
from imjoy.plugins.module_plugin import plugin_from_module
from imjoy.rpc.peer import Peer


class EngineApi:
    """The table `engine.*`. The first argument of each function is the caller's address."""

    def __init__(
        self,
        peer: Peer,
        supervisor: PluginSupervisor,
        pages: Pages,
        dev_file: DevFile | None = None,
        mirror: MirrorFolder | None = None,
    ) -> None:
        self._dev_file, self._mirror = dev_file, mirror
        self._peer, self._supervisor, self._pages = peer, supervisor, pages

    def export(self) -> None:
        """Make the functions callable."""
        functions: dict[str, Callable[..., Any]] = {
            "info": self.info,
            "plan": self.plan,
            "module": self.module,
            "syntax": self.syntax,
            "dev": self.dev,
            "mirrored": self.mirrored,
            "repositories": self.repositories,
            "start": self.start,
            "stop": self.stop,
            "interrupt": self.interrupt,
            "list": self.list_plugins,
            "attach": self.attach,
            "fetch": self.fetch,
            "log": self.log,
            "ping": self.ping,
            "status": self.status,
            "workers": self.workers,
            "stop_worker": self.stop_worker,
            "interrupt_worker": self.interrupt_worker,
            "restart_worker": self.restart_worker,
            "worker_log": self.worker_log,
        }
        for name, function in functions.items():
            self._peer.export(f"engine.{name}", function, with_caller=True)

    async def info(self, caller: str) -> dict[str, Any]:
        """What this engine is and what its machine has; memory in bytes."""
        self._check_page(caller)
        return {
            "name": "imjoy",
            "version": __version__,
            "python": platform.python_version(),
            "platform": platform.system(),
            "machine": platform.machine(),
            "cpu_count": os.cpu_count() or 1,
            "memory_total": psutil.virtual_memory().total,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "uv": uv_version(),
        }

    async def plan(self, caller: str, plugin: Any) -> dict[str, Any]:
        """What a start of `{name, config, tag}` will do. Raises EnvError."""
        self._check_page(caller)
        return self._supervisor.plan(_checked(plugin, ("name",)))

    async def module(self, caller: str, text: Any, name: Any) -> str:
        """The plugin file that a plain Python module becomes. Raises ManifestError."""
        self._check_page(caller)
        return plugin_from_module(str(text), str(name))

    async def syntax(self, caller: str, texts: Any) -> list[dict[str, Any] | None]:
        """For each Python text its first mistake as `{message, line, column}`, or None."""
        self._check_page(caller)
        given = [str(text) for text in texts] if isinstance(texts, list) else []
        return [await asyncio.to_thread(python_mistake, text) for text in given]

    async def mirrored(self, caller: str, address: Any) -> str | None:
        """The text that the folder of repositories has for a web address; None: it has none."""
        self._check_page(caller)
        if self._mirror is None:
            return None
        return await asyncio.to_thread(self._mirror.read, str(address))

    async def repositories(self, caller: str) -> list[str]:
        """The repositories of plugins that the folder has copies of, as `user/repository`."""
        self._check_page(caller)
        return await asyncio.to_thread(self._mirror.repositories) if self._mirror else []

    async def dev(self, caller: str, tell: Any) -> dict[str, str] | None:
        """`{name, text}` of the plugin that is being written, None: there is none.

        `tell` is called with the same whenever the file has changed.
        """
        self._check_page(caller)
        if self._dev_file is None or not callable(tell):
            return None
        return self._dev_file.follow(caller, tell)

    async def start(self, caller: str, plugin: Any, callbacks: Any = None) -> dict[str, Any]:
        """Start `{id, name, code, config, tag}` for the calling page; cancelling leaves nothing.

        `callbacks`: functions on_progress, on_log and on_exit. Raises EnvError and PluginError.
        """
        self._check_page(caller)
        wanted = _checked(plugin, ("id", "name", "code"))
        return await self._supervisor.start(caller, wanted, _functions(callbacks))

    async def attach(
        self, caller: str, plugin_id: Any, callbacks: Any = None
    ) -> dict[str, Any] | None:
        """Take over a plugin that the calling page started before it was loaded again.

        Gives what `start` gave and its `log`; None when it does not run.
        """
        self._check_page(caller)
        return await self._supervisor.attach(caller, str(plugin_id), _functions(callbacks))

    async def fetch(self, caller: str, call: Any) -> str:
        """Have the outcome of a call sent that the page made before it was loaded again.

        Gives "sent", "running" (it is sent when it is there) or "unknown".
        """
        self._check_page(caller)
        return self._pages.fetch(caller, str(call))

    async def stop(self, caller: str, plugin_id: Any, leave: Any = False) -> bool:
        """End a plugin of the calling page; False when there is none of this id.

        `leave`: one with `allow-detach` is left to go on without this page.
        """
        self._check_page(caller)
        return await self._supervisor.stop(caller, str(plugin_id), leave is True)

    async def interrupt(self, caller: str, plugin_id: Any) -> bool:
        """Stop what a plugin of the calling page does, and leave it running."""
        self._check_page(caller)
        return await self._supervisor.interrupt(caller, str(plugin_id))

    async def list_plugins(self, caller: str) -> list[dict[str, Any]]:
        """The caller's plugins: id, name, pid, state, memory in bytes, cpu in percent."""
        self._check_page(caller)
        return self._supervisor.list(caller)

    async def log(self, caller: str, plugin_id: Any) -> list[dict[str, Any]]:
        """The kept lines of a plugin's log: time, stream, level and text of each."""
        self._check_page(caller)
        return self._supervisor.log(caller, str(plugin_id))

    async def ping(self, caller: str) -> None:
        """Answer; what that takes is the round trip."""
        self._check_page(caller)

    async def status(self, caller: str) -> dict[str, Any]:
        """What the machine has left and uses: memory and disk in bytes, cpu in percent, the GPUs."""
        self._check_page(caller)
        memory, me = psutil.virtual_memory(), psutil.Process()
        return {
            "memory_available": memory.available,
            "memory_total": memory.total,
            "disk_free": shutil.disk_usage(self._supervisor.home).free,
            "cpu": psutil.cpu_percent(),
            "load": list(os.getloadavg()),
            "uptime": time.time() - me.create_time(),
            "engine_memory": me.memory_info().rss,
            "gpus": [gpu._asdict() for gpu in await self._supervisor.gpus.list()],
        }

    async def workers(self, caller: str) -> list[dict[str, Any]]:
        """The process list: all workers of the engine, those of other pages and of none too."""
        self._check_page(caller)
        return await self._supervisor.workers(caller)

    async def stop_worker(self, caller: str, worker: Any) -> bool:
        """End a worker by its name in the process list, for all pages that use it."""
        plugin = self._worker(caller, worker)
        if plugin is not None:
            await plugin.stop()
        return plugin is not None

    async def interrupt_worker(self, caller: str, worker: Any) -> bool:
        """Cancel what a worker does, and leave it running; False when it does not listen."""
        plugin = self._worker(caller, worker)
        return plugin is not None and await plugin.interrupt()

    async def restart_worker(self, caller: str, worker: Any) -> bool:
        """End the process of a worker and begin another one in its place."""
        plugin = self._worker(caller, worker)
        return plugin is not None and plugin.restart()

    async def worker_log(self, caller: str, worker: Any) -> list[dict[str, Any]]:
        """The kept lines of a worker's log: time, stream, level and text of each."""
        plugin = self._worker(caller, worker)
        return [] if plugin is None else list(plugin.log.kept())

    def _worker(self, caller: str, worker: Any) -> RunningPlugin | None:
        self._check_page(caller)
        return self._supervisor.worker(str(worker))

    def _check_page(self, caller: str) -> None:
        """Plugins learn addresses below the engine's, so a page alone may steer the engine."""
        if caller not in self._pages:
            raise AuthError("Only the workbench page may do this.", code="auth.forbidden")


def _checked(plugin: Any, texts: tuple[str, ...]) -> dict[str, Any]:
    """The description of a plugin when it has the form that the supervisor relies on."""
    if not isinstance(plugin, dict) or not isinstance(plugin.get("config") or {}, dict):
        raise ProtocolError("A plugin is described by an object with its `config`.")
    for name in texts:
        if not isinstance(plugin.get(name), str):
            raise ProtocolError(f"The description of a plugin lacks its `{name}`.")
    return plugin


def _functions(callbacks: Any) -> dict[str, Any]:
    given = callbacks if isinstance(callbacks, dict) else {}
    return {name: one for name, one in given.items() if callable(one)}


def uv_version() -> str | None:
    """The version of the package installer that comes with the engine."""
    try:
        return metadata.version("uv")
    except metadata.PackageNotFoundError:
        return None
