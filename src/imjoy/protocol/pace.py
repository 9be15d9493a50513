"""Measures how many bytes a second a connection takes, from when what was sent is acknowledged."""

from __future__ import annotations

from collections import deque
from typing import Any, Deque, Tuple

from imjoy.protocol.messages import SESSION

__all__ = ["Pace"]

SLOW, QUICK, SECONDS = SESSION["slow_bytes"], SESSION["quick_bytes"], SESSION["slow_seconds"]
# So many more slow frames than quick ones count as a slow connection, and as a quick one again. A
# quick one counts twice: a program that was busy for a moment makes one slow and the next ones quick.
CERTAIN, DOUBTFUL, MOST = 3, 1, 5


class Pace:
    """Looks at frames that were already under way when the one before them arrived.

    Between their two acknowledgements the connection was busy, so the time is that of their bytes
    alone, however long the way is. Times are seconds of a clock that never goes back.
    """

    def __init__(self) -> None:
        self.is_slow = False
        # Number, bytes and time of what is under way and large enough to tell something.
        self.sent: Deque[Tuple[int, int, float]] = deque()
        self._arrived = float("-inf")
        self._slow_since = 0.0
        self._slow = 0  # how many more slow ones there were than quick ones

    def note(self, number: int, size: int, now: float) -> None:
        """A frame of this number and size goes out."""
        self.sent.append((number, size, now))

    def arrived(self, number: Any, now: float) -> None:
        """All frames up to this number have arrived; anything else tells nothing."""
        if type(number) is not int:
            return
        before, was_busy, size = self._arrived, False, 0
        while self.sent and self.sent[0][0] <= number:
            _, one, sent = self.sent.popleft()
            was_busy = was_busy or (not size and sent <= before)
            size += one
        if size:
            self._arrived = now
        if was_busy:
            self._measured(size, now - before, now)

    def _measured(self, size: int, seconds: float, now: float) -> None:
        if size < SLOW * seconds:
            self._slow = min(self._slow + 1, MOST)
        elif size > QUICK * seconds:
            self._slow = max(self._slow - 2, 0)
        if self._slow >= CERTAIN and not self.is_slow:
            self.is_slow, self._slow_since = True, now
        elif self._slow <= DOUBTFUL:
            self.is_slow = False

    def check(self, now: float) -> bool:
        """Whether it is slow. That is found out anew now and then: what is small tells nothing."""
        if self.is_slow and now - self._slow_since > SECONDS:
            self.is_slow, self._slow = False, 0
        return self.is_slow
