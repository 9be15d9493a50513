"""Reads single files out of the archive of an npm package, and finds the one that was meant."""

from __future__ import annotations

import json
import posixpath
import re
import tarfile
from collections.abc import Iterable
from pathlib import Path

FILE_LIMIT = 96 << 20
_ENTRY_LIMIT = 100_000
_FOLDERS = ("dist", "build", "umd", "lib", "min", "js", "css", "src", "dist/js", "dist/css")
# Many packages have several of these, so that the name alone says nothing.
_COMMON_NAMES = ("index.js", "main.js", "index.css", "style.css", "package.json", "model.json")
_MAIN_FIELDS = ("jsdelivr", "unpkg", "browser", "main", "style")


class ArchiveError(Exception):
    """The archive does not hold the file, or is not one that may be opened."""


class Archive:
    """The files of one package, by their path in it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._members = self._list()

    @property
    def names(self) -> list[str]:
        return list(self._members)

    def read(self, name: str) -> bytes:
        """The content of a file. Raises ArchiveError."""
        size = self._members[name][1]
        if size > FILE_LIMIT:
            raise ArchiveError(f"{name} is larger than {FILE_LIMIT >> 20} MB.")
        with tarfile.open(self._path) as archive:
            source = archive.extractfile(self._members[name][0])
            if source is None:
                raise ArchiveError(f"{name} is no file.")
            return source.read(FILE_LIMIT)

    def main_file(self) -> str:
        """The file that the package offers to browsers. Raises ArchiveError."""
        facts = self._facts()
        for field in _MAIN_FIELDS:
            named = facts.get(field)
            if isinstance(named, str):
                plain = posixpath.normpath(named.lstrip("/"))
                for name in (plain, plain + ".js", plain + "/index.js"):
                    if name in self._members:
                        return name
        if "index.js" in self._members:
            return "index.js"
        raise ArchiveError("The package does not say which of its files is for browsers.")

    def _facts(self) -> dict[str, object]:
        try:
            facts = json.loads(self.read("package.json"))
        except (KeyError, ValueError):
            return {}
        return facts if isinstance(facts, dict) else {}

    def _list(self) -> dict[str, tuple[str, int]]:
        found: dict[str, tuple[str, int]] = {}
        try:
            with tarfile.open(self._path) as archive:
                for number, member in enumerate(archive):
                    if number > _ENTRY_LIMIT:
                        raise ArchiveError("The package has too many files.")
                    # Links could point anywhere; npm packages have none.
                    if member.isreg():
                        _, _, name = member.name.partition("/")
                        found[posixpath.normpath(name)] = (member.name, member.size)
        except (tarfile.TarError, EOFError, OSError) as error:
            raise ArchiveError(f"The archive of the package cannot be read ({error}).") from None
        return found


def find_file(names: Iterable[str], wanted: str) -> str | None:
    """The name that `wanted` means: itself, below a usual folder, unminified, or by its ending."""
    known = sorted(names, key=lambda name: (name.count("/"), len(name), name))
    exact = set(known)
    for path in _spellings(wanted):
        for candidate in (path, *(f"{folder}/{path}" for folder in _FOLDERS)):
            if candidate in exact:
                return candidate
    lower = {name.lower(): name for name in reversed(known)}
    for path in _spellings(wanted.lower()):
        for candidate in (path, *(f"{folder}/{path}" for folder in _FOLDERS)):
            if candidate in lower:
                return lower[candidate]
    for path in _spellings(wanted.lower()):
        for name in known:
            if name.lower().endswith("/" + path):
                return name
    return _by_last_part(known, wanted)


def _by_last_part(known: list[str], wanted: str) -> str | None:
    if posixpath.basename(wanted).lower() in _COMMON_NAMES:
        return None
    for path in _spellings(posixpath.basename(wanted).lower()):
        for name in known:
            if posixpath.basename(name).lower() == path:
                return name
    return None


def _spellings(path: str) -> list[str]:
    """The path, then the same file before or after it was made smaller."""
    plain = re.sub(r"[.-]min(?=\.\w+$)", "", path)
    if plain != path:
        return [path, plain]
    smaller = re.sub(r"(\.(?:js|css))$", r".min\1", path)
    return [path, smaller] if smaller != path else [path]
