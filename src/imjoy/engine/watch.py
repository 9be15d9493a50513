"""Looks at what the workers use, several times a second, and ends the one that is over a limit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from imjoy.engine.limits import Limits
from imjoy.engine.usage import Usage, memory_of, oom_kills, usage_of

QUICK_SECONDS = 0.1
# A look at all processes of the machine costs more than one at the workers themselves.
FULL_SECONDS = 0.5


@dataclass
class Watched:
    """One worker: `over(cause, text)` is called once, when it is over a limit."""

    pid: int
    limits: Limits
    over: Callable[[str, str], None]
    usage: Usage = field(default_factory=Usage)
    cpu: float = 0.0  # percent of one processor, since the last full look
    peak: int = 0  # most bytes seen
    is_over: bool = False


class Watch:
    """Watches workers while there are any."""

    def __init__(self) -> None:
        self._workers: dict[int, Watched] = {}
        self._task: asyncio.Task[None] | None = None
        self._looked = 0.0
        self._oom_kills = oom_kills()

    def add(self, pid: int, limits: Limits, over: Callable[[str, str], None]) -> Watched:
        """Watch a worker from now on."""
        watched = self._workers[pid] = Watched(pid, limits, over)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())
        return watched

    def remove(self, pid: int) -> None:
        """It has ended."""
        self._workers.pop(pid, None)

    def memory_ran_out(self) -> bool:
        """Whether the system has ended a process for want of memory since this was asked."""
        before, self._oom_kills = self._oom_kills, oom_kills()
        return self._oom_kills > before

    def close(self) -> None:
        self._workers.clear()
        if self._task is not None:
            self._task.cancel()

    def look_again(self) -> None:
        """Take the usage of all workers unless that was done a moment ago."""
        if time.monotonic() - self._looked >= QUICK_SECONDS:
            self.look()

    def look(self) -> None:
        """Take the usage of all workers now."""
        now = time.monotonic()
        passed, self._looked = now - self._looked, now
        for pid, usage in usage_of(list(self._workers)).items():
            watched = self._workers[pid]
            if passed < 10 * FULL_SECONDS and usage.cpu_seconds >= watched.usage.cpu_seconds:
                watched.cpu = 100 * (usage.cpu_seconds - watched.usage.cpu_seconds) / passed
            watched.usage = usage
            self._check(watched, usage.memory)

    async def _run(self) -> None:
        while self._workers:
            if time.monotonic() - self._looked >= FULL_SECONDS:
                self.look()
            else:
                for watched in list(self._workers.values()):
                    self._check(watched, memory_of(watched.pid))
            await asyncio.sleep(QUICK_SECONDS)

    def _check(self, watched: Watched, memory: int) -> None:
        watched.peak = max(watched.peak, memory)
        found = _excess(watched, memory)
        if found is not None and not watched.is_over:
            watched.is_over = True
            watched.over(*found)


def _excess(watched: Watched, memory: int) -> tuple[str, str] | None:
    limits, usage = watched.limits, watched.usage
    if limits.memory is not None and memory > limits.memory:
        text = f"It used {_size(memory)} of memory, and {_size(limits.memory)} are allowed."
        return "memory", text
    if limits.processes is not None and usage.processes > limits.processes:
        text = f"It started {usage.processes} processes, and {limits.processes} are allowed."
        return "processes", text
    return None


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
