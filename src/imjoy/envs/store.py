"""Keeps the environments of plugins, each under a name made from its exact content."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
import shutil
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from imjoy.envs.build import PYTHON, READY, Place, build
from imjoy.envs.channels import all_channels, configured_channels
from imjoy.envs.choices import Choices
from imjoy.envs.conda import has_conda
from imjoy.envs.failures import INSTALL, env_error, os_failure
from imjoy.envs.folder_lock import FolderLock
from imjoy.envs.gpu import choose_builds, driver_version
from imjoy.envs.health import check_health
from imjoy.envs.interpreters import Interpreter, exact_version, find_interpreter
from imjoy.envs.lock import EnvLock
from imjoy.envs.progress import OnProgress, Reporter
from imjoy.envs.repositories import RepositoryStore
from imjoy.envs.resolve import Tools, resolve
from imjoy.envs.run_commands import check_consent
from imjoy.envs.shared_progress import SharedProgress
from imjoy.envs.spec import EnvSpec
from imjoy.errors import EnvError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Environment:
    """An environment that is ready; `state` is "reused" or "built", `seconds` the time it took.

    `variables` are what its packages want to be set for programs that run in it.
    """

    key: str
    python: Path
    state: str
    seconds: float
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Wish:
    """What is wanted: a spec, by which user, for which folder, with which commands agreed to."""

    spec: EnvSpec
    user: str | None = None
    work: Path | None = None
    agreed: Collection[str] = ()


class EnvStore:
    """The environments below `home`; several engines may use one home at the same time.

    `envs/<key>` is never changed once it is there. Everything else below `home` may be deleted
    while no engine runs: `cache` (files to link from), `specs` and `users` (locks), `locks`.
    `channels` are the conda channels that the user chose; without, those of conda or conda-forge.
    """

    def __init__(self, home: Path, channels: Sequence[str] | None = None) -> None:
        self.home = home
        self.envs = home / "envs"
        self.locks = home / "locks"
        self.choices = Choices(home)
        self.repositories = RepositoryStore(home)
        self.channels = tuple(configured_channels() if channels is None else channels)

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
        began = time.monotonic()
        check_consent(spec.commands, agreed)
        reporter = Reporter(on_progress)
        wish = Wish(spec, user, work, agreed)
        try:
            wish, commits = await self._with_repositories(wish, reporter)
            interpreter = self._interpreter(wish.spec)
            digest = self._digest(wish.spec, interpreter, work)
            key = self.choices.key(digest, user)
            if key is not None and self.is_ready(key):
                self._note_use(user, digest, key)
                return self._environment(key, "reused", began)
            known = self.choices.recall(digest, user)
            lock = known or await self._choose(wish, interpreter, commits, reporter)
            state = await self.install(lock, reporter)
            self._note_lock(user, digest, lock)
        except OSError as exc:
            raise os_failure(INSTALL, exc) from exc
        finally:
            reporter.close()
        return self._environment(lock.key, state, began)

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
        began = time.monotonic()
        check_consent(spec.commands, agreed)
        reporter = Reporter(on_progress)
        try:
            wish, commits = await self._with_repositories(Wish(spec, user, work, agreed), reporter)
            interpreter = self._interpreter(wish.spec)
            lock = await self._choose(wish, interpreter, commits, reporter)
            state = await self.install(lock, reporter)
            reporter.report("install", "Trying the new packages")
            await check_health(self.envs / lock.key, wish.spec, self.envs)
            self._note_lock(user, self._digest(wish.spec, interpreter, work), lock)
        except OSError as exc:
            raise os_failure(INSTALL, exc) from exc
        finally:
            reporter.close()
        return self._environment(lock.key, state, began)

    async def adopt(self, spec: EnvSpec, key: str, lock: EnvLock, *, user: str, work: Path) -> None:
        """Let a user have an environment that is there, once its packages can be imported.

        Raises EnvError; then all is as it was.
        """
        reporter = Reporter(None)
        try:
            wish, _ = await self._with_repositories(Wish(spec, user, work), reporter)
            await check_health(self.envs / key, wish.spec, self.envs)
            digest = self._digest(wish.spec, self._interpreter(wish.spec), work)
            self.choices.use(user, digest, lock)  # and not what others with the same wish get
        except OSError as exc:
            raise os_failure(INSTALL, exc) from exc

    def plan(
        self, spec: EnvSpec, user: str | None = None, work: Path | None = None
    ) -> dict[str, Any]:
        """What `ensure` will do, found without a process or network. Raises EnvError."""
        interpreter = self._interpreter(spec)
        key = self.choices.key(self._digest(spec, interpreter, work), user)
        cached = key is not None and self.is_ready(key)
        return {
            "python": interpreter.version if interpreter else spec.python or "",
            "packages": list(spec.packages),
            "conda": list(spec.conda),
            "channels": list(self.channels_for(spec)) if interpreter is None else [],
            "repositories": [each.url for each in spec.repositories],
            "files": list(spec.files),
            "consent": [command.text for command in spec.commands],
            "cached": cached,
            "key": key if cached else None,
            "commands": [] if cached else _shown_commands(spec, interpreter),
            "notes": list(spec.notes),
        }

    async def choose(
        self, spec: EnvSpec, *, user: str | None = None, work: Path | None = None
    ) -> EnvLock:
        """The lock that `ensure` will use, chosen and remembered without making anything of it.

        Repositories are not copied for it, so their files are left out. Raises EnvError.
        """
        reporter = Reporter(None)
        interpreter = self._interpreter(spec)
        digest = self._digest(spec, interpreter, work)
        lock = self.choices.recall(digest, user)
        if lock is None:
            try:
                lock = await self._choose(Wish(spec, user, work), interpreter, (), reporter)
                if not spec.files and not spec.commands:
                    self.choices.remember(digest, lock)
            except OSError as exc:
                raise os_failure(INSTALL, exc) from exc
        return lock

    async def install(self, lock: EnvLock, reporter: Reporter) -> str:
        """Make the environment of a lock; gives "built", or "reused" when it is there already.

        Raises EnvError and OSError.
        """
        if self.is_ready(lock.key):
            return "reused"
        tools, place = self.tools(), self.locks / lock.key
        shared = SharedProgress(place)
        async with FolderLock(place, on_wait=lambda: shared.tell(reporter)) as held:
            if self.is_ready(lock.key):
                return "reused"
            reporter.also = shared.write
            try:
                await self._build(lock, tools, reporter, held.descriptor)
            finally:
                reporter.also = None
                shared.remove()
        return "built"

    async def rebuild(self, lock: EnvLock, reporter: Reporter) -> None:
        """Make the environment of a lock anew, though it is there. Raises EnvError and OSError."""
        async with FolderLock(self.locks / lock.key) as held:
            await self._build(lock, self.tools(), reporter, held.descriptor)

    def tools(self) -> Tools:
        """The programs that make environments, with their folders. Raises EnvError and OSError."""
        tools = Tools.find(self.home)
        for folder in (self.envs, self.locks, tools.cache):
            folder.mkdir(parents=True, exist_ok=True)
        return tools

    def channels_for(self, spec: EnvSpec) -> tuple[str, ...]:
        return all_channels(spec.channels, self.channels, Path.home())

    def is_ready(self, key: str) -> bool:
        """Whether the environment of this name is whole, as far as a glance can tell."""
        return (self.envs / key / PYTHON).exists() and self.facts(key).get("key") == key

    def facts(self, key: str) -> dict[str, Any]:
        """What is noted in an environment; empty when it is not there."""
        with suppress(OSError, ValueError, TypeError):
            return dict(json.loads((self.envs / key / READY).read_text("utf-8")))
        return {}

    def all(self) -> list[dict[str, Any]]:
        """The facts of each environment that is ready, newest first."""
        keys = [file.parent.name for file in self.envs.glob(f"*/{READY}")]
        found = [facts for key in keys if (facts := self.facts(key)).get("key") == key]
        return sorted(found, key=lambda facts: facts.get("created", 0), reverse=True)

    def sweep(self) -> int:
        """Remove what builds that were killed have left; returns the number of folders."""
        begun = [(path, path.name.split(".")[1]) for path in self.envs.glob(".*.tmp")]
        begun += [(path, path.name) for path in self.envs.glob("[!.]*") if self._is_begun(path)]
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

    async def _with_repositories(
        self, wish: Wish, reporter: Reporter
    ) -> tuple[Wish, tuple[str, ...]]:
        """The wish with what the files of its repositories add, and the commits they are at."""
        spec, work = wish.spec, wish.work
        if not spec.repositories and not spec.files:
            return wish, ()
        if work is None:
            raise env_error(
                "env.requirement",
                INSTALL,
                "It asks for a repository or a file, and there is no folder to put it into.",
                "Name a folder with --work.",
            )
        commits = await self.repositories.check_out(spec.repositories, work, reporter)
        return replace(wish, spec=spec.with_files(work, bool(self.channels))), tuple(
            commits.values()
        )

    def _interpreter(self, spec: EnvSpec) -> Interpreter | None:
        """The Python of this computer to use; None when it comes from conda. Raises EnvError."""
        if spec.conda:
            return None
        try:
            return find_interpreter(spec.python)
        except EnvError:
            if has_conda():
                return None
            raise

    def _digest(self, spec: EnvSpec, interpreter: Interpreter | None, work: Path | None) -> str:
        where = f"conda {' '.join(self.channels_for(spec))} {driver_version()}"
        if interpreter is not None:
            where = f"{interpreter.path} {interpreter.version}"
        return spec.digest(f"{where} {work}" if spec.commands else where)

    async def _choose(
        self,
        wish: Wish,
        interpreter: Interpreter | None,
        commits: tuple[str, ...],
        reporter: Reporter,
    ) -> EnvLock:
        tools, spec = self.tools(), wish.spec
        if interpreter is not None:
            interpreter = await exact_version(interpreter, self.envs)
        version = interpreter.version if interpreter else spec.python or ""
        reporter.report("resolve", f"Finding the packages for Python {version}".rstrip())
        try:
            lock = await resolve(spec, interpreter, tools, self.channels_for(spec))
        except EnvError as failure:
            if not spec.twins or failure.code not in ("env.network", "env.not_found"):
                raise
            spec = spec.without_conda()
            lock = await resolve(spec, find_interpreter(spec.python), tools)
        if not spec.commands:
            return lock
        work = str(wish.work or self.home)
        return replace(lock, commands=spec.commands, work=work, commits=commits)

    async def _build(self, lock: EnvLock, tools: Tools, reporter: Reporter, held: int) -> None:
        final = self.envs / lock.key
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
        return self.envs / f".{key}.{os.getpid()}.{secrets.token_hex(4)}.tmp"

    def _environment(self, key: str, state: str, began: float) -> Environment:
        if state == "reused":
            with suppress(OSError):
                os.utime(self.envs / key / READY)  # when it was used last
        variables = dict(self.facts(key).get("variables") or {})
        seconds = time.monotonic() - began
        return Environment(key, self.envs / key / PYTHON, state, seconds, variables)

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


def _shown_commands(spec: EnvSpec, interpreter: Interpreter | None) -> list[str]:
    shown = [f"git clone {each.url} {each.folder}" for each in spec.repositories]
    if interpreter is None:
        shown.append(
            "conda install " + " ".join([f"python {spec.python or ''}".strip(), *spec.conda])
        )
    else:
        shown.append(f"uv venv --python {interpreter.version}")
    if spec.packages:
        shown.append("uv pip install " + " ".join(spec.packages))
    return shown + [command.text for command in spec.commands]
