"""Decides whether a plugin that has failed is started again, and after which pause."""

from __future__ import annotations

import time
from typing import Any

# A plugin that fails again and again is not started anew more often than this.
MOST, WITHIN_SECONDS = 3, 60.0
FIRST_PAUSE = 0.5
TOO_MANY = f"It failed {MOST} times within a minute; it rests now."


class Restarts:
    """The restarts of one plugin within the last minute; `config` is its manifest."""

    def __init__(self, config: Any) -> None:
        self.wanted = (config or {}).get("restart") == "on-failure"
        self._times: list[float] = []

    def __len__(self) -> int:
        return len(self._times)

    def pause(self, now: float | None = None) -> float | None:
        """Note one more, and give the seconds to wait before it; None when it failed too often."""
        now = time.monotonic() if now is None else now
        self._times = [one for one in self._times if now - one < WITHIN_SECONDS]
        if len(self._times) >= MOST:
            return None
        self._times.append(now)
        return float(FIRST_PAUSE * 2 ** (len(self._times) - 1))
