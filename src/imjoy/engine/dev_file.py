"""The file of a plugin that somebody writes: read for the page, and again whenever it is saved."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from imjoy.errors import ImJoyError

Tell = Callable[[dict[str, str]], Awaitable[Any]]
State = tuple[int, int, int]

logger = logging.getLogger(__name__)

# Editors save in steps: a file that was written this long ago is whole.
SETTLE_SECONDS = 0.2


class DevFile:
    """`async with DevFile(path)` watches the file while it is inside."""

    def __init__(self, path: Path, settle_seconds: float = SETTLE_SECONDS) -> None:
        self.path, self._settle_seconds = path, settle_seconds
        self._followers: dict[str, Tell] = {}
        self._tellings: set[asyncio.Future[None]] = set()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> DevFile:
        self._task = asyncio.create_task(self._watch(self._state()))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def follow(self, page: str, tell: Tell) -> dict[str, str]:
        """Have a page told of every change from now on; gives what is in the file now."""
        self._followers[page] = tell
        return self.read()

    def read(self) -> dict[str, str]:
        """`{name, text}`; the text is empty when the file cannot be read."""
        try:
            text = self.path.read_bytes().decode("utf-8-sig", "replace")
        except OSError as error:
            logger.warning("%s cannot be read: %s", self.path, error.strerror)
            text = ""
        return {"name": self.path.name, "text": text}

    async def _watch(self, told: State | None) -> None:
        while True:
            before = self._state()
            await asyncio.sleep(self._settle_seconds)
            now = self._state()
            if now == before and now != told and now is not None:
                told = now
                self._tell(self.read())

    def _state(self) -> State | None:
        try:
            facts = self.path.stat()
        except OSError:
            return None
        return facts.st_mtime_ns, facts.st_size, facts.st_ino

    def _tell(self, content: dict[str, str]) -> None:
        for page, tell in list(self._followers.items()):
            task = asyncio.ensure_future(self._tell_page(page, tell, content))
            self._tellings.add(task)
            task.add_done_callback(self._tellings.discard)

    async def _tell_page(self, page: str, tell: Tell, content: dict[str, str]) -> None:
        try:
            await tell(content)
        except ImJoyError:  # the page has gone
            self._followers.pop(page, None)
