"""Lists folders and finds files by their names."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from imjoy.files.file_error import FileError
from imjoy.files.roots import Roots

ENTRIES = 100_000
FOUND = 1000
FIND_SECONDS = 5.0


def list_folder(roots: Roots, folder: Path) -> dict[str, Any]:
    """`{path, parent, entries, more}`; folders first, then by name. Raises FileError."""
    entries: list[dict[str, Any]] = []
    more = False
    try:
        with os.scandir(folder) as found:
            for entry in found:
                if len(entries) == ENTRIES:
                    more = True
                    break
                facts = describe(roots, Path(entry.path))
                if facts is not None:
                    entries.append(facts)
    except OSError as error:
        raise FileError.of(f"Listing {folder}", error) from None
    entries.sort(key=lambda facts: (facts["type"] != "folder", facts["name"].casefold()))
    parent = None if roots.root_of(folder) == folder else str(folder.parent)
    return {"path": str(folder), "parent": parent, "entries": entries, "more": more}


def find_files(roots: Roots, folder: Path, text: str) -> dict[str, Any]:
    """What has the text in its name, below a folder: at most a thousand, within seconds."""
    entries: list[dict[str, Any]] = []
    wanted, more, end = text.casefold(), False, time.monotonic() + FIND_SECONDS
    for path in _below(roots, folder):
        if len(entries) == FOUND or time.monotonic() > end:
            more = True
            break
        if wanted in path.name.casefold():
            facts = describe(roots, path)
            if facts is not None:
                entries.append({**facts, "name": path.relative_to(folder).as_posix()})
    return {"path": str(folder), "parent": None, "entries": entries, "more": more}


def describe(roots: Roots, path: Path) -> dict[str, Any] | None:
    """`{name, path, type, size, modified}`; None for what is not open, broken or no file."""
    if path.name.startswith("."):
        return None
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            real = path.resolve(True)
            roots.check(real, str(path))
            status = real.stat()
        elif stat.S_ISDIR(status.st_mode):
            roots.check(path, str(path))
    except (OSError, RuntimeError, FileError):
        return None
    folder = stat.S_ISDIR(status.st_mode)
    if not folder and not stat.S_ISREG(status.st_mode):
        return None
    return {
        "name": path.name,
        "path": str(path),
        "type": "folder" if folder else "file",
        "size": 0 if folder else status.st_size,
        "modified": int(status.st_mtime * 1000),
    }


def _below(roots: Roots, folder: Path) -> Iterator[Path]:
    for around, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if describe(roots, Path(around, name)))
        for name in [*folders, *sorted(files)]:
            yield Path(around) / name
