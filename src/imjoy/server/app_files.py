"""Finds the built web app to serve and checks a copy of it against its list of checksums."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

COPY_NAME = "__ImJoy__"
LIST_NAME = "imjoy-files.json"
INDEX = "index.html"
_PACKAGE = Path(__file__).resolve().parents[1]
_CHUNK = 1 << 20

NO_APP = (
    "The web app is not built, so there is no page to open. "
    "In a checkout of the project run `make serve`; otherwise install the `imjoy` package again."
)


@dataclass(frozen=True)
class AppFolder:
    """The folder to serve (None when there is none), and what to tell the user about the choice."""

    path: Path | None
    note: str = ""
    is_copy: bool = False


class DamagedCopy(Exception):
    """A copy of the app that is not what its list of checksums says; the text names the file."""


def find_app(current: Path, chosen: Path | None = None) -> AppFolder:
    """The chosen folder, else a whole copy in `current`, else the packaged app or a build."""
    if chosen is not None:
        is_app = (chosen / INDEX).is_file()
        return AppFolder(chosen) if is_app else AppFolder(None, f"{chosen} holds no web app.")
    copy, note = current / COPY_NAME, ""
    if copy.is_dir():
        try:
            check_copy(copy)
            return AppFolder(copy, f"Serving the copy in {copy}", is_copy=True)
        except DamagedCopy as damage:
            note = (
                f"The copy in {copy} is not used: {damage} "
                "Run `python -m imjoy --serve` here to write it again."
            )
    packaged = packaged_app()
    return AppFolder(packaged, note or ("" if packaged else NO_APP))


def packaged_app() -> Path | None:
    """The app that came with the package, or the one built in a checkout, or None."""
    candidates = (_PACKAGE / "web", _PACKAGE.parents[1] / "web" / "app" / "dist")
    return next((path for path in candidates if (path / INDEX).is_file()), None)


def check_copy(copy: Path) -> None:
    """Raise DamagedCopy unless every listed file is there, whole, and nothing else is."""
    if hasattr(os, "getuid") and copy.stat().st_uid not in (os.getuid(), 0):
        raise DamagedCopy("it belongs to another user.")
    listed = read_list(copy)
    for name, entry in listed.items():
        path = copy / name
        try:
            actual = None if path.is_symlink() else describe(path)
        except OSError:
            actual = None
        if actual != entry:
            state = "is missing" if not path.exists() else "is damaged"
            raise DamagedCopy(f"the file {name} {state}.")
    unknown = sorted(set(files_below(copy)) - set(listed) - {LIST_NAME})
    if unknown:
        raise DamagedCopy(f"the file {unknown[0]} does not belong to it.")


def read_list(copy: Path) -> dict[str, dict[str, Any]]:
    """The checked content of a list of files; raises DamagedCopy."""
    try:
        content = json.loads((copy / LIST_NAME).read_text("utf-8"))
    except FileNotFoundError:
        raise DamagedCopy(f"the file {LIST_NAME} is missing.") from None
    except (OSError, ValueError, RecursionError):
        raise DamagedCopy(f"the file {LIST_NAME} is damaged.") from None
    if not isinstance(content, dict) or INDEX not in content:
        raise DamagedCopy(f"the file {LIST_NAME} is damaged.")
    for name, entry in content.items():
        plain = PurePosixPath(name)
        if (
            plain.is_absolute()
            or ".." in plain.parts
            or "\\" in name
            or not isinstance(entry, dict)
        ):
            raise DamagedCopy(f"the file {LIST_NAME} is damaged.")
    return content


def describe(path: Path) -> dict[str, Any]:
    """The entry of one file in the list: `{"sha256": hex, "size": bytes}`."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return {"sha256": digest.hexdigest(), "size": size}


def files_below(folder: Path) -> list[str]:
    """The names of all files below `folder`, relative to it, with `/`."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() or path.is_symlink()
    )
