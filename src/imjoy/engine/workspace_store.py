"""Keeps workspaces of the page in a folder: records with revisions, earlier states, and bytes by name."""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from imjoy.errors import ProtocolError

_ID = re.compile(r"[0-9a-z]{32}")
_BLOB = re.compile(r"(plugin-)?[0-9a-z]{8,128}")
MAX_RECORD = 16 * 1024 * 1024
MAX_BLOB = 1_000_000_000
# Earlier states that are kept of one workspace, and the milliseconds between two of them.
HISTORY = 30
APART = 60_000


class WorkspaceStore:
    """All functions block on the disk. A write is whole or not there at all, also after a crash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def summaries(self) -> list[dict[str, Any]]:
        """Every record without its content."""
        return [
            {key: value for key, value in record.items() if key != "content"}
            for record in self._records()
        ]

    def read(self, workspace: str) -> str | None:
        """The record as JSON; None: there is none."""
        return _text(self._record(workspace))

    def write(self, text: str, keeps_before: bool = False) -> bool:
        """Keep a record whose revision is one above that which is here; False: it is not.

        The state before goes into the history when the last one there is old enough, or with
        `keeps_before`.
        """
        record = _parse(text)
        path = self._record(record["id"])
        with self._lock:
            before = _text(path)
            known = _parse(before) if before is not None else None
            if (known["revision"] if known else 0) != record["revision"] - 1:
                return False
            _replace(path, text.encode())
            if before is not None and known is not None:
                self._keep_earlier(before, known, None if keeps_before else record["changedAt"])
        return True

    def erase(self, workspace: str) -> None:
        """Delete a workspace for good, and the bytes that no other one names."""
        folder = self._record(workspace).parent
        with self._lock:
            shutil.rmtree(folder, ignore_errors=True)
            used = {name for record in self._all_states() for name in _blobs_of(record)}
            for name in self.blobs():
                if name not in used:
                    self._blob(name).unlink(missing_ok=True)

    def history(self, workspace: str) -> list[dict[str, Any]]:
        """The earlier states, the newest first: revision, changedAt and titles of the windows."""
        found = [_parse(_text(path) or "{}") for path in self._earlier(workspace)]
        return [
            {
                "revision": record["revision"],
                "changedAt": record["changedAt"],
                "windows": [str(window.get("title", "")) for window in _windows(record)],
            }
            for record in sorted(found, key=lambda record: -record["revision"])
        ]

    def read_revision(self, workspace: str, revision: int) -> str | None:
        """An earlier state as JSON."""
        return _text(self._record(workspace).parent / "history" / f"{int(revision)}.json")

    def blobs(self) -> list[str]:
        """The names of all bytes."""
        folder = self._folder / "blobs"
        names = os.listdir(folder) if folder.is_dir() else []
        return [name for name in names if _BLOB.fullmatch(name)]

    def has_blob(self, name: str) -> bool:
        """Whether these bytes are here."""
        return self._blob(name).is_file()

    def read_blob(self, name: str) -> bytes | None:
        """The bytes of that name."""
        try:
            return self._blob(name).read_bytes()
        except FileNotFoundError:
            return None

    def write_blob(self, name: str, data: bytes | memoryview) -> None:
        """Keep bytes under a name that is made of what they are."""
        if len(data) > MAX_BLOB:
            raise ProtocolError("The data are larger than 1 GB.")
        _replace(self._blob(name), data)

    def remove_blob(self, name: str) -> None:
        """Delete bytes; those that are not here are no error."""
        self._blob(name).unlink(missing_ok=True)

    def _keep_earlier(self, text: str, record: dict[str, Any], now: int | None) -> None:
        kept = self.history(record["id"])
        is_new = now is not None and kept and now - kept[0]["changedAt"] < APART
        if is_new or not _windows(record):
            return
        folder = self._record(record["id"]).parent / "history"
        _replace(folder / f"{record['revision']}.json", text.encode())
        for old in kept[HISTORY - 1 :]:
            (folder / f"{old['revision']}.json").unlink(missing_ok=True)

    def _record(self, workspace: str) -> Path:
        if not _ID.fullmatch(workspace):
            raise ProtocolError("This is no id of a workspace.")
        return self._folder / workspace / "workspace.json"

    def _blob(self, name: str) -> Path:
        if not _BLOB.fullmatch(name):
            raise ProtocolError("This is no name of data of a workspace.")
        return self._folder / "blobs" / name

    def _earlier(self, workspace: str) -> list[Path]:
        return list((self._record(workspace).parent / "history").glob("*.json"))

    def _records(self) -> Iterator[dict[str, Any]]:
        for path in self._folder.glob("*/workspace.json"):
            text = _text(path)
            if text is not None and _ID.fullmatch(path.parent.name):
                yield _parse(text)

    def _all_states(self) -> Iterator[dict[str, Any]]:
        for record in self._records():
            yield record
            for path in self._earlier(record["id"]):
                yield _parse(_text(path) or "{}")


def _parse(text: str) -> dict[str, Any]:
    if len(text) > MAX_RECORD:
        raise ProtocolError("The record of a workspace is larger than 16 MB.")
    try:
        record = json.loads(text)
    except ValueError:
        record = None
    fits = (
        isinstance(record, dict)
        and _ID.fullmatch(str(record.get("id")))
        and all(type(record.get(key)) is int for key in ("revision", "changedAt"))
        and isinstance(record.get("content"), dict)
    )
    if not fits:
        raise ProtocolError("This is no record of a workspace.")
    return dict(record)


def _windows(record: dict[str, Any]) -> list[dict[str, Any]]:
    windows = record["content"].get("windows")
    return [one for one in windows if isinstance(one, dict)] if isinstance(windows, list) else []


def _blobs_of(record: dict[str, Any]) -> Iterator[str]:
    content = record["content"]
    for item in content.get("items", []):
        if item.get("blob"):
            yield str(item["blob"])
    for plugin in content.get("plugins", []):
        yield f"plugin-{plugin.get('hash')}"


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None


def _replace(path: Path, data: bytes | memoryview) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{path.name}.{threading.get_ident()}")
    partial.write_bytes(data)
    os.replace(partial, path)
