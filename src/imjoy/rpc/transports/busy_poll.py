"""Looks for an answer again and again for a moment before its thread sleeps, while that pays.

To be woken costs a thread more than a small call takes: its processor has to leave its rest, and
what it needs has left the caches. Whoever has just sent something may hear of it sooner by looking.
"""

from __future__ import annotations

import asyncio
import os
import time
from typing import Callable

__all__ = ["SECONDS", "VARIABLE", "Expectation", "LoopPoll", "is_worthwhile", "let_others"]

# Set to 0 to sleep at once, always.
VARIABLE = "IMJOY_BUSY_POLL"
# Nobody looks longer than this for one answer.
SECONDS = 2e-4
# What comes within this, a wake-up included, might have been caught by looking.
NEAR = 3e-4
# So many answers in a row have to be near before anybody looks; more after each vain look.
FEWEST, MOST = 4, 64

let_others: Callable[[], object] = getattr(os, "sched_yield", lambda: None)


def is_worthwhile() -> bool:
    """Whether this process has a processor to look with while another process works."""
    if os.environ.get(VARIABLE, "").strip() == "0":
        return False
    affinity = getattr(os, "sched_getaffinity", None)
    processors = len(affinity(0)) if affinity is not None else os.cpu_count()
    return (processors or 1) > 1


class Expectation:
    """Whether something is likely to come at once after something was sent, as it did before.

    Times are seconds of a clock that never goes back.
    """

    def __init__(self) -> None:
        self._sent = 0.0
        self._near = 0
        self._needed = FEWEST

    def sent(self, now: float) -> bool:
        """Something was sent; gives whether to look for what it brings."""
        self._sent = now
        return self._near >= self._needed

    def came(self, now: float) -> None:
        """Something has come."""
        sent, self._sent = self._sent, 0.0
        if not sent:
            return
        if now - sent > NEAR:
            self._near = 0
            return
        self._near += 1
        if self._near > self._needed > FEWEST:
            self._needed -= 1

    def missed(self) -> None:
        """It was looked for in vain: the next time it takes more to be convinced."""
        self._near = 0
        self._needed = min(2 * self._needed, MOST)


class LoopPoll:
    """Keeps an event loop from sleeping after something was sent on one of its connections.

    The loop is given something to do at once, so that it looks at its sockets and goes on.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, is_on: bool) -> None:
        self._loop, self._is_on = loop, is_on
        self._expectation = Expectation()
        self._until = self._seen = 0.0
        self._is_looking = False

    def sent(self) -> None:
        """Something was sent that may be answered."""
        if not self._is_on:
            return
        now = time.perf_counter()
        if not self._expectation.sent(now):
            return
        self._until = now + SECONDS
        if not self._is_looking:
            self._is_looking = True
            self._loop.call_soon(self._look)

    def came(self) -> None:
        """Something has come."""
        if self._is_on:
            self._until = 0.0
            self._expectation.came(time.perf_counter())

    def _look(self) -> None:
        self._is_looking = False
        if not self._until:
            return  # it came
        if time.perf_counter() > self._until:
            self._until = 0.0
            self._expectation.missed()
            return
        if self._until == self._seen:
            let_others()  # nothing has happened since the last look
        self._seen = self._until
        self._is_looking = True
        self._loop.call_soon(self._look)
