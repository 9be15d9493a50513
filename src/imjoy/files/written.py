"""Which files have come by their addresses, for those who wait for one."""

from __future__ import annotations

import asyncio
from typing import Any

KEPT = 1000


class Written:
    """Uploads by the id of their grant; the newest are remembered."""

    def __init__(self) -> None:
        self._facts: dict[str, dict[str, Any]] = {}
        self._waiting: dict[str, list[asyncio.Future[dict[str, Any]]]] = {}

    def note(self, facts: dict[str, Any]) -> None:
        """A file is there: `{id, path, size}`."""
        key = facts["id"]
        self._facts.pop(key, None)
        self._facts[key] = facts
        while len(self._facts) > KEPT:
            del self._facts[next(iter(self._facts))]
        for future in self._waiting.pop(key, []):
            if not future.done():
                future.set_result(facts)

    async def wait(self, key: str) -> dict[str, Any]:
        """The facts of the upload with that id, as soon as there is one."""
        if key in self._facts:
            return self._facts[key]
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append(future)
        try:
            return await future
        finally:
            left = [one for one in self._waiting.pop(key, []) if one is not future]
            if left:
                self._waiting[key] = left
