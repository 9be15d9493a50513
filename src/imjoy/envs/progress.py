"""Reports how far the making of an environment is: at most ten times a second, never backwards."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

logger = logging.getLogger(__name__)
INTERVAL = 0.1
PACE_SECONDS = 5.0
PACE_MINIMUM = 0.5
# A step that rested so long while another one went on begins its pace anew.
PAUSE_SECONDS = 1.0

OnProgress = Callable[[dict[str, Any]], object]


@dataclass(frozen=True)
class Progress:
    """One report; `step` is resolve, download, install, start or load; `unit` bytes, packages or "".

    `seconds_left` is None as long as it cannot be said.
    """

    step: str
    message: str
    done: int = 0
    total: int = 0
    unit: str = ""
    seconds_left: float | None = None


class Pace:
    """Tells from the last seconds how long a step will go on."""

    def __init__(self) -> None:
        self._seen: dict[str, deque[tuple[float, int]]] = {}
        self._step = ""

    def seconds_left(self, step: str, done: int, total: int, now: float) -> float | None:
        """Note how far a step is; gives the seconds to its end once there is something to go by."""
        seen = self._seen.setdefault(step, deque())
        if step != self._step and seen and now - seen[-1][0] > PAUSE_SECONDS:
            seen.clear()
        self._step = step
        if not seen or now - seen[-1][0] >= INTERVAL:
            seen.append((now, done))
        while len(seen) > 2 and now - seen[0][0] > PACE_SECONDS:
            seen.popleft()
        time, before = seen[0]
        if now - time < PACE_MINIMUM or done <= before or total < done:
            return None
        return round((total - done) * (now - time) / (done - before), 1)


class Reporter:
    """Passes reports on, keeping only the newest when they come faster than ten a second."""

    def __init__(self, on_progress: OnProgress | None) -> None:
        self._on_progress = on_progress
        self.also: OnProgress | None = None  # told the same
        self._loop = asyncio.get_running_loop()
        self._last_time = -INTERVAL
        self._pace = Pace()
        self._waiting: dict[str, Progress] = {}  # the newest report of each step, oldest step first
        self._timer: asyncio.TimerHandle | None = None

    def report(
        self, step: str, message: str, done: int = 0, total: int = 0, unit: str = ""
    ) -> None:
        now = self._loop.time()
        left = self._pace.seconds_left(step, done, total, now) if total else None
        self._waiting[step] = Progress(step, message, done, total, unit, left)
        self._schedule()

    def _schedule(self) -> None:
        if self._timer is None and self._waiting:
            wait = self._last_time + INTERVAL - self._loop.time()
            if wait <= 0:
                self._send()
            else:
                self._timer = self._loop.call_later(wait, self._send)

    def _send(self) -> None:
        self._timer = None
        progress = self._waiting.pop(next(iter(self._waiting)))
        self._last_time = self._loop.time()
        self._tell(progress)
        self._schedule()

    def _tell(self, progress: Progress) -> None:
        for told in (self._on_progress, self.also):
            if told is not None:
                told(asdict(progress))

    def close(self) -> None:
        """Send what is still waiting, one report for a step, and stop."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, {}
        for progress in waiting.values():
            self._tell(progress)
        self._on_progress = self.also = None


class DownloadMeter:
    """Adds up the bytes of several downloads; the sum never goes back.

    `sizes` are the bytes still to be fetched for each package name; 0 where the index does not say.
    """

    def __init__(self, sizes: dict[str, int]) -> None:
        self._sizes = dict(sizes)
        self._done = dict.fromkeys(sizes, 0)

    def update(self, name: str, fraction: float, size: int) -> None:
        """Note that a fraction of a package's file, whose size is about `size`, has arrived."""
        key = name.replace("_", "-").replace(".", "-")
        if key in self._done:
            self._sizes[key] = self._sizes[key] or size
            self._done[key] = max(self._done[key], int(self._sizes[key] * fraction))

    def finish(self, prefix: str = "") -> None:
        """All downloads, or those whose names begin with a prefix, have ended."""
        for key in self._done:
            if key.startswith(prefix):
                self._done[key] = self._sizes[key]

    @property
    def done(self) -> int:
        return sum(self._done.values())

    @property
    def total(self) -> int:
        return sum(self._sizes.values())
