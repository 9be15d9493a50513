"""Keeps the environments of plugins, each under a name made from its exact content."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imjoy.envs.build import PYTHON, READY, build
from imjoy.envs.failures import INSTALL, os_failure
from imjoy.envs.folder_lock import FolderLock
from imjoy.envs.interpreters import Interpreter, find_interpreter
from imjoy.envs.lock import EnvLock, read_lock
from imjoy.envs.progress import OnProgress, Reporter
from imjoy.envs.resolve import Tools, resolve
from imjoy.envs.spec import EnvSpec

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Environment:
    """An environment that is ready; `state` is "reused" or "built", `seconds` the time it took."""

    key: str
    python: Path
    state: str
    seconds: float


class EnvStore:
    """The environments below `home`; several engines may use one home at the same time.

    `envs/<key>` is never changed once it is there. Everything else below `home` may be deleted
    while no engine runs: `cache/uv` (files to link from), `specs` (locks), `locks`.
    """

    def __init__(self, home: Path) -> None:
        self.envs = home / "envs"
        self.specs = home / "specs"
        self.locks = home / "locks"
        self.cache = home / "cache" / "uv"

    async def ensure(self, spec: EnvSpec, on_progress: OnProgress | None = None) -> Environment:
        """The environment for a spec, made when it is not there yet.

        Cancelling ends the child processes and removes what was begun. Raises EnvError.
        """
        began = time.monotonic()
        interpreter = find_interpreter(spec.python)
        memo = self._memo(spec, interpreter)
        known = self._recall(memo)
        if known is not None and self._is_ready(known.key):
            return self._environment(known.key, "reused", began)
        reporter = Reporter(on_progress)
        try:
            lock, state = await self._make(spec, interpreter, known, reporter)
            self._remember(memo, lock)
        except OSError as exc:
            raise os_failure(INSTALL, exc) from exc
        finally:
            reporter.close()
        return self._environment(lock.key, state, began)

    def plan(self, spec: EnvSpec) -> dict[str, Any]:
        """What `ensure` will do, found without a process or network. Raises EnvError."""
        interpreter = find_interpreter(spec.python)
        known = self._recall(self._memo(spec, interpreter))
        cached = known is not None and self._is_ready(known.key)
        commands = [f"uv venv --python {interpreter.version}"]
        if spec.packages:
            commands.append("uv pip install " + " ".join(spec.packages))
        return {
            "python": interpreter.version,
            "packages": list(spec.packages),
            "conda": list(spec.conda),
            "cached": cached,
            "commands": [] if cached else commands,
            "notes": list(spec.notes),
        }

    def all(self) -> list[dict[str, Any]]:
        """The facts of each environment that is ready, newest first."""
        found = []
        for file in self.envs.glob(f"*/{READY}"):
            with suppress(OSError, ValueError):
                found.append(dict(json.loads(file.read_text())))
        return sorted(found, key=lambda facts: facts.get("created", 0), reverse=True)

    def sweep(self) -> int:
        """Remove what builds that were killed have left; returns the number of folders."""
        removed = 0
        for folder in self.envs.glob(".*.tmp") if self.envs.is_dir() else ():
            key = folder.name.split(".")[1]
            lock = FolderLock(self.locks / key)
            if lock.try_acquire():
                try:
                    shutil.rmtree(folder, ignore_errors=True)
                    removed += 1
                finally:
                    lock.release()
        return removed

    async def _make(
        self, spec: EnvSpec, interpreter: Interpreter, known: EnvLock | None, reporter: Reporter
    ) -> tuple[EnvLock, str]:
        for folder in (self.envs, self.specs, self.locks, self.cache):
            folder.mkdir(parents=True, exist_ok=True)
        tools = Tools.find(self.cache, self.envs)
        if known is None:
            reporter.report("resolve", f"Finding the packages for Python {interpreter.version}")
            known = await resolve(spec, interpreter, tools)
        if self._is_ready(known.key):
            return known, "reused"
        waiting = FolderLock(
            self.locks / known.key, on_wait=lambda: reporter.report("install", _WAITING)
        )
        async with waiting as held:
            if self._is_ready(known.key):
                return known, "reused"
            await self._build(known, tools, reporter, held.descriptor)
        return known, "built"

    async def _build(self, lock: EnvLock, tools: Tools, reporter: Reporter, held: int) -> None:
        final = self.envs / lock.key
        if final.exists():
            await self._discard(final, lock.key)
        folder = self._temporary(lock.key)
        try:
            await build(lock, tools, folder, reporter, keep=(held,))
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
        return self.envs / f".{key}.{os.getpid()}.{secrets.token_hex(4)}.tmp"

    def _environment(self, key: str, state: str, began: float) -> Environment:
        return Environment(key, self.envs / key / PYTHON, state, time.monotonic() - began)

    def _is_ready(self, key: str) -> bool:
        folder = self.envs / key
        return (folder / READY).is_file() and (folder / PYTHON).exists()

    def _memo(self, spec: EnvSpec, interpreter: Interpreter) -> Path:
        return self.specs / f"{spec.digest(f'{interpreter.path} {interpreter.version}')}.json"

    def _recall(self, memo: Path) -> EnvLock | None:
        try:
            facts = json.loads(memo.read_text())
            return read_lock(facts["pylock"], facts["python"], facts["interpreter"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _remember(self, memo: Path, lock: EnvLock) -> None:
        facts = {"python": lock.python, "interpreter": lock.interpreter, "pylock": lock.text}
        temporary = memo.with_name(f".{memo.name}.{secrets.token_hex(4)}")
        try:
            temporary.write_text(json.dumps(facts))
            os.replace(temporary, memo)
        finally:
            with suppress(FileNotFoundError):
                temporary.unlink()


_WAITING = "Another start is making the same environment; waiting for it"
