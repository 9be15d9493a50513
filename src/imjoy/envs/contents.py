"""Notes the files of a new environment, so that later it is seen what came, went or was changed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imjoy.envs.layout import READY

FILES = "FILES.json"
OURS = (READY, FILES)
# Python writes its compiled modules there while plugins run.
COMPILED = "__pycache__"


@dataclass
class Difference:
    """Paths below an environment that differ from what was noted, each sorted."""

    added: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.missing or self.changed)


def note_files(environment: Path) -> None:
    """Note size and time of each file. Raises OSError."""
    noted = dict(_files(environment))
    (environment / FILES).write_text(json.dumps(noted, separators=(",", ":")), "utf-8")


def difference(environment: Path) -> Difference:
    """What differs from the files that were noted; nothing when none were.

    Looks at every file without reading it (about 5 us each): run it in a thread.
    """
    try:
        noted = dict(json.loads((environment / FILES).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return Difference()
    found = dict(_files(environment))
    return Difference(
        added=sorted(found.keys() - noted.keys()),
        missing=sorted(noted.keys() - found.keys()),
        changed=sorted(path for path in found.keys() & noted.keys() if found[path] != noted[path]),
    )


def packages_folder(environment: Path) -> dict[str, Any]:
    """The folder of packages and what is in it, for `has_packages`."""
    for folder in environment.glob("lib/python*/site-packages"):
        names = sorted(name for name in os.listdir(folder) if name != COMPILED)
        return {"folder": str(folder.relative_to(environment)), "names": names}
    return {}


def has_packages(environment: Path, noted: Any) -> bool:
    """Whether all is still there that `packages_folder` found; a glance of less than 0.1 ms."""
    if not isinstance(noted, dict) or "folder" not in noted:
        return True  # it was made before this was noted
    try:
        there = set(os.listdir(environment / str(noted["folder"])))
    except OSError:
        return False
    return there.issuperset(noted.get("names", ()))


def _files(environment: Path) -> Iterator[tuple[str, list[int]]]:
    """Path, and size in bytes with the time of the last change in ns, of each file and link."""
    folders = [(str(environment), "")]
    while folders:
        folder, inside = folders.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                path = inside + entry.name
                if entry.is_dir(follow_symlinks=False):
                    if entry.name != COMPILED:
                        folders.append((entry.path, f"{path}/"))
                elif path not in OURS:
                    stat = entry.stat(follow_symlinks=False)
                    yield path, [stat.st_size, stat.st_mtime_ns]
