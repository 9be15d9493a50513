"""A lock between processes for one environment; it ends with the processes that hold it."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

INTERVAL = 0.05


class FolderLock:
    """A file lock. Use `async with`, with `on_wait` being called while someone else holds it."""

    def __init__(self, path: Path, on_wait: Callable[[], object] | None = None) -> None:
        self._path = path
        self._on_wait = on_wait
        self._descriptor = -1

    @property
    def descriptor(self) -> int:
        """The open file; a child that inherits it holds the lock as well."""
        return self._descriptor

    def try_acquire(self) -> bool:
        """Take the lock if it is free."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    async def __aenter__(self) -> Self:
        while not self.try_acquire():
            if self._on_wait is not None:
                self._on_wait()
            await asyncio.sleep(INTERVAL)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.release()
