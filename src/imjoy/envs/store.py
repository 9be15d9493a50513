"""Keeps the environments of plugins, each under a name made from its exact content."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from imjoy.envs.channels import configured_channels
from imjoy.envs.choices import Choices
from imjoy.envs.chooser import Chooser, Wish, shown_commands
from imjoy.envs.env_folder import EnvFolder
from imjoy.envs.failures import INSTALL, os_failure, without_secrets
from imjoy.envs.folder_lock import FolderLock
from imjoy.envs.git_settings import FindCopy
from imjoy.envs.gpu import choose_builds, driver_version
from imjoy.envs.health import check_health
from imjoy.envs.layout import PYTHON, READY
from imjoy.envs.lock import EnvLock
from imjoy.envs.progress import OnProgress, Reporter
from imjoy.envs.resolve import Tools
from imjoy.envs.run_commands import check_consent
from imjoy.envs.shared_progress import SharedProgress
from imjoy.envs.spec import EnvSpec

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Environment:
    """An environment that is ready; `state` is "reused" or "built", `seconds` the time it took.

    `variables` are what its packages want to be set for programs that run in it, and `notes` say
    what was chosen otherwise than one may expect.
    """

    key: str
    python: Path
    state: str
    seconds: float
    variables: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class EnvStore:
    """The environments below `home`; several engines may use one home at the same time.

    `envs/<key>` is never changed once it is there. Everything else below `home` may be deleted
    while no engine runs: `cache` (files to link from), `specs` and `users` (locks), `locks`.
    `channels` are the conda channels that the user chose; without, those of conda or conda-forge.
    `find_copy` knows copies on this computer of the repositories that plugins ask for.
    """

    def __init__(
        self,
        home: Path,
        channels: Sequence[str] | None = None,
        find_copy: FindCopy | None = None,
    ) -> None:
        self.home = home
        self.locks = home / "locks"
        self.envs = EnvFolder(home / "envs", self.locks)
        self.choices = Choices(home)
        self.channels = tuple(configured_channels() if channels is None else channels)
        self.find_copy = find_copy
        self.chooser = Chooser(home, self.channels, find_copy)

    def parse(
        self, env: Any, requirements: Any, tag: str | None = None, script: str = ""
    ) -> EnvSpec:
        """The spec of a manifest for this computer and this store's channels. Raises EnvError."""
        conda = bool(self.channels)
        spec = EnvSpec.parse(env, requirements, tag, script=script, prefer_conda=conda)
        packages, notes = choose_builds(spec.packages, driver_version())
        return replace(spec, packages=tuple(packages), notes=(*spec.notes, *notes))

    async def ensure(
        self,
        spec: EnvSpec,
        on_progress: OnProgress | None = None,
        *,
        user: str | None = None,
        work: Path | None = None,
        agreed: Collection[str] = (),
    ) -> Environment:
        """The environment for a spec, made when it is not there yet.

        `user` is the plugin that it is for, which keeps what it got until it is updated. `work` is
        the plugin's folder, where its repositories are put and its commands run; the user has
        `agreed` to these commands. Cancelling ends the child processes and removes what was begun.
        Raises EnvError.
        """
        return await self._have(Wish(spec, user, work, agreed), on_progress, self._ensure)

    async def update(
        self,
        spec: EnvSpec,
        on_progress: OnProgress | None = None,
        *,
        user: str,
        work: Path | None = None,
        agreed: Collection[str] = (),
    ) -> Environment:
        """A new environment with the newest packages, taken into use once they can be imported.

        The environment before stays and can be gone back to. Raises EnvError; then all is as it was.
        """
        return await self._have(Wish(spec, user, work, agreed), on_progress, self._update)

    async def _have(
        self,
        wish: Wish,
        on_progress: OnProgress | None,
        way: Callable[[Wish, Reporter], Awaitable[tuple[str, str]]],
    ) -> Environment:
        began = time.monotonic()
        check_consent(wish.spec.commands, wish.agreed)
        reporter = Reporter(on_progress)
        try:
            key, state = await way(wish, reporter)
        except OSError as exc:
            raise os_failure(INSTALL, exc) from exc
        finally:
            reporter.close()
        return self._environment(key, state, began)

    async def _ensure(self, wish: Wish, reporter: Reporter) -> tuple[str, str]:
        wish, commits = await self.chooser.with_repositories(wish, reporter)
        interpreter = self.chooser.interpreter(wish.spec)
        digest = self.chooser.digest(wish.spec, interpreter, wish.work)
        key = self.choices.key(digest, wish.user)
        if key is not None and self.envs.is_ready(key):
            self._note_use(wish.user, digest, key)
            return key, "reused"
        lock = self.choices.recall(digest, wish.user)
        if lock is None:
            tools = self.tools()
            lock = await self.chooser.choose(wish, interpreter, commits, tools, reporter)
        state = await self.install(lock, reporter)
        self._note_lock(wish.user, digest, lock)
        return lock.key, state

    async def _update(self, wish: Wish, reporter: Reporter) -> tuple[str, str]:
        wish, commits = await self.chooser.with_repositories(wish, reporter)
        interpreter, tools = self.chooser.interpreter(wish.spec), self.tools()
        lock = await self.chooser.choose(wish, interpreter, commits, tools, reporter)
        state = await self.install(lock, reporter)
        reporter.report("install", "Trying the new packages")
        await check_health(self.envs.path / lock.key, wish.spec, self.envs.path)
        digest = self.chooser.digest(wish.spec, interpreter, wish.work)
        self._note_lock(wish.user, digest, lock)
        return lock.key, state

    async def adopt(self, spec: EnvSpec, key: str, lock: EnvLock, *, user: str, work: Path) -> None:
        """Let a user have an environment that is there, once its packages can be imported.

        Raises EnvError; then all is as it was.
        """
        reporter = Reporter(None)
        try:
            wish, _ = await self.chooser.with_repositories(Wish(spec, user, work), reporter)
            await check_health(self.envs.path / key, wish.spec, self.envs.path)
            digest = self.chooser.digest(wish.spec, self.chooser.interpreter(wish.spec), work)
            self.choices.use(user, digest, lock)  # and not what others with the same wish get
        except OSError as exc:
            raise os_failure(INSTALL, exc) from exc

    def plan(
        self, spec: EnvSpec, user: str | None = None, work: Path | None = None
    ) -> dict[str, Any]:
        """What `ensure` will do, found without a process or network. Raises EnvError."""
        interpreter = self.chooser.interpreter(spec)
        key = self.choices.key(self.chooser.digest(spec, interpreter, work), user)
        cached = key is not None and self.envs.is_ready(key)
        return {
            "python": interpreter.version if interpreter else spec.python or "",
            "packages": [without_secrets(package) for package in spec.packages],
            "conda": list(spec.conda),
            "channels": list(self.chooser.channels_for(spec)) if interpreter is None else [],
            "repositories": [without_secrets(each.url) for each in spec.repositories],
            "files": list(spec.files),
            "consent": [command.text for command in spec.commands],
            "cached": cached,
            "key": key if cached else None,
            "commands": [] if cached else shown_commands(spec, interpreter),
            "notes": list(spec.notes),
        }

    async def choose(
        self,
        spec: EnvSpec,
        *,
        user: str | None = None,
        work: Path | None = None,
        anew: bool = False,
    ) -> EnvLock:
        """The lock that `ensure` will use, chosen and remembered without making anything of it.

        `anew`: the one that `update` would use; it is not remembered. Repositories are not copied
        for it, so their files are left out. Raises EnvError.
        """
        reporter = Reporter(None)
        interpreter = self.chooser.interpreter(spec)
        digest = self.chooser.digest(spec, interpreter, work)
        lock = None if anew else self.choices.recall(digest, user)
        if lock is None:
            try:
                wish, tools = Wish(spec, user, work), self.tools()
                lock = await self.chooser.choose(wish, interpreter, (), tools, reporter)
                if not anew and not spec.files and not spec.commands:
                    self.choices.remember(digest, lock)
            except OSError as exc:
                raise os_failure(INSTALL, exc) from exc
        return lock

    async def install(self, lock: EnvLock, reporter: Reporter) -> str:
        """Make the environment of a lock; gives "built", or "reused" when it is there already.

        Raises EnvError and OSError.
        """
        if self.envs.is_ready(lock.key):
            return "reused"
        await asyncio.to_thread(self.envs.sweep)
        tools, place = self.tools(), self.locks / lock.key
        shared = SharedProgress(place)
        async with FolderLock(place, on_wait=lambda: shared.tell(reporter)) as held:
            if self.envs.is_ready(lock.key):
                return "reused"
            reporter.also = shared.write
            try:
                await self.envs.build(lock, tools, reporter, held.descriptor)
            finally:
                reporter.also = None
                shared.remove()
        return "built"

    async def rebuild(self, lock: EnvLock, reporter: Reporter) -> None:
        """Make the environment of a lock anew, though it is there. Raises EnvError and OSError."""
        async with FolderLock(self.locks / lock.key) as held:
            await self.envs.build(lock, self.tools(), reporter, held.descriptor)

    def tools(self) -> Tools:
        """The programs that make environments, with their folders. Raises EnvError and OSError."""
        tools = Tools.find(self.home, self.find_copy)
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)  # as the engine makes it
        for folder in (self.envs.path, self.locks, tools.cache):
            folder.mkdir(parents=True, exist_ok=True)
        return tools

    def _environment(self, key: str, state: str, began: float) -> Environment:
        if state == "reused":
            with suppress(OSError):
                os.utime(self.envs.path / key / READY)  # when it was used last
        facts, seconds = self.envs.facts(key), time.monotonic() - began
        variables = dict(facts.get("variables") or {})
        notes = tuple((facts.get("lock") or {}).get("notes") or ())
        return Environment(key, self.envs.path / key / PYTHON, state, seconds, variables, notes)

    def _note_use(self, user: str | None, digest: str, key: str) -> None:
        if user is None:
            return
        choice = self.choices.of(user)
        if choice is not None and (choice.digest, choice.keys[0]) == (digest, key):
            self.choices.touch(user)
        elif (lock := self.choices.recall(digest, user)) is not None:
            self.choices.use(user, digest, lock)

    def _note_lock(self, user: str | None, digest: str, lock: EnvLock) -> None:
        self.choices.remember(digest, lock)
        if user is not None:
            self.choices.use(user, digest, lock)
