"""One plugin, from its environment to the end of its process, and through restarts."""

from __future__ import annotations

import asyncio
import enum
import logging
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from imjoy.engine.audience import Audience
from imjoy.engine.facts import environment_facts, exit_facts, scripts_of, texts_of
from imjoy.engine.limits import Limits
from imjoy.engine.premises import Premises
from imjoy.engine.process import OUT_OF_MEMORY, ProcessEnd
from imjoy.engine.restarts import TOO_MANY, Restarts
from imjoy.engine.worker import Worker
from imjoy.envs import Environment, EnvSpec, EnvStore
from imjoy.errors import ImJoyError

logger = logging.getLogger(__name__)


class State(str, enum.Enum):
    PREPARING = "preparing"  # its environment is being made
    LOADING = "loading"  # its process runs its scripts
    RUNNING = "running"  # its functions can be called
    RESTARTING = "restarting"  # its process has ended, and another one begins
    STOPPING = "stopping"  # it was asked to end


class RunningPlugin:
    """A plugin, which belongs to the pages of its `audience` and runs in a Worker."""

    def __init__(
        self, plugin: dict[str, Any], premises: Premises, folder: Path, limits: Limits
    ) -> None:
        self.id, self.name = str(plugin["id"]), str(plugin.get("name") or plugin["id"])
        self.worker = secrets.token_hex(8)
        self.state = State.PREPARING
        self.audience = Audience()
        # What `start` gave, once it has.
        self.facts_of_start: dict[str, Any] | None = None
        self.limits, self.gpus = limits, list[int]()
        self.flags = texts_of((plugin.get("config") or {}).get("flags"))
        self.loaded: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._plugin, self._folder, self._premises = plugin, folder, premises
        self._worker = Worker(plugin, premises, folder, limits, self.audience)
        self._environment: Environment | None = None
        self._variables: dict[str, str] = {}
        self._restart: asyncio.Task[None] | None = None
        self._check: asyncio.Task[None] | None = None
        self._restarts = Restarts(plugin.get("config"))
        self._began = time.time()
        self._exit_told = False
        self._why = ""

    @property
    def address(self) -> str:
        return self._worker.address

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
        self.facts_of_start = {
            "peer": self.address,
            "interface": interface,
            "values": self._worker.values,
            "pid": self._worker.pid,
            "workspace": self._plugin.get("workspace") or "default",
            "environment": environment_facts(environment),
        }
        return self.facts_of_start

    async def _look_for_damage(self, key: str, store: EnvStore) -> None:
        """Say beside the plugin's output, which may be about it, what others did to its packages."""
        try:
            damage = await store.envs.damage(key)
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
        self.state = State.LOADING
        interface = await self._worker.launch(
            environment.python, self._variables, scripts, self._on_end
        )
        self.state = State.RUNNING
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
            await self._worker.call("worker.adopt", list(self.audience))

    def tell_to(self, page: str, callbacks: dict[str, Any]) -> None:
        """From now on these functions are told, as those of before have gone with their page."""
        self.audience.add(page, callbacks)

    def hold(self, waits: bool) -> None:
        """Take nothing from the process, so that it has to wait, or go on."""
        self._worker.hold(waits)

    async def interrupt(self) -> bool:
        """Cancel its running calls; False when it does not listen."""
        return await self._worker.interrupt()

    def reported(self, level: str, text: str, stuck: bool) -> None:
        """The worker tells how it ends a call; one that cannot be ended costs it its process."""
        self.audience.say(level, text)
        if stuck:
            reason = f"It was ended, because a cancelled call did not end. {text}"
            self._worker.kill("stuck", reason)

    async def stop(self, why: str = "") -> None:
        """Call its exit(), wait up to 3 seconds for its end, then use force; `why` is told."""
        self._why = why
        if self._restart is not None and not self._restart.done():
            self._restart.cancel()
            await asyncio.wait([self._restart])
        was_running, self.state = self.state is State.RUNNING, State.STOPPING
        if was_running:
            await self._worker.say_goodbye()
        await self._worker.stop()
        self._finish()

    async def kill(self) -> None:
        """End it at once, as when its start is cancelled."""
        self.state = State.STOPPING
        self._worker.kill("stopped", "It was stopped.")
        await self._worker.ended()
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
            if say_goodbye:
                await self._worker.say_goodbye()
            await self._worker.stop()
            interface = await self._launch(self._environment, scripts_of(self._plugin))
            if "setup" in interface:
                await self._worker.call("setup")
            self.audience.say("info", "It was started again.")
            assert self.facts_of_start is not None
            self.facts_of_start.update(
                interface=interface, values=self._worker.values, pid=self._worker.pid
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
        named = {"id": self.id, "name": self.name, "state": self.state.value}
        return {**named, **self._worker.summary()}

    def pages_here(self, is_connected: Callable[[str], bool]) -> int:
        """How many of its pages are there now; others may come back."""
        return sum(is_connected(page) for page in self.audience)

    async def facts(self, page: str, is_connected: Callable[[str], bool]) -> dict[str, Any]:
        """What the process list shows of it; memory in bytes, cpu in percent of one processor."""
        return {
            **self.summary(),
            **await self._worker.costs(),
            "worker": self.worker,
            "tag": self._plugin.get("tag"),
            "workspace": self._plugin.get("workspace") or "default",
            "started": self._began,
            "mine": page in self.audience,
            "pages": self.pages_here(is_connected),
            "flags": self.flags,
            "gpus": self.gpus,
            "restarts": len(self._restarts),
            "limits": self.limits.facts(),
            "environment": self._environment.key if self._environment else None,
            "calls": await self._calls(),
        }

    async def is_idle(self) -> bool:
        """Whether it runs and does nothing, as far as it says."""
        return self.state is State.RUNNING and await self._calls() == []

    async def _calls(self) -> list[dict[str, Any]] | None:
        return await self._worker.calls() if self.state is State.RUNNING else []

    def _on_end(self, end: ProcessEnd) -> None:
        expected = self.state in (State.STOPPING, State.RESTARTING)
        reason = self._reason(end, expected)
        code = "" if expected else "plugin.crashed"
        told = f"The plugin {self.name} has ended. {reason}"
        self._premises.router.detach(self.address, told, code)
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
