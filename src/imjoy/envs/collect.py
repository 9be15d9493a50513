"""Removes environments that nothing uses any more, and says what that gives back."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from imjoy.envs.failures import env_error
from imjoy.envs.folder_lock import FolderLock
from imjoy.envs.layout import READY
from imjoy.envs.sizes import freed_by, stats_of
from imjoy.envs.store import EnvStore

STEP = "Removing environments"
DAY = 86400.0
DAYS = 30.0
TRASH = ".trash-"


@dataclass
class Collected:
    """What was removed, or would be: names of environments, packages stored, and the bytes."""

    environments: list[str] = field(default_factory=list)
    packages: list[str] = field(default_factory=list)
    in_use: list[str] = field(default_factory=list)
    freed: int = 0

    def facts(self) -> dict[str, Any]:
        return {
            "environments": self.environments,
            "packages": self.packages,
            "in_use": self.in_use,
            "freed": self.freed,
        }


def collect(
    store: EnvStore, days: float = DAYS, previous: bool = False, dry_run: bool = False
) -> Collected:
    """Remove what nothing has used for some days, then what is stored for no environment.

    `previous`: also those that are kept only to go back to. Looks at every file: run it in a
    thread. Raises OSError.
    """
    before = time.time() - days * DAY
    result = Collected()
    for folder in store.envs.path.glob(f"{TRASH}*") if not dry_run else ():
        shutil.rmtree(folder, ignore_errors=True)
    if not dry_run:
        store.envs.sweep()
    running = running_environments(store.envs.path)
    unused = _unused(store, before, previous)
    result.in_use = [key for key in unused if key in running]
    result.environments = [key for key in unused if key not in running]
    folders = [store.envs.path / key for key in result.environments]
    stored = _stored(store.home, before, folders)
    result.packages = sorted(map(_package_in, stored))
    result.freed = freed_by([*folders, *stored])
    if not dry_run:
        for key in result.environments:
            _remove(store, key)
        for path in stored:
            _to_trash(path)
    return result


def remove(store: EnvStore, key: str) -> int:
    """Remove one environment; gives the bytes that come free. Raises EnvError (`env.in_use`)."""
    if key in running_environments(store.envs.path):
        raise env_error(
            "env.in_use",
            STEP,
            f"A program runs in the environment {key}.",
            "Stop the plugin that uses it, then remove it.",
        )
    freed = freed_by([store.envs.path / key])
    _remove(store, key)
    store.choices.forget_key(key)
    return freed


def running_environments(envs: Path) -> set[str]:
    """The environments that programs run in now."""
    found = set()
    inside = f"{envs}{os.sep}"
    for process in psutil.process_iter(["exe", "cmdline"]):
        for word in (process.info["exe"] or "", *(process.info["cmdline"] or ())[:2]):
            if word.startswith(inside):
                found.add(word[len(inside) :].split(os.sep)[0])
    return found


def _unused(store: EnvStore, before: float, previous: bool) -> list[str]:
    used: set[str] = set()
    for choice in store.choices.all():
        used.update(choice.keys[:1] if previous else choice.keys)
    found = []
    for file in store.envs.path.glob(f"*/{READY}"):
        key = file.parent.name
        if key not in used and file.stat().st_mtime <= before:
            found.append(key)
    return sorted(found)


def _stored(home: Path, before: float, removed: list[Path]) -> list[Path]:
    """Unpacked packages that no environment has, those to be removed left aside."""
    going: dict[int, int] = {}
    for folder in removed:
        for stat in stats_of(folder):
            going[stat.st_ino] = going.get(stat.st_ino, 0) + 1
    found = []
    for pattern in ("uv/archive-v*/*", "pkgs/*"):
        for path in (home / "cache").glob(pattern):
            is_old = path.is_dir() and path.stat().st_mtime <= before
            if is_old and all(
                stat.st_nlink - going.get(stat.st_ino, 0) <= 1 for stat in stats_of(path)
            ):
                found.append(path)
    return found


def _package_in(stored: Path) -> str:
    """The package of an unpacked archive, such as six-1.17.0; the folders of uv have names of their own."""
    metadata = next(stored.glob("*.dist-info"), None)
    return metadata.name.removesuffix(".dist-info") if metadata else stored.name


def _remove(store: EnvStore, key: str) -> None:
    lock = FolderLock(store.locks / key)
    if lock.try_acquire():  # else someone makes it anew just now
        try:
            if (store.envs.path / key).is_dir():
                _to_trash(store.envs.path / key)
        finally:
            lock.release()


def _to_trash(folder: Path) -> None:
    """Take it away at once, so that a half removed folder is never found under its name."""
    aside = folder.with_name(f"{TRASH}{folder.name}.{secrets.token_hex(4)}")
    os.rename(folder, aside)
    shutil.rmtree(aside, ignore_errors=True)
