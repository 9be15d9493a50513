"""Addresses that open one file or folder for a while; knowing one is the permission."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

USUAL_SECONDS = 12 * 3600.0
MOST_SECONDS = 7 * 24 * 3600.0
LIMIT = 10_000


@dataclass(frozen=True)
class Grant:
    """What an address opens. `owner` is the page that had it made; it ends with it."""

    id: str
    path: Path
    kind: Literal["read", "write"]
    owner: str
    ends: float
    overwrite: bool = False


class Grants:
    """All addresses that work now. A grant is 192 random bits, so none can be guessed."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._grants: dict[str, Grant] = {}

    def read(self, path: Path, owner: str, seconds: float = USUAL_SECONDS) -> Grant:
        """A grant to read; the same one for the same path as long as it lasts long enough."""
        now, ends = self._clock(), self._clock() + _bounded(seconds)
        for grant in self._grants.values():
            same = grant.path == path and grant.owner == owner and grant.kind == "read"
            if same and now < grant.ends and abs(grant.ends - ends) < 60:
                return grant
        return self._add(Grant(secrets.token_hex(24), path, "read", owner, ends))

    def write(
        self, path: Path, owner: str, overwrite: bool = False, seconds: float = USUAL_SECONDS
    ) -> Grant:
        """A grant to write one file."""
        ends = self._clock() + _bounded(seconds)
        return self._add(Grant(secrets.token_hex(24), path, "write", owner, ends, overwrite))

    def find(self, text: str, kind: str) -> Grant | None:
        """The grant of that id when it is of this kind and still lasts."""
        grant = self._grants.get(text)
        if grant is None or grant.kind != kind:
            return None
        if grant.ends > self._clock():
            return grant
        del self._grants[text]
        return None

    def forget(self, owner: str) -> None:
        """End all grants of a page that has gone."""
        for key in [key for key, grant in self._grants.items() if grant.owner == owner]:
            del self._grants[key]

    def _add(self, grant: Grant) -> Grant:
        now = self._clock()
        for key in [key for key, old in self._grants.items() if old.ends <= now]:
            del self._grants[key]
        while len(self._grants) >= LIMIT:
            del self._grants[next(iter(self._grants))]
        self._grants[grant.id] = grant
        return grant


def _bounded(seconds: float) -> float:
    return min(max(float(seconds), 1.0), MOST_SECONDS)
