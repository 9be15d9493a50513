"""One plugin, from its environment to the end of its process, and through restarts."""

from __future__ import annotations

import asyncio
import enum
import logging
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from imjoy.engine.audience import Audience, ignore_result
from imjoy.engine.facts import environment_facts, exit_facts, scripts_of, texts_of
from imjoy.engine.limits import Limits
from imjoy.engine.premises import Premises
from imjoy.engine.process import (
    OUT_OF_MEMORY,
    ProcessEnd,
    WorkerProcess,
    worker_environment,
)
from imjoy.engine.restarts import TOO_MANY, Restarts
from imjoy.engine.watch import Watched
from imjoy.envs import Environment, EnvSpec, EnvStore
from imjoy.errors import ImJoyError, PeerGone, PluginCrashed
from imjoy.protocol.frame import Frame
from imjoy.rpc.transports.shared_memory import opened

logger = logging.getLogger(__name__)

EXIT_SECONDS = 3.0
INTERRUPT_SECONDS = 2.0
CALLS_SECONDS = 0.5


class State(str, enum.Enum):
    PREPARING = "preparing"  # its environment is being made
    LOADING = "loading"  # its process runs its scripts
    RUNNING = "running"  # its functions can be called
    RESTARTING = "restarting"  # its process has ended, and another one begins
    STOPPING = "stopping"  # it was asked to end


class RunningPlugin:
    """A plugin and its worker, which belongs to the pages of its `audience`."""

    def __init__(
        self, plugin: dict[str, Any], premises: Premises, folder: Path, limits: Limits
    ) -> None:
        self.id, self.name = str(plugin["id"]), str(plugin.get("name") or plugin["id"])
        self.worker = secrets.token_hex(8)
        self.state = State.PREPARING
        self.audience = Audience()
        self.process: WorkerProcess | None = None
        # What `start` gave, once it has.
        self.facts_of_start: dict[str, Any] | None = None
        self.limits, self.gpus = limits, list[int]()
        self.flags = texts_of((plugin.get("config") or {}).get("flags"))
        self.loaded: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._plugin, self._folder, self._premises = plugin, folder, premises
        self._router = premises.router
        self._address = f"{premises.router.address}/{secrets.token_hex(16)}"
        self._environment: Environment | None = None
        self._variables: dict[str, str] = {}
        self._values: dict[str, Any] = {}
        self._watched: Watched | None = None
        self._end: asyncio.Task[None] | None = None
        self._restart: asyncio.Task[None] | None = None
        self._check: asyncio.Task[None] | None = None
        self._restarts = Restarts(plugin.get("config"))
        self._began = time.time()
        self._exit_told = False
        self._why = ""

    @property
    def address(self) -> str:
        return self._address

    @property
    def log(self) -> Any:
        return self.audience.log

    async def start(self, spec: EnvSpec, store: EnvStore) -> dict[str, Any]:
        """Make the environment, start the process, run the scripts.

        Raises EnvError, LoadFailed (with the plugin's traceback) and PluginCrashed.
        """
        scripts = scripts_of(self._plugin)
        for note in spec.notes:
            self.audience.say("info", note)
        environment = await store.ensure(
            spec,
            self.audience.progress,
            user=self.name,
            work=self._folder,
            agreed=texts_of(self._plugin.get("agreed")),
        )
        self._environment = environment
        for note in environment.notes:
            self.audience.say("info", note)
        if environment.state == "reused":
            self._check = asyncio.create_task(self._look_for_damage(environment.key, store))
        self.gpus, variables, note = await self._premises.assign_gpus(self._plugin.get("config"))
        if note:
            self.audience.say("info", note)
        self._variables = {**environment.variables, **variables, **dict(spec.variables)}
        interface = await self._launch(environment, scripts)
        assert self.process is not None
        self.facts_of_start = {
            "peer": self._address,
            "interface": interface,
            "values": self._values,
            "pid": self.process.pid,
            "workspace": self._plugin.get("workspace") or "default",
            "environment": environment_facts(environment),
        }
        return self.facts_of_start

    async def _look_for_damage(self, key: str, store: EnvStore) -> None:
        """Say beside the plugin's output, which may be about it, what others did to its packages."""
        try:
            damage = await store.damage(key)
        except OSError as exc:
            logger.warning("The files of the environment %s cannot be checked: %s", key, exc)
            return
        if damage is not None:
            text = (
                f"Its environment is not as it was made: {damage}. To mend it stop the plugin and "
                f"press Check in the view Environments, or run `imjoy env verify {key} --repair`."
            )
            self.audience.say("warning", text)

    async def _launch(self, environment: Environment, scripts: list[dict[str, Any]]) -> list[str]:
        began = time.monotonic()
        self.state = State.LOADING
        self._report("start", "Starting Python")
        mark = f"{self._premises.guardian.mark}-{secrets.token_hex(8)}"
        env = worker_environment(environment.python, self._variables, os.environ, mark)
        try:
            process = self.process = await WorkerProcess.spawn(
                environment.python,
                self._folder,
                env,
                self._on_frame,
                self.audience.output,
                self.limits,
            )
        except OSError as exc:
            raise PluginCrashed(f"Python could not be started: {exc.strerror or exc}.") from exc
        self._premises.guardian.add(process.pid)
        self._watched = self._premises.watch.add(process.pid, self.limits, process.kill)
        self._end = asyncio.create_task(self._follow(process))
        self._router.attach(self._address, process.send)
        self._report("load", "Running the plugin's script")
        interface = await self._load(scripts)
        self.state = State.RUNNING
        logger.info("A plugin was loaded in %.2f s", time.monotonic() - began)
        return interface

    async def join(self, page: str, callbacks: dict[str, Any]) -> None:
        """Belong to this page too, and be the one that `api` is of when no page has called."""
        self.audience.add(page, callbacks)
        await self._tell_pages()

    async def leave(self, page: str) -> None:
        """Belong to this page no longer, and go on."""
        self.audience.remove(page)
        await self._tell_pages()

    async def _tell_pages(self) -> None:
        if self.state is State.RUNNING and len(self.audience):
            await self._call("worker.adopt", list(self.audience))

    def tell_to(self, page: str, callbacks: dict[str, Any]) -> None:
        """From now on these functions are told, as those of before have gone with their page."""
        self.audience.add(page, callbacks)

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
            "pages": list(self.audience) or [self._router.address],
            "work_dir": str(self._folder),
            "engine_url": str(self._plugin.get("engine_url") or ""),
            "call_time": self.limits.call_time,
            "scripts": scripts,
        }
        try:
            result = await self._call("worker.load", plugin)
        except ImJoyError as exc:
            if not isinstance(exc, PeerGone) and exc.code != PluginCrashed.code:
                raise
            assert self.process is not None
            end = await asyncio.shield(self.process.ended)
            raise PluginCrashed(
                f"The plugin's process ended while it was being loaded. {end.reason}",
                {"tail": self.log.tail()},
            ) from exc
        self._values = dict(result.get("values") or {})
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

    def reported(self, level: str, text: str, stuck: bool) -> None:
        """The worker tells how it ends a call; one that cannot be ended costs it its process."""
        self.audience.say(level, text)
        if stuck and self.process is not None:
            self.process.kill(
                "stuck", f"It was ended, because a cancelled call did not end. {text}"
            )

    async def stop(self, why: str = "") -> None:
        """Call its exit(), wait up to 3 seconds for its end, then use force; `why` is told."""
        self._why = why
        if self._restart is not None and not self._restart.done():
            self._restart.cancel()
            await asyncio.wait([self._restart])
        if self.process is None or self._end is None:
            self._finish()
            return
        if self.state is State.RUNNING:
            self.state = State.STOPPING
            await self._say_goodbye()
        self.state = State.STOPPING
        await self.process.stop()
        await self._end
        self._finish()

    async def _say_goodbye(self) -> None:
        assert self.process is not None
        goodbye = asyncio.ensure_future(self._call("worker.exit"))
        goodbye.add_done_callback(ignore_result)
        await asyncio.wait([self.process.ended], timeout=EXIT_SECONDS)
        goodbye.cancel()

    async def kill(self) -> None:
        """End it at once, as when its start is cancelled."""
        self.state = State.STOPPING
        if self.process is not None and self._end is not None:
            self.process.kill("stopped", "It was stopped.")
            await self._end
        self.audience.stop_flushing()
        self._finish()

    def restart(self) -> bool:
        """End its process and begin another one at the same address; its `setup` runs again.

        False when it does not run, or is being started anew already.
        """
        can = self.state is State.RUNNING
        if can:
            self._restart = asyncio.create_task(self._begin_again(0.0, say_goodbye=True))
            self.state = State.RESTARTING
        return can

    async def _begin_again(self, pause: float, say_goodbye: bool = False) -> None:
        assert self._environment is not None
        try:
            await asyncio.sleep(pause)
            if self.process is not None and self._end is not None:
                if say_goodbye:
                    await self._say_goodbye()
                await self.process.stop()
                await self._end
            interface = await self._launch(self._environment, scripts_of(self._plugin))
            if "setup" in interface:
                await self._call("setup")
            self.audience.say("info", "It was started again.")
            assert self.process is not None and self.facts_of_start is not None
            self.facts_of_start.update(
                interface=interface, values=self._values, pid=self.process.pid
            )
            self.audience.tell("on_restart", self.facts_of_start)
        except ImJoyError as exc:
            self.audience.say("error", f"It could not be started again. {exc}")
            facts = {"reason": f"It could not be started again. {exc}", "cause": "load"}
            self._tell_exit({**facts, "code": None, "signal": None, "tail": self.log.tail()})
            await self.kill()

    @property
    def is_single(self) -> bool:
        """Whether all pages share one instance."""
        return "single-instance" in self.flags

    @property
    def may_detach(self) -> bool:
        """Whether it goes on without a page."""
        return "allow-detach" in self.flags

    def summary(self) -> dict[str, Any]:
        """id, name, pid, state, memory (bytes), cpu (percent of one processor)."""
        watched = self._watched
        return {
            "id": self.id,
            "name": self.name,
            "pid": None if self.process is None else self.process.pid,
            "state": self.state.value,
            "memory": watched.usage.memory if watched else 0,
            "cpu": watched.cpu if watched else 0.0,
        }

    def pages_here(self, is_connected: Callable[[str], bool]) -> int:
        """How many of its pages are there now; others may come back."""
        return sum(is_connected(page) for page in self.audience)

    async def facts(self, page: str, is_connected: Callable[[str], bool]) -> dict[str, Any]:
        """What the process list shows of it; memory in bytes, cpu in percent of one processor."""
        watched, used = self._watched, await self._premises.gpus.memory_by_process()
        usage = watched.usage if watched is not None and self.process is not None else None
        return {
            **self.summary(),
            "worker": self.worker,
            "tag": self._plugin.get("tag"),
            "workspace": self._plugin.get("workspace") or "default",
            "started": self._began,
            "mine": page in self.audience,
            "pages": self.pages_here(is_connected),
            "flags": self.flags,
            "peak": watched.peak if watched else 0,
            "cpu_seconds": usage.cpu_seconds if usage else 0.0,
            "processes": usage.processes if usage else 0,
            "threads": usage.threads if usage else 0,
            "gpus": self.gpus,
            "gpu_memory": sum(used.get(pid, 0) for pid in usage.pids) if usage else 0,
            "restarts": len(self._restarts),
            "limits": self.limits.facts(),
            "environment": self._environment.key if self._environment else None,
            "calls": await self._calls(),
        }

    async def is_idle(self) -> bool:
        """Whether it runs and does nothing, as far as it says."""
        return self.state is State.RUNNING and await self._calls() == []

    async def _calls(self) -> list[dict[str, Any]] | None:
        """What it is doing; None when it does not say."""
        if self.state is not State.RUNNING:
            return []
        try:
            return list(await self._call("worker.calls", timeout=CALLS_SECONDS))
        except ImJoyError:
            return None

    async def _follow(self, process: WorkerProcess) -> None:
        end = await process.ended
        self._premises.guardian.remove(process.pid)
        self._premises.watch.remove(process.pid)
        expected = self.state in (State.STOPPING, State.RESTARTING)
        reason = self._reason(end, expected)
        code = "" if expected else "plugin.crashed"
        self._router.detach(self._address, f"The plugin {self.name} has ended. {reason}", code)
        self.audience.end()
        if self.state is State.RESTARTING:
            return
        if not expected:
            self.audience.say("error", reason)
        pause = self._pause_before_restart()
        if pause is not None:
            self.audience.say("info", f"It is started again in {pause:g} s.")
            self._restart = asyncio.create_task(self._begin_again(pause))
            self.state = State.RESTARTING
            return
        self.audience.end()
        self._tell_exit(exit_facts(reason, end, expected, self.log.tail()))
        if self.state is State.RUNNING:
            self._finish()

    def _reason(self, end: ProcessEnd, expected: bool) -> str:
        if self.state is State.STOPPING:
            return self._why or "It was stopped."
        if expected:
            return "It is started again."
        killed = end.signal == "SIGKILL" and end.cause == "signal"
        return OUT_OF_MEMORY if killed and self._premises.watch.memory_ran_out() else end.reason

    def _pause_before_restart(self) -> float | None:
        """None when it is not to be started again."""
        if self.state is not State.RUNNING or not self._restarts.wanted:
            return None
        pause = self._restarts.pause()
        if pause is None:
            self.audience.say("error", TOO_MANY)
        return pause

    def _tell_exit(self, facts: dict[str, Any]) -> None:
        if not self._exit_told:
            self._exit_told = True
            self.audience.tell("on_exit", facts)

    def _finish(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)

    def _on_frame(self, frame: Frame) -> None:
        to = frame.header.get("to")
        if not (isinstance(to, str) and to.startswith(f"{self._router.address}/")):
            frame = opened(frame)  # it leaves this machine's workers
        self._router.route(frame, self._address)

    def _report(self, step: str, message: str) -> None:
        facts = {"step": step, "message": message, "done": 0, "total": 0, "unit": ""}
        self.audience.progress(facts)
