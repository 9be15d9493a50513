"""Chooses the exact packages for what is wanted, by what this computer has."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from imjoy.envs.channels import all_channels
from imjoy.envs.conda import has_conda
from imjoy.envs.failures import INSTALL, env_error, without_secrets
from imjoy.envs.git_settings import FindCopy
from imjoy.envs.gpu import driver_version
from imjoy.envs.interpreters import Interpreter, exact_version, find_interpreter, other_versions
from imjoy.envs.lock import EnvLock
from imjoy.envs.progress import Reporter
from imjoy.envs.repositories import RepositoryStore
from imjoy.envs.resolve import Tools, resolve
from imjoy.envs.spec import EnvSpec
from imjoy.errors import EnvError

NO_CHANNEL = "No conda channel could be reached: the conda packages are taken from PyPI."


@dataclass(frozen=True)
class Wish:
    """What is wanted: a spec, by which user, for which folder, with which commands agreed to."""

    spec: EnvSpec
    user: str | None = None
    work: Path | None = None
    agreed: Collection[str] = ()


class Chooser:
    """From a wish to a lock, for environments below `home`; `channels` are those of the user."""

    def __init__(
        self, home: Path, channels: tuple[str, ...], find_copy: FindCopy | None = None
    ) -> None:
        self.home, self.channels = home, channels
        self.repositories = RepositoryStore(home, find_copy)

    async def with_repositories(
        self, wish: Wish, reporter: Reporter
    ) -> tuple[Wish, tuple[str, ...]]:
        """The wish with what the files of its repositories add, and the commits they are at.

        Raises EnvError.
        """
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

    def interpreter(self, spec: EnvSpec) -> Interpreter | None:
        """The Python of this computer to use; None when it comes from conda. Raises EnvError."""
        if spec.conda:
            return None
        try:
            return find_interpreter(spec.python)
        except EnvError:
            if has_conda():
                return None
            raise

    def digest(self, spec: EnvSpec, interpreter: Interpreter | None, work: Path | None) -> str:
        """A name for what is wanted on this computer, with this Python and these channels."""
        where = f"conda {' '.join(self.channels_for(spec))} {driver_version()}"
        if interpreter is not None:
            where = f"{interpreter.path} {interpreter.version}"
        return spec.digest(f"{where} {work}" if spec.commands else where)

    async def choose(
        self,
        wish: Wish,
        interpreter: Interpreter | None,
        commits: tuple[str, ...],
        tools: Tools,
        reporter: Reporter,
    ) -> EnvLock:
        """The exact packages for a wish. Raises EnvError and OSError."""
        spec = wish.spec
        if interpreter is not None:
            interpreter = await exact_version(interpreter, tools.folder)
        version = interpreter.version if interpreter else spec.python or ""
        reporter.report("resolve", f"Finding the packages for Python {version}".rstrip())
        try:
            lock = await resolve(spec, interpreter, tools, self.channels_for(spec))
        except EnvError as failure:
            lock = await self._choose_otherwise(spec, failure, tools)
        if not spec.commands:
            return lock
        work = str(wish.work or self.home)
        return replace(lock, commands=spec.commands, work=work, commits=commits)

    async def _choose_otherwise(self, spec: EnvSpec, failure: EnvError, tools: Tools) -> EnvLock:
        """Another way to the same packages, of which the lock tells. Raises EnvError."""
        if spec.twins and failure.code in ("env.network", "env.not_found", "env.python"):
            spec = spec.without_conda()
            lock = await resolve(spec, find_interpreter(spec.python), tools)
            return replace(lock, notes=(NO_CHANNEL, *lock.notes))
        if spec.python is not None or failure.code != "env.no_wheel":
            raise failure
        for version in other_versions():
            with suppress(EnvError):
                lock = await self._resolve_with(version, spec, tools)
                note = f"{failure.cause} It gets Python {lock.python}."
                return replace(lock, notes=(note, *lock.notes))
        raise failure

    async def _resolve_with(self, version: str, spec: EnvSpec, tools: Tools) -> EnvLock:
        spec = replace(spec, python=version)
        interpreter = self.interpreter(spec)
        if interpreter is not None:
            interpreter = await exact_version(interpreter, tools.folder)
        return await resolve(spec, interpreter, tools, self.channels_for(spec))

    def channels_for(self, spec: EnvSpec) -> tuple[str, ...]:
        """The conda channels to look in, best first."""
        return all_channels(spec.channels, self.channels, Path.home())


def shown_commands(spec: EnvSpec, interpreter: Interpreter | None) -> list[str]:
    """What will be run, as a person would write it."""
    shown = [f"git clone {without_secrets(r.url)} {r.folder}" for r in spec.repositories]
    if interpreter is None:
        shown.append(
            "conda install " + " ".join([f"python {spec.python or ''}".strip(), *spec.conda])
        )
    else:
        shown.append(f"uv venv --python {interpreter.version}")
    if spec.packages:
        shown.append("uv pip install " + without_secrets(" ".join(spec.packages)))
    return shown + [command.text for command in spec.commands]
