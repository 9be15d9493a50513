"""Counts wrong secrets for each peer and says when a peer has to wait."""

from __future__ import annotations

import ipaddress
import time
from collections import deque
from collections.abc import Callable

WINDOW_SECONDS = 60.0
WRONG_PER_PEER = 10
WRONG_IN_ALL = 60
PEER_LIMIT = 10_000


class RateLimit:
    """At most ten wrong secrets in a minute for a peer and sixty for all peers."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: dict[str, deque[float]] = {}
        self._all: deque[float] = deque()

    def is_limited(self, peer: str) -> bool:
        now = self._clock()
        mine = self._wrong.get(_group(peer), deque())
        return _recent(mine, now) >= WRONG_PER_PEER or _recent(self._all, now) >= WRONG_IN_ALL

    def count_wrong(self, peer: str) -> None:
        now = self._clock()
        if len(self._wrong) >= PEER_LIMIT:
            self._wrong = {key: times for key, times in self._wrong.items() if _recent(times, now)}
        if _recent(mine := self._wrong.setdefault(_group(peer), deque()), now) < WRONG_PER_PEER:
            mine.append(now)
            self._all.append(now)


def _recent(times: deque[float], now: float) -> int:
    while times and now - times[0] >= WINDOW_SECONDS:
        times.popleft()
    return len(times)


def _group(peer: str) -> str:
    """One home has a whole /64 of IPv6 addresses, so these count as one peer."""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return peer
    if address.version == 6 and not address.is_loopback:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return peer
