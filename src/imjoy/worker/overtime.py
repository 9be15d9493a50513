"""Sees to it that a cancelled call really ends: asks, interrupts, interrupts again, has it ended.

Lives on the connection's loop, which goes on while the plugin's code keeps its thread busy.
"""

from __future__ import annotations

import asyncio
from typing import Callable, Optional

from imjoy.worker.plugin_thread import Job, PluginThread

__all__ = ["Overtime"]

# Seconds after the cancel: the first is for code that asks by itself whether it is cancelled.
ASKED_SECONDS = 1.0
AGAIN_SECONDS = 2.0
STUCK_SECONDS = 5.0


class Overtime:
    """`report(level, text, stuck)` tells each step to the engine, which ends a process for `stuck`."""

    def __init__(self, thread: PluginThread, report: Callable[[str, str, bool], None]) -> None:
        self._thread, self._report = thread, report
        self._loop = asyncio.get_running_loop()
        self.limit: Optional[float] = None  # seconds of one call

    def watch(self, job: Job) -> None:
        """See to one call from its beginning to its end; before it begins, in any thread."""
        job.when_cancelled = self._on_cancelled
        if self.limit is not None:
            self._loop.call_soon_threadsafe(self._plan, job, self.limit)

    def _plan(self, job: Job, limit: float) -> None:
        if not job.is_ended:
            timer = self._loop.call_later(limit, self._too_long, job)
            job.when_ended.append(lambda *_: self._loop.call_soon_threadsafe(timer.cancel))

    def _too_long(self, job: Job) -> None:
        job.seconds = self.limit
        if not job.cancelled and not job.is_ended:
            self._report("warning", f"{job.name} takes longer than its limits allow.", False)
            self._thread.cancel(job)

    def _on_cancelled(self, job: Job) -> None:
        if job.checks:
            self._report("info", f"{job.name} was cancelled and is asked to end by itself.", False)
        elif self._thread.is_running(job):
            self._report("info", f"{job.name} was cancelled and is interrupted.", False)
        for seconds in (ASKED_SECONDS, AGAIN_SECONDS):
            self._loop.call_later(seconds, self._interrupt, job)
        self._loop.call_later(STUCK_SECONDS, self._give_up, job)

    def _interrupt(self, job: Job) -> None:
        if self._goes_on(job):
            self._report("warning", f"{job.name} goes on and is interrupted again.", False)
            self._thread.cancel(job)

    def _give_up(self, job: Job) -> None:
        if self._goes_on(job):
            self._report("error", f"{job.name} does not end; its process is ended.", True)

    def _goes_on(self, job: Job) -> bool:
        """Whether it still executes lines; what only waits has been told and will end."""
        return not job.is_ended and self._thread.is_running(job)
