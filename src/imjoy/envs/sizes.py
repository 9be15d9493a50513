"""Measures what environments take on the disk, counting linked files once."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

Inode = tuple[int, int]


class Size(NamedTuple):
    """Bytes of all files of an environment, and of those that no other environment has.

    What it has together with others counts in `share` in equal parts: all shares are what all take.
    """

    total: int
    own: int
    share: int


def stats_of(folder: Path) -> Iterator[os.stat_result]:
    """The facts of each file below a folder; what vanishes meanwhile is left out."""
    todo = [str(folder)]
    while todo:
        try:
            entries = list(os.scandir(todo.pop()))
        except OSError:
            continue
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    todo.append(entry.path)
                else:
                    yield entry.stat(follow_symlinks=False)
            except OSError:
                continue


def sizes_of(folders: Mapping[str, Path]) -> dict[str, Size]:
    """The sizes of environments by their names. Looks at every file: run it in a thread."""
    owners: Counter[Inode] = Counter()
    files: dict[str, dict[Inode, int]] = {}
    for name, folder in folders.items():
        inodes = {(stat.st_dev, stat.st_ino): stat.st_size for stat in stats_of(folder)}
        files[name] = inodes
        owners.update(inodes.keys())
    return {
        name: Size(
            sum(inodes.values()),
            sum(size for inode, size in inodes.items() if owners[inode] == 1),
            round(sum(size / owners[inode] for inode, size in inodes.items())),
        )
        for name, inodes in files.items()
    }


def freed_by(folders: Iterable[Path]) -> int:
    """The bytes that removing these folders gives back: of files that nothing else links to."""
    links: dict[Inode, list[int]] = {}
    for folder in folders:
        for stat in stats_of(folder):
            seen = links.setdefault((stat.st_dev, stat.st_ino), [0, stat.st_nlink, stat.st_size])
            seen[0] += 1
    return sum(size for found, total, size in links.values() if found >= total)
