"""The process of one plugin: how it begins, what it loads, what it is asked, and what it costs."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from imjoy.engine.audience import Audience, ignore_result
from imjoy.engine.limits import Limits
from imjoy.engine.premises import Premises
from imjoy.engine.process import ProcessEnd, WorkerProcess, worker_environment
from imjoy.engine.watch import Watched
from imjoy.errors import ImJoyError, PeerGone, PluginCrashed
from imjoy.protocol.frame import Frame
from imjoy.rpc.transports.shared_memory import opened

logger = logging.getLogger(__name__)

EXIT_SECONDS = 3.0
INTERRUPT_SECONDS = 2.0
CALLS_SECONDS = 0.5


class Worker:
    """A plugin's process, at an address that stays the same when another one takes its place."""

    def __init__(
        self,
        plugin: dict[str, Any],
        premises: Premises,
        folder: Path,
        limits: Limits,
        audience: Audience,
    ) -> None:
        self.address = f"{premises.router.address}/{secrets.token_hex(16)}"
        # What it exported besides functions.
        self.values: dict[str, Any] = {}
        self._plugin, self._folder, self._premises = plugin, folder, premises
        self._limits, self._audience = limits, audience
        self._process: WorkerProcess | None = None
        self._watched: Watched | None = None
        self._end: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    async def launch(
        self,
        python: Path,
        variables: Mapping[str, str],
        scripts: list[dict[str, Any]],
        on_end: Callable[[ProcessEnd], None],
    ) -> list[str]:
        """Start a process and run the scripts in it; gives the names of its functions.

        `on_end` is called once when it ends. Raises LoadFailed, with the plugin's traceback, and
        PluginCrashed.
        """
        began = time.monotonic()
        self._report("start", "Starting Python")
        process = await self._spawn(python, variables)
        self._premises.guardian.add(process.pid)
        self._watched = self._premises.watch.add(process.pid, self._limits, process.kill)
        self._end = asyncio.create_task(self._follow(process, on_end))
        self._premises.router.attach(self.address, process.send)
        self._report("load", "Running the plugin's script")
        interface = await self._load(process, scripts)
        logger.info("A plugin was loaded in %.2f s", time.monotonic() - began)
        return interface

    async def call(self, target: str, *args: Any, timeout: float | None = None) -> Any:
        """Call a function of the worker itself or of the plugin. Raises ImJoyError."""
        local = self._premises.router.local
        assert local is not None
        return await local.call(self.address, target, *args, timeout=timeout)

    def hold(self, waits: bool) -> None:
        """Take nothing from the process, so that it has to wait, or go on."""
        if self._process is not None:
            self._process.hold(waits)

    async def interrupt(self) -> bool:
        """Cancel its running calls; False when it does not listen."""
        if self._process is None:
            return False
        try:
            return bool(await self.call("worker.interrupt", timeout=INTERRUPT_SECONDS))
        except ImJoyError:
            return False

    async def calls(self) -> list[dict[str, Any]] | None:
        """What it is doing; None when it does not say."""
        try:
            return list(await self.call("worker.calls", timeout=CALLS_SECONDS))
        except ImJoyError:
            return None

    async def say_goodbye(self) -> None:
        """Call its exit(), and wait a while for its end."""
        assert self._process is not None
        goodbye = asyncio.ensure_future(self.call("worker.exit"))
        goodbye.add_done_callback(ignore_result)
        await asyncio.wait([self._process.ended], timeout=EXIT_SECONDS)
        goodbye.cancel()

    async def stop(self) -> None:
        """End the process, by force if need be, and wait for its end."""
        if self._process is not None and self._end is not None:
            await self._process.stop()
            await self._end

    def kill(self, cause: str, reason: str) -> None:
        if self._process is not None:
            self._process.kill(cause, reason)

    async def ended(self) -> None:
        """Wait for the end of the process, if there is one."""
        if self._end is not None:
            await self._end

    def summary(self) -> dict[str, Any]:
        """pid, memory (bytes), cpu (percent of one processor)."""
        watched = self._watched
        memory, cpu = (watched.usage.memory, watched.cpu) if watched else (0, 0.0)
        return {"pid": self.pid, "memory": memory, "cpu": cpu}

    async def costs(self) -> dict[str, Any]:
        """What it and the processes that it started use and have used; memory in bytes."""
        watched, used = self._watched, await self._premises.gpus.memory_by_process()
        usage = watched.usage if watched is not None and self._process is not None else None
        return {
            "peak": watched.peak if watched else 0,
            "cpu_seconds": usage.cpu_seconds if usage else 0.0,
            "processes": usage.processes if usage else 0,
            "threads": usage.threads if usage else 0,
            "gpu_memory": sum(used.get(pid, 0) for pid in usage.pids) if usage else 0,
        }

    async def _spawn(self, python: Path, variables: Mapping[str, str]) -> WorkerProcess:
        mark = f"{self._premises.guardian.mark}-{secrets.token_hex(8)}"
        env = worker_environment(python, dict(variables), os.environ, mark)
        try:
            self._process = await WorkerProcess.spawn(
                python, self._folder, env, self._on_frame, self._audience.output, self._limits
            )
        except OSError as exc:
            raise PluginCrashed(f"Python could not be started: {exc.strerror or exc}.") from exc
        return self._process

    async def _follow(self, process: WorkerProcess, on_end: Callable[[ProcessEnd], None]) -> None:
        end = await process.ended
        self._premises.guardian.remove(process.pid)
        self._premises.watch.remove(process.pid)
        on_end(end)

    async def _load(self, process: WorkerProcess, scripts: list[dict[str, Any]]) -> list[str]:
        plugin = {
            "code": self._plugin.get("code") or "",
            "name": str(self._plugin.get("name") or self._plugin["id"]),
            "file": str(self._plugin.get("file") or ""),
            "config": self._plugin.get("config") or {},
            "tag": self._plugin.get("tag"),
            "workspace": self._plugin.get("workspace") or "default",
            "pages": list(self._audience) or [self._premises.router.address],
            "work_dir": str(self._folder),
            "engine_url": str(self._plugin.get("engine_url") or ""),
            "call_time": self._limits.call_time,
            "scripts": scripts,
        }
        try:
            result = await self.call("worker.load", plugin)
        except ImJoyError as exc:
            if not isinstance(exc, PeerGone) and exc.code != PluginCrashed.code:
                raise
            end = await asyncio.shield(process.ended)
            raise PluginCrashed(
                f"The plugin's process ended while it was being loaded. {end.reason}",
                {"tail": self._audience.log.tail()},
            ) from exc
        self.values = dict(result.get("values") or {})
        return list(result["interface"])

    def _on_frame(self, frame: Frame) -> None:
        router = self._premises.router
        to = frame.header.get("to")
        if not (isinstance(to, str) and to.startswith(f"{router.address}/")):
            frame = opened(frame)  # it leaves this machine's workers
        router.route(frame, self.address)

    def _report(self, step: str, message: str) -> None:
        facts = {"step": step, "message": message, "done": 0, "total": 0, "unit": ""}
        self._audience.progress(facts)
