"""One plugin of a page, from its environment to the end of its process."""

from __future__ import annotations

import asyncio
import enum
import inspect
import logging
import os
import secrets
import time
from pathlib import Path
from typing import Any

import psutil

from imjoy.engine.guardian import Guardian
from imjoy.engine.log import BATCHES_PER_SECOND, OutputLog
from imjoy.engine.process import ProcessEnd, WorkerProcess, worker_environment
from imjoy.envs import Environment, EnvSpec, EnvStore
from imjoy.errors import ImJoyError, LoadFailed, PeerGone, PluginCrashed
from imjoy.plugins.parser import parse_plugin
from imjoy.protocol.frame import Frame
from imjoy.rpc.router import Router
from imjoy.rpc.transports.shared_memory import opened

logger = logging.getLogger(__name__)

EXIT_SECONDS = 3.0
INTERRUPT_SECONDS = 2.0
BATCHES_UNDER_WAY = 4


class State(str, enum.Enum):
    PREPARING = "preparing"  # its environment is being made
    LOADING = "loading"  # its process runs its scripts
    RUNNING = "running"  # its functions can be called
    STOPPING = "stopping"  # it was asked to end


class RunningPlugin:
    """A plugin and its worker. `callbacks` are functions of the page; none is waited for."""

    def __init__(
        self,
        owner: str,
        plugin: dict[str, Any],
        callbacks: dict[str, Any],
        router: Router,
        guardian: Guardian,
        folder: Path,
    ) -> None:
        self.id, self.name = str(plugin["id"]), str(plugin.get("name") or plugin["id"])
        self.state = State.PREPARING
        self.log = OutputLog()
        self.process: WorkerProcess | None = None
        # What `start` gave, once it has.
        self.facts_of_start: dict[str, Any] | None = None
        self._owner, self._plugin, self._folder = owner, plugin, folder
        self._callbacks = callbacks
        self._router, self._guardian = router, guardian
        self._address = f"{router.address}/{secrets.token_hex(16)}"
        self._flush: asyncio.TimerHandle | None = None
        self._batches = 0
        self._end: asyncio.Task[None] | None = None
        self._meter: psutil.Process | None = None

    async def start(self, spec: EnvSpec, store: EnvStore) -> dict[str, Any]:
        """Make the environment, start the process, run the scripts.

        Raises EnvError, LoadFailed (with the plugin's traceback) and PluginCrashed.
        """
        scripts = _scripts_of(self._plugin)
        for note in spec.notes:
            self._say("info", note)
        environment = await store.ensure(
            spec,
            self._on_progress,
            user=self.name,
            work=self._folder,
            agreed=_texts(self._plugin.get("agreed")),
        )
        began = time.monotonic()
        self.state = State.LOADING
        self._report("start", "Starting Python")
        variables = {**environment.variables, **dict(spec.variables)}
        env = worker_environment(environment.python, variables, os.environ)
        try:
            self.process = await WorkerProcess.spawn(
                environment.python, self._folder, env, self._on_frame, self._on_output
            )
        except OSError as exc:
            raise PluginCrashed(f"Python could not be started: {exc.strerror or exc}.") from exc
        self._guardian.add(self.process.pid)
        self._end = asyncio.create_task(self._watch(self.process))
        self._router.attach(self._address, self.process.send)
        self._report("load", "Running the plugin's script")
        interface = await self._load(scripts)
        self.state = State.RUNNING
        logger.info("A plugin was loaded in %.2f s", time.monotonic() - began)
        self.facts_of_start = {
            "peer": self._address,
            "interface": interface,
            "pid": self.process.pid,
            "environment": _environment_facts(environment),
        }
        return self.facts_of_start

    def tell_to(self, callbacks: dict[str, Any]) -> None:
        """From now on these functions are told, as those of before have gone with their page."""
        self._callbacks = callbacks

    def hold(self, waits: bool) -> None:
        """Take nothing from the process, so that it has to wait, or go on."""
        if self.process is not None:
            self.process.hold(waits)

    async def _load(self, scripts: list[dict[str, Any]]) -> list[str]:
        plugin = {
            "code": self._plugin.get("code") or "",
            "name": self.name,
            "config": self._plugin.get("config") or {},
            "tag": self._plugin.get("tag"),
            "workspace": self._plugin.get("workspace") or "default",
            "host": self._owner,
            "work_dir": str(self._folder),
            "scripts": scripts,
        }
        try:
            result = await self._call("worker.load", plugin)
        except PeerGone as exc:
            assert self.process is not None
            end = await asyncio.shield(self.process.ended)
            raise PluginCrashed(
                f"The plugin's process ended while it was being loaded. {end.reason}",
                {"tail": self.log.tail()},
            ) from exc
        return list(result["interface"])

    async def _call(self, target: str, *args: Any, timeout: float | None = None) -> Any:
        assert self._router.local is not None
        return await self._router.local.call(self._address, target, *args, timeout=timeout)

    async def interrupt(self) -> bool:
        """Cancel its running calls; False when it does not listen."""
        if self.process is None:
            return False
        try:
            return bool(await self._call("worker.interrupt", timeout=INTERRUPT_SECONDS))
        except ImJoyError:
            return False

    async def stop(self) -> None:
        """Call its exit(), wait up to 3 seconds for its end, then use force."""
        if self.process is None or self._end is None:
            return
        if self.state is State.RUNNING:
            self.state = State.STOPPING
            goodbye = asyncio.ensure_future(self._call("worker.exit"))
            goodbye.add_done_callback(_ignore_result)
            await asyncio.wait([self.process.ended], timeout=EXIT_SECONDS)
            goodbye.cancel()
        self.state = State.STOPPING
        await self.process.stop()
        await self._end

    async def kill(self) -> None:
        """End it at once, as when its start is cancelled."""
        self.state = State.STOPPING
        if self.process is not None and self._end is not None:
            self.process.kill()
            await self._end
        self._stop_flushing()

    def facts(self) -> dict[str, Any]:
        """id, name, pid, state, memory (bytes), cpu (percent since the last time)."""
        memory, cpu = self._measure()
        return {
            "id": self.id,
            "name": self.name,
            "pid": None if self.process is None else self.process.pid,
            "state": self.state.value,
            "memory": memory,
            "cpu": cpu,
        }

    def _measure(self) -> tuple[int, float]:
        if self.process is None:
            return 0, 0.0
        try:
            if self._meter is None:
                self._meter = psutil.Process(self.process.pid)
            return self._meter.memory_info().rss, self._meter.cpu_percent()
        except psutil.Error:
            return 0, 0.0

    async def _watch(self, process: WorkerProcess) -> None:
        end = await process.ended
        self._guardian.remove(process.pid)
        stopped = self.state is State.STOPPING
        reason = "It was stopped." if stopped else end.reason
        code = "" if stopped else "plugin.crashed"
        self._router.detach(self._address, f"The plugin {self.name} has ended. {reason}", code)
        self.log.end()
        if not stopped:
            self._say("error", reason)
        self._stop_flushing()
        self._send_log()
        self._tell("on_exit", _exit_facts(reason, end, self.log.tail()))

    # What it says.

    def _on_frame(self, frame: Frame) -> None:
        to = frame.header.get("to")
        if not (isinstance(to, str) and to.startswith(f"{self._router.address}/")):
            frame = opened(frame)  # it leaves this machine's workers
        self._router.route(frame, self._address)

    def _on_output(self, stream: str, data: bytes) -> None:
        self.log.feed(stream, data)
        self._plan_flush()

    def _say(self, level: str, text: str) -> None:
        self.log.say(level, text)
        self._plan_flush()

    def _plan_flush(self) -> None:
        if self._flush is None and self.log.has_batch:
            loop = asyncio.get_running_loop()
            self._flush = loop.call_later(1 / BATCHES_PER_SECOND, self._on_flush)

    def _on_flush(self) -> None:
        self._flush = None
        if self._batches < BATCHES_UNDER_WAY:  # a page that is slow gets fewer, larger gaps
            self._send_log()
        self._plan_flush()

    def _send_log(self) -> None:
        lines = self.log.take()
        result = self._tell("on_log", lines) if lines else None
        if result is not None:
            self._batches += 1
            result.add_done_callback(self._batch_taken)

    def _batch_taken(self, _: Any) -> None:
        self._batches -= 1

    def _stop_flushing(self) -> None:
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None

    def _on_progress(self, progress: dict[str, Any]) -> None:
        self._tell("on_progress", progress)

    def _report(self, step: str, message: str) -> None:
        self._on_progress({"step": step, "message": message, "done": 0, "total": 0, "unit": ""})

    def _tell(self, name: str, value: Any) -> asyncio.Future[Any] | None:
        """Call a function of the page without waiting; a page that has gone needs no answer."""
        function = self._callbacks.get(name)
        if function is None:
            return None
        try:
            value = function(value)
        except Exception:  # a wall: functions of others
            logger.exception("A function of the page failed")
            return None
        if not inspect.isawaitable(value):
            return None
        future = asyncio.ensure_future(value)
        future.add_done_callback(_ignore_result)
        return future


def _ignore_result(future: asyncio.Future[Any]) -> None:
    if not future.cancelled() and future.exception() is not None:
        logger.debug("A call that nobody waits for has failed: %s", future.exception())


def _texts(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _environment_facts(environment: Environment) -> dict[str, Any]:
    return {
        "key": environment.key,
        "state": environment.state,
        "seconds": environment.seconds,
    }


def _exit_facts(reason: str, end: ProcessEnd, tail: list[str]) -> dict[str, Any]:
    return {"reason": reason, "code": end.code, "signal": end.signal, "tail": tail}


def _scripts_of(plugin: dict[str, Any]) -> list[dict[str, Any]]:
    """The scripts as the page has found them, or else those of the plugin's file."""
    scripts = plugin.get("scripts")
    if scripts is None:
        parsed = parse_plugin(str(plugin.get("code") or ""), plugin.get("tag"))
        scripts = [
            {"content": s.content, "lang": s.lang, "attrs": s.attrs, "line": s.line}
            for s in parsed.scripts
        ]
    if not scripts:
        raise LoadFailed("The plugin has no script to run.")
    return list(scripts)
