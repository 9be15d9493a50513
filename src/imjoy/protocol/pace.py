"""Measures how many bytes a second a connection takes, from when what was sent is acknowledged."""

from __future__ import annotations

from collections import deque
from typing import Any, Deque, Tuple

from imjoy.protocol.messages import SESSION

__all__ = ["Pace"]

SLOW, QUICK, ENOUGH = SESSION["slow_bytes"], SESSION["quick_bytes"], SESSION["pace_bytes"]


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
        self._bytes, self._seconds = 0, 0.0

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
            self._measured(size, now - before)

    def _measured(self, size: int, seconds: float) -> None:
        self._bytes += size
        self._seconds += seconds
        if self._bytes < ENOUGH:
            return
        if self._bytes < SLOW * self._seconds:
            self.is_slow = True
        elif self._bytes > QUICK * self._seconds:
            self.is_slow = False
        self._bytes, self._seconds = 0, 0.0
