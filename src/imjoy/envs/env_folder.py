"""The folder of environments: each under its key, whole or not there."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from imjoy.envs.build import build
from imjoy.envs.contents import difference, has_packages
from imjoy.envs.folder_lock import FolderLock
from imjoy.envs.layout import PYTHON, READY, Place
from imjoy.envs.lock import EnvLock
from imjoy.envs.progress import Reporter
from imjoy.envs.resolve import Tools
from imjoy.envs.verify import Report, verify

logger = logging.getLogger(__name__)


class EnvFolder:
    """The environments in `path`, of which each is locked by a file in `locks` while it is made."""

    def __init__(self, path: Path, locks: Path) -> None:
        self.path, self.locks = path, locks

    def is_ready(self, key: str) -> bool:
        """Whether the environment of this name is whole, as far as a glance can tell."""
        folder, facts = self.path / key, self.facts(key)
        if facts.get("key") != key or not (folder / PYTHON).exists():
            return False
        return has_packages(folder, facts.get("site_packages"))

    async def damage(self, key: str) -> Report | None:
        """What was changed by others since it was made; None when nothing was.

        Files are read only when their sizes and times are not those that were noted.
        """
        folder = self.path / key
        if not await asyncio.to_thread(difference, folder):
            return None
        report = await asyncio.to_thread(verify, folder)
        return None if report.is_whole else report

    def facts(self, key: str) -> dict[str, Any]:
        """What is noted in an environment; empty when it is not there."""
        with suppress(OSError, ValueError, TypeError):
            return dict(json.loads((self.path / key / READY).read_text("utf-8")))
        return {}

    def all(self) -> list[dict[str, Any]]:
        """The facts of each environment that is ready, newest first."""
        keys = [file.parent.name for file in self.path.glob(f"*/{READY}")]
        found = [facts for key in keys if (facts := self.facts(key)).get("key") == key]
        return sorted(found, key=lambda facts: facts.get("created", 0), reverse=True)

    def sweep(self) -> int:
        """Remove what builds that were killed have left; returns the number of folders."""
        begun = [(path, path.name.split(".")[1]) for path in self.path.glob(".*.tmp")]
        begun += [(path, path.name) for path in self.path.glob("[!.]*") if self._is_begun(path)]
        removed = 0
        for folder, key in begun:
            lock = FolderLock(self.locks / key)
            if lock.try_acquire():
                try:
                    if folder.name.startswith(".") or self._is_begun(folder):
                        shutil.rmtree(folder, ignore_errors=True)
                        removed += 1
                finally:
                    lock.release()
        return removed

    def _is_begun(self, folder: Path) -> bool:
        """Conda begins an environment under its own name, which has no READY before the end."""
        return folder.is_dir() and not (folder / READY).is_file()

    async def build(self, lock: EnvLock, tools: Tools, reporter: Reporter, held: int) -> None:
        """Make the environment of a lock, in place of one that is there; `held` is its lock.

        Raises EnvError and OSError; then nothing is left of what was begun.
        """
        final = self.path / lock.key
        if final.exists():
            await self._discard(final, lock.key)
        folder = self._temporary(lock.key)
        try:
            await build(lock, tools, Place(folder, final, (held,)), reporter)
            os.rename(folder, final)
        except BaseException:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))
            raise

    async def _discard(self, damaged: Path, key: str) -> None:
        logger.warning("The environment %s was damaged and is made again.", key)
        aside = self._temporary(key)
        os.rename(damaged, aside)
        await asyncio.to_thread(shutil.rmtree, aside, ignore_errors=True)

    def _temporary(self, key: str) -> Path:
        return self.path / f".{key}.{os.getpid()}.{secrets.token_hex(4)}.tmp"
