"""Checks that the files of an environment are those that were installed."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imjoy.envs.contents import difference
from imjoy.envs.layout import PYTHON, READY

BLOCK = 1024 * 1024
SHOWN = 50
# Stands for a package where files belong to none.
ITSELF = "environment"
# These are written anew for each environment, so their record is not that of the file.
WRITTEN_HERE = ("bin/", "../../../bin/")
OnFiles = Callable[[int], object]


@dataclass
class Report:
    """What was found: `files` were checked; names of packages -> their damaged files.

    `added` are files that came later and belong to no package.
    """

    files: int = 0
    missing: dict[str, list[str]] = field(default_factory=dict)
    changed: dict[str, list[str]] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.missing and not self.changed and not self.added

    @property
    def damaged(self) -> list[str]:
        """The packages with damaged files."""
        return sorted({*self.missing, *self.changed})

    def __str__(self) -> str:
        """Such as: files of numpy are damaged; lib/python3.12/site-packages/odd.pth was added."""
        parts = [f"files of {', '.join(self.damaged)} are damaged"] if self.damaged else []
        if self.added:
            more = len(self.added) - 1
            others = "another file" if more == 1 else f"{more} other files"
            parts.append(self.added[0] + (f" and {others} were added" if more else " was added"))
        return "; ".join(parts)

    def facts(self) -> dict[str, Any]:
        """As JSON, with a part of the files when there are many."""
        return {
            "whole": self.is_whole,
            "files": self.files,
            "missing": {name: files[:SHOWN] for name, files in self.missing.items()},
            "changed": {name: files[:SHOWN] for name, files in self.changed.items()},
            "added": self.added[:SHOWN],
        }


def verify(environment: Path, on_files: OnFiles | None = None) -> Report:
    """Compare each file with the checksum noted for it, and look for others that were added.

    Reads all files: run it in a thread.
    """
    report = Report()
    for path in (Path(READY), PYTHON):
        if not (environment / path).exists():
            report.missing.setdefault(ITSELF, []).append(str(path))
    seen = set(_check_records(environment, report, on_files))
    _compare_with_noted(environment, report, seen)
    return report


def _check_records(environment: Path, report: Report, on_files: OnFiles | None) -> Iterator[str]:
    """Fills the report; gives the paths that have a checksum."""
    for package, path, sha256 in _records(environment, report):
        yield _shown(path, environment)
        report.files += 1
        if on_files is not None and report.files % 500 == 0:
            on_files(report.files)
        try:
            found = _digest(path)
        except OSError:
            report.missing.setdefault(package, []).append(_shown(path, environment))
            continue
        if found != sha256:
            report.changed.setdefault(package, []).append(_shown(path, environment))


def _compare_with_noted(environment: Path, report: Report, seen: set[str]) -> None:
    """Report what has no checksum, such as the programs in bin, and what was added."""
    found = difference(environment)
    report.added = found.added
    for paths, where in ((found.missing, report.missing), (found.changed, report.changed)):
        known = {path for each in where.values() for path in each} | seen
        if others := [path for path in paths if path not in known]:
            where.setdefault(ITSELF, []).extend(others)


Rows = Iterator[tuple[str, bytes]]


def _records(environment: Path, report: Report) -> Iterator[tuple[str, Path, bytes]]:
    """Package, file and checksum of every file that has one; a record that is damaged is reported."""
    for package, record, below, read in _record_files(environment):
        try:
            rows = list(read(record))
        except (OSError, ValueError, LookupError, TypeError, AttributeError, csv.Error):
            report.changed.setdefault(package, []).append(_shown(record, environment))
            continue
        yield from ((package, below / path, sha256) for path, sha256 in rows)


def _record_files(environment: Path) -> Iterator[tuple[str, Path, Path, Callable[[Path], Rows]]]:
    """Package, its record, the folder from which the record names files, and what reads it."""
    for record in sorted((environment / "conda-meta").glob("*.json")):
        yield record.stem.rsplit("-", 2)[0], record, environment, _conda_rows
    for record in sorted(environment.glob("lib/python*/site-packages/*.dist-info/RECORD")):
        package = record.parent.name.split("-")[0].replace("_", "-").lower()
        yield package, record, record.parents[1], _rows


def _rows(record: Path) -> Rows:
    with record.open(newline="", encoding="utf-8") as file:
        for row in csv.reader(file):
            if len(row) < 2 or "=" not in row[1] or row[0].startswith(WRITTEN_HERE):
                continue
            kind, _, text = row[1].partition("=")
            if kind == "sha256":
                yield row[0], base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _conda_rows(record: Path) -> Rows:
    for entry in json.loads(record.read_text("utf-8"))["paths_data"]["paths"]:
        # A file with the place of the environment in it has a checksum of its own.
        sha256 = entry.get("sha256_in_prefix") or entry.get("sha256")
        if sha256 and entry.get("path_type") == "hardlink":
            yield entry["_path"], bytes.fromhex(sha256)


def _digest(path: Path) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.digest()


def _shown(path: Path, environment: Path) -> str:
    path = Path(os.path.normpath(path))  # records name files such as ../../../share/doc
    return str(path.relative_to(environment)) if environment in path.parents else path.name
