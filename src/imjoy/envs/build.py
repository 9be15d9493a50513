"""Makes one environment in a temporary folder, reporting bytes and packages as they come."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import time
from pathlib import Path

from imjoy.envs.activation import activation_variables
from imjoy.envs.children import run_quietly
from imjoy.envs.contents import note_files, packages_folder
from imjoy.envs.failures import INSTALL, env_error, not_stored
from imjoy.envs.install_progress import InstallProgress
from imjoy.envs.layout import READY, Place
from imjoy.envs.lock import CONDA, EnvLock
from imjoy.envs.pip_install import PipInstall
from imjoy.envs.progress import Reporter
from imjoy.envs.resolve import Tools
from imjoy.envs.run_commands import run_commands
from imjoy.envs.uv_failures import uv_failure
from imjoy.errors import EnvError

MIB = 1024 * 1024
UNPACKED = 3.5  # an installed package takes about this many times the room of its file
PREFIX_LIMIT = 255  # conda packages have room for a path of this length in their programs


async def build(lock: EnvLock, tools: Tools, place: Place, reporter: Reporter) -> None:
    """Fill `place.folder` with the environment of `lock`. The caller removes it when this fails.

    Raises EnvError and OSError.
    """
    progress = InstallProgress(lock, tools, reporter)
    check_folder(place.folder.parent)
    check_disk(progress.meter.total, place.folder.parent)
    reporter.report("install", f"Making an environment with Python {lock.python}")
    try:
        await _install(lock, tools, place, progress)
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
        "site_packages": packages_folder(place.folder),
        "lock": lock.facts(),
    }
    await asyncio.to_thread(note_files, place.folder)
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


async def _install(lock: EnvLock, tools: Tools, place: Place, progress: InstallProgress) -> None:
    if lock.conda.packages:
        await _install_conda(lock, tools, place, progress)
    else:
        await _make_venv(lock, tools, place)
    if lock.packages:
        await PipInstall(lock, tools, place, progress).run()


async def _make_venv(lock: EnvLock, tools: Tools, place: Place) -> None:
    command = [str(tools.uv), "venv", "-q", "--relocatable", "--no-project"]
    command += ["--prompt", "imjoy", "--python", lock.interpreter, str(place.folder)]
    env = tools.environment(retries=1)
    code, _, errors = await run_quietly(command, env, tools.folder)
    if code:
        raise uv_failure("Making the environment", errors, lock.python, code)


async def _install_conda(
    lock: EnvLock, tools: Tools, place: Place, progress: InstallProgress
) -> None:
    final = place.final
    if len(str(final)) > PREFIX_LIMIT:
        raise env_error(
            "env.folder",
            INSTALL,
            f"The path of the environments is too long for conda packages ({len(str(final))} "
            f"characters; they have room for {PREFIX_LIMIT}).",
            "Choose a folder with a shorter path with --home.",
        )
    conda = tools.conda
    await conda.install(lock.conda, place.folder, final, progress.on_conda, place.keep)
    conda_lock = lock.conda
    (place.folder / conda_lock.file_name).write_text(conda_lock.text)
