"""Chooses and installs conda packages through a child process that can be killed at any moment."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from imjoy.envs.children import run_by_lines
from imjoy.envs.conda_failures import conda_failure, no_conda
from imjoy.envs.failures import INSTALL, RESOLVE, crashed, env_error
from imjoy.errors import EnvError

# As a file of its own: importing it from this package would import all of that, at each job.
RUN_JOB = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__')"
JOB = Path(__file__).with_name("conda_job.py")
CLI_JOB = Path(__file__).with_name("conda_cli_job.py")
# Programs of the user that can do the same, best first.
PROGRAMS = ("micromamba", "mamba", "conda")
PIXI, PACKAGES = "pixi.lock", "conda-packages.txt"
DROPPED = ("CONDA_PREFIX", "IMJOY_TOKEN", "VIRTUAL_ENV")
OnEvent = Callable[[list[Any]], None]


@dataclass(frozen=True)
class LockedCondaPackage:
    """One conda package of a lock; `size` is the size of its file in bytes."""

    name: str
    version: str
    build: str
    sha256: str
    size: int
    url: str
    file: str

    @property
    def identity(self) -> list[str]:
        """What tells this package from all others."""
        return [self.name, self.version, self.build, self.sha256]


@dataclass(frozen=True)
class CondaLock:
    """The conda packages of an environment, and the text of the lock that holds them.

    It is a pixi.lock, or a list of exact packages when the user's own conda has chosen them.
    """

    packages: tuple[LockedCondaPackage, ...] = ()
    text: str = ""

    @property
    def file_name(self) -> str:
        """The name of the file for its text."""
        return PIXI if self.text.startswith("version:") else PACKAGES

    @property
    def python(self) -> str:
        """The version of the Python among the packages."""
        return next((each.version for each in self.packages if each.name == "python"), "")


def has_library() -> bool:
    """Whether the part of the engine that installs conda packages is there."""
    return find_spec("rattler") is not None


def find_program() -> str | None:
    """The conda, mamba or micromamba of the user."""
    named = (os.environ.get("MAMBA_EXE"), os.environ.get("CONDA_EXE"), *PROGRAMS)
    return next((found for name in named if name and (found := shutil.which(name))), None)


def has_conda() -> bool:
    """Whether conda packages can be installed."""
    return has_library() or find_program() is not None


class CondaTool:
    """Conda packages below `home/cache`: `pkgs` to link from, `repodata` what channels offer."""

    def __init__(self, home: Path) -> None:
        self.packages = home / "cache" / "pkgs"
        self.repodata = home / "cache" / "repodata"
        self.folder = home

    async def solve(
        self, specs: Sequence[str], channels: Sequence[str], offline: bool = False
    ) -> CondaLock:
        """Choose packages; without a network from what was fetched before. Raises EnvError."""
        job = {
            "do": "solve",
            "specs": list(specs),
            "channels": list(channels),
            "repodata": str(self.repodata),
            "offline": offline,
        }
        try:
            return _lock_of(await self._run(job, RESOLVE, channels))
        except EnvError as failure:
            if failure.code == "env.machine":
                raise await self._with_machine(failure) from None
            if offline or failure.code != "env.network":
                raise
            try:
                return await self.solve(specs, channels, offline=True)
            except EnvError:
                raise failure from None

    async def read(self, text: str) -> CondaLock:
        """Read the text of a CondaLock. Raises EnvError."""
        return _lock_of(await self._run({"do": "read", "lock": text}, RESOLVE, ()))

    async def machine(self) -> dict[str, str]:
        """What this computer offers to packages: `__cuda` 12.4, `__glibc` 2.36 and the like."""
        events = await self._run({"do": "machine"}, RESOLVE, ())
        return dict(events[-1][1])

    async def _with_machine(self, failure: EnvError) -> EnvError:
        """The failure with what this computer offers."""
        offers = " ".join(f"{name} {version}" for name, version in (await self.machine()).items())
        detail = str((failure.data or {}).get("detail") or "")
        cause = f"{failure.cause} It offers {offers}."
        return env_error(failure.code, failure.step, cause, failure.remedy, detail)

    async def install(
        self,
        lock: CondaLock,
        folder: Path,
        final: Path,
        on_event: OnEvent,
        keep: Sequence[int] = (),
    ) -> None:
        """Install a lock into `folder`, which will be renamed to `final`. Raises EnvError."""
        job = {
            "do": "install",
            "lock": lock.text,
            "folder": str(folder),
            "final": str(final),
            "packages": str(self.packages),
        }
        await self._run(job, INSTALL, (), on_event, keep)

    def is_cached(self, package: LockedCondaPackage) -> bool:
        """Whether a package needs no download any more."""
        if not package.sha256:  # of a program, which says the size only of what it has to fetch
            return package.size == 0
        stem = package.file.removesuffix(".conda").removesuffix(".tar.bz2")
        return (self.packages / stem).is_dir()

    async def _run(
        self,
        job: dict[str, Any],
        step: str,
        channels: Sequence[str],
        on_event: OnEvent | None = None,
        keep: Sequence[int] = (),
    ) -> list[list[Any]]:
        lock = str(job.get("lock") or "")
        listed = bool(lock) and CondaLock((), lock).file_name == PACKAGES
        file = JOB if has_library() and not listed else CLI_JOB
        program = find_program() if file is CLI_JOB else None
        if file is CLI_JOB and (program is None or (lock and not listed)):
            raise no_conda(step)
        events: list[list[Any]] = []

        def on_line(line: str) -> None:
            event = json.loads(line)
            if event[0] in ("solved", "failed", "machine"):
                events.append(event)
            elif on_event is not None:
                on_event(event)

        command = [sys.executable, "-c", RUN_JOB, str(file)]
        env, text = _environment(), json.dumps({**job, "program": program})
        code, errors = await run_by_lines(command, env, self.folder, text, on_line, keep)
        if events and events[-1][0] == "failed":
            raise conda_failure(step, str(events[-1][1]), str(events[-1][2]), channels)
        if code:
            raise crashed(step, "conda", code, errors)
        return events


def _environment() -> dict[str, str]:
    env = {
        key: value
        for key, value in os.environ.items()
        if key not in DROPPED and not key.startswith("PYTHON")
    }
    env["PYTHONSAFEPATH"] = "1"
    return env


def _lock_of(events: list[list[Any]]) -> CondaLock:
    _, packages, text = events[-1]
    return CondaLock(read_conda_packages(packages), text)


def read_conda_packages(facts: list[dict[str, Any]]) -> tuple[LockedCondaPackage, ...]:
    """Packages from their facts as JSON. Raises TypeError when they are not of this form."""
    return tuple(LockedCondaPackage(**each) for each in sorted(facts, key=lambda one: one["name"]))
