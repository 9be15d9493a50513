"""Makes one environment in a temporary folder, reporting bytes and packages as they come."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imjoy.envs.activation import activation_variables
from imjoy.envs.children import run_on_screen, run_quietly
from imjoy.envs.failures import INSTALL, env_error, not_stored
from imjoy.envs.indexes import with_indexes
from imjoy.envs.lock import EnvLock
from imjoy.envs.progress import DownloadMeter, Reporter
from imjoy.envs.resolve import Tools
from imjoy.envs.run_commands import run_commands
from imjoy.envs.screen import AllDownloaded, Downloaded, Event, Linked, Screen
from imjoy.envs.uv_failures import broken_file, may_be_elsewhere, uv_failure
from imjoy.errors import EnvError

READY = "READY.json"
PYTHON = Path("bin") / "python"
MIB = 1024 * 1024
UNPACKED = 3.5  # an installed package takes about this many times the room of its file
PREFIX_LIMIT = 255  # conda packages have room for a path of this length in their programs
CONDA = "conda:"


@dataclass(frozen=True)
class Place:
    """Where an environment is made, where it will be, and what its children hold open."""

    folder: Path
    final: Path
    keep: tuple[int, ...] = ()


async def build(lock: EnvLock, tools: Tools, place: Place, reporter: Reporter) -> None:
    """Fill `place.folder` with the environment of `lock`. The caller removes it when this fails.

    Raises EnvError and OSError.
    """
    work = _Build(lock, tools, place, reporter)
    check_folder(place.folder.parent)
    check_disk(work.meter.total, place.folder.parent)
    reporter.report("install", f"Making an environment with Python {lock.python}")
    try:
        await work.install_all()
    except EnvError as failure:
        if failure.code != "env.network":
            raise
        names = lock.sizes_to_fetch(tools.cache, tools.conda)
        raise not_stored(failure, [name.removeprefix(CONDA) for name in names]) from failure
    await run_commands(lock.commands, tools, place.folder, Path(lock.work or "."), reporter)
    _point_scripts_to(place.folder, place.final)
    facts = {
        "key": lock.key,
        "python": lock.python,
        "packages": packages_of(lock),
        "created": time.time(),
        "variables": await activation_variables(place.folder, place.final),
        "lock": lock.facts(),
    }
    (place.folder / READY).write_text(json.dumps(facts, indent=1))


def packages_of(lock: EnvLock) -> list[list[str]]:
    """Name, version and "pip" or "conda" for each package."""
    conda = [[package.name, package.version, "conda"] for package in lock.conda.packages]
    return sorted([[p.name, p.version, "pip"] for p in lock.packages] + conda)


def check_folder(folder: Path) -> None:
    """Raise EnvError (`env.folder`) when programs must not be run from this folder's disk."""
    if os.statvfs(folder).f_flag & getattr(os, "ST_NOEXEC", 0):
        raise env_error(
            "env.folder",
            INSTALL,
            "Programs cannot be run from the disk that the environments are on (noexec).",
            "Choose a folder on another disk with --home.",
        )


def check_disk(download: int, folder: Path) -> None:
    """Raise EnvError (`env.disk`) when packages of so many bytes will not fit when unpacked."""
    needed, free = int(download * UNPACKED), shutil.disk_usage(folder).free
    if needed > free:
        raise env_error(
            "env.disk",
            INSTALL,
            f"The packages need about {needed // MIB} MiB, and {free // MIB} MiB are free.",
            "Free some space, then start the plugin again.",
        )


def _point_scripts_to(folder: Path, final: Path) -> None:
    """Write the later place into the first line of scripts that name the temporary one."""
    old, new = str(folder).encode(), str(final).encode()
    for file in (folder / "bin").iterdir():
        if file.is_symlink() or not file.is_file():
            continue
        with file.open("rb") as opened:
            start = opened.read(2)
        if start == b"#!" and old in (content := file.read_bytes()):
            mode = file.stat().st_mode
            file.unlink()  # it may be linked to the file of another environment
            file.write_bytes(content.replace(old, new))
            file.chmod(mode)


class _Build:
    def __init__(self, lock: EnvLock, tools: Tools, place: Place, reporter: Reporter) -> None:
        self.lock, self.tools, self.place, self.reporter = lock, tools, place, reporter
        self.meter = DownloadMeter(lock.sizes_to_fetch(tools.cache, tools.conda))
        self.installed = 0

    async def install_all(self) -> None:
        if self.lock.conda.packages:
            await self.install_conda()
        else:
            await self.make_venv()
        if self.lock.packages:
            await self.install_pip()

    async def make_venv(self) -> None:
        command = [str(self.tools.uv), "venv", "-q", "--relocatable", "--no-project"]
        command += ["--prompt", "imjoy", "--python", self.lock.interpreter, str(self.place.folder)]
        env = self.tools.environment(retries=1)
        code, _, errors = await run_quietly(command, env, self.tools.folder)
        if code:
            raise uv_failure("Making the environment", errors, self.lock.python, code)

    async def install_conda(self) -> None:
        final = self.place.final
        if len(str(final)) > PREFIX_LIMIT:
            raise env_error(
                "env.folder",
                INSTALL,
                f"The path of the environments is too long for conda packages ({len(str(final))} "
                f"characters; they have room for {PREFIX_LIMIT}).",
                "Choose a folder with a shorter path with --home.",
            )
        place, conda = self.place, self.tools.conda
        await conda.install(self.lock.conda, place.folder, final, self.on_conda, place.keep)
        conda_lock = self.lock.conda
        (place.folder / conda_lock.file_name).write_text(conda_lock.text)

    def on_conda(self, event: list[Any]) -> None:
        if event[0] == "download":
            _, name, done, total = event
            self.meter.update(CONDA + name, done / total if total else 0.0, total)
            self.say_download(name)
        elif event[0] == "linked":
            self.meter.finish(CONDA)
            self.installed += 1
            self.say_installed(event[1])

    async def install_pip(self) -> None:
        """Install the files of the lock; from where the index has them now if they have moved."""
        folder = self.place.folder
        (folder / "pylock.toml").write_text(self.lock.text)
        exact = folder / "pylock.exact.toml"
        exact.write_text(with_indexes(self.lock.text, self.tools.environment(retries=3)))
        code, output = await self.install(["-r", str(exact)])
        exact.unlink()
        if code > 0 and may_be_elsewhere(output):
            code, output = await self.install_from_index()
        if code:
            raise uv_failure(INSTALL, output, self.lock.python, code)

    async def install_from_index(self) -> tuple[int, str]:
        """Install what has checksums, then what is pinned by a git commit."""
        code, output = 0, ""
        for name, hashed in (("requirements.lock", True), ("requirements-git.lock", False)):
            text = self.lock.requirements(hashed)
            if text and not code:
                path = self.place.folder / name
                path.write_text(text)
                options = ["--no-deps", *(["--require-hashes"] if hashed else [])]
                code, output = await self.install([*options, "-r", str(path)])
                path.unlink()
        return code, output

    async def install(self, options: Sequence[str]) -> tuple[int, str]:
        command = [str(self.tools.uv), "pip", "install", *options]
        command += ["--break-system-packages"] if self.lock.conda.packages else []
        command += ["-p", str(self.place.folder / PYTHON)]
        self.say_download("")
        before = self.installed
        code, output = await self.attempt(command)
        if code and (broken := broken_file(output)):  # once more, with the file fetched anew
            await self.tools.forget([broken])
            code, output = await self.attempt(command)
        if code:
            self.installed = before
        return code, output

    async def attempt(self, command: list[str]) -> tuple[int, str]:
        screen, before = Screen(), self.installed

        def on_output(data: str) -> None:
            for event in screen.feed(data):
                self.show(event, before)

        env = self.tools.environment(retries=3)
        code = await run_on_screen(command, env, self.tools.folder, on_output, self.place.keep)
        return code, screen.message()

    def show(self, event: Event, before: int) -> None:
        if isinstance(event, Downloaded):
            self.meter.update(event.name, event.fraction, event.size)
            self.say_download(event.name)
        elif isinstance(event, Linked):
            self.installed = before + event.done
            self.say_installed(event.name)
        elif isinstance(event, AllDownloaded):
            self.meter.finish()
            self.say_download("")

    def say_installed(self, name: str) -> None:
        total = self.lock.count
        done = min(self.installed, total)
        self.reporter.report("install", f"Installing {name}", done, total, "packages")

    def say_download(self, name: str) -> None:
        if self.meter.total:
            message = f"Downloading {name}" if name else "Downloading packages"
            self.reporter.report("download", message, self.meter.done, self.meter.total, "bytes")
