"""Writes a complete, checksummed copy of the web app, which is there whole or not at all."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from imjoy.server.app_files import COPY_NAME, LIST_NAME, DamagedCopy, files_below, read_list

_CHUNK = 1 << 20
_TEMPORARY = f".{COPY_NAME}."
_STALE_SECONDS = 3600
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2

Progress = Callable[[int, int, int, int], None]  # files done, files, bytes done, bytes


class CopyError(Exception):
    """The copy could not be written; the text says why and what to do."""


def write_copy(app: Path, current: Path, on_progress: Progress) -> Path:
    """Copy the app into `current/__ImJoy__` and return that folder.

    Raises CopyError. Killed at any moment, it leaves the old copy or the new one.
    """
    target = current / COPY_NAME
    if target.is_symlink() or (target.exists() and not (target / LIST_NAME).is_file()):
        raise CopyError(
            f"{target} is in the way: it was not written by ImJoy. Rename it and try again."
        )
    _remove_leftovers(current)
    temporary = current / f"{_TEMPORARY}{secrets.token_hex(6)}"
    try:
        temporary.mkdir(mode=0o755)
        _fill(app, temporary, on_progress)
        _put_in_place(temporary, target)
    except DamagedCopy as damage:
        raise CopyError(f"The installed web app is damaged: {damage} Install it again.") from None
    except OSError as error:
        raise CopyError(
            f"The copy could not be written to {target}: {error.strerror or error}. "
            "Free some space or choose a folder that you can write to, and try again."
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return target


def _fill(app: Path, folder: Path, on_progress: Progress) -> None:
    names = [
        name for name in files_below(app) if name != LIST_NAME and not (app / name).is_symlink()
    ]
    expected = read_list(app) if (app / LIST_NAME).is_file() else {}
    total = sum((app / name).stat().st_size for name in names)
    listed, done = {}, 0
    for index, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        start = done

        def on_bytes(size: int, index: int = index, start: int = start) -> None:
            on_progress(index, len(names), start + size, total)

        listed[name] = _copy_file(app / name, folder / name, on_bytes)
        if name in expected and expected[name] != listed[name]:
            raise DamagedCopy(f"the file {name} is damaged.")
        done += listed[name]["size"]
    missing = sorted(set(expected) - set(listed))
    if missing:
        raise DamagedCopy(f"the file {missing[0]} is missing.")
    _write_synced(folder / LIST_NAME, json.dumps(listed, indent=1, sort_keys=True).encode())
    on_progress(len(names), len(names), done, total)


def _copy_file(source: Path, target: Path, on_bytes: Callable[[int], None]) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as reader, target.open("xb") as writer:
        while chunk := reader.read(_CHUNK):
            writer.write(chunk)
            digest.update(chunk)
            size += len(chunk)
            on_bytes(size)
        writer.flush()
        os.fsync(writer.fileno())
    return {"sha256": digest.hexdigest(), "size": size}


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _put_in_place(new: Path, target: Path) -> None:
    """Afterwards `target` is the new folder; an older one is left at `new` for removal."""
    if not target.exists():
        os.rename(new, target)
    elif not _exchange(new, target):
        old = target.with_name(f"{_TEMPORARY}old-{secrets.token_hex(6)}")
        os.rename(target, old)
        os.rename(new, target)
        shutil.rmtree(old, ignore_errors=True)
    if os.name == "posix":
        descriptor = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step, where the system can."""
    if sys.platform != "linux":
        return False
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    names = os.fsencode(one), os.fsencode(other)
    return bool(rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0)


def _remove_leftovers(current: Path) -> None:
    """Take away what a killed run left; a young folder may belong to a run that is under way."""
    for path in current.glob(f"{_TEMPORARY}*"):
        if time.time() - path.lstat().st_mtime > _STALE_SECONDS and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
