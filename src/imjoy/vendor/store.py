"""Keeps what the mirror holds: content by its checksum, and the lock that says what is what."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

LOCK_NAME = "vendor-lock.json"
SIZE_LIMIT = 4 << 30
_HASH = re.compile(r"[0-9a-f]{64}")


class StoreError(Exception):
    """The mirror's folder cannot take more, or cannot be written."""


class VendorStore:
    """A folder with `files/`, `packages/` and the lock. Safe for several threads."""

    def __init__(self, folder: Path, limit: int = SIZE_LIMIT) -> None:
        self.folder = folder
        self._limit = limit
        self._guard = threading.Lock()
        self._lock = self._read_lock()

    # ---- the lock

    def entry(self, address: str) -> dict[str, Any] | None:
        """What is locked for an address: package, version, path, sha256, size, exact."""
        with self._guard:
            found = self._lock["files"].get(address)
        return dict(found) if found else None

    def package(self, name: str) -> dict[str, Any] | None:
        """What is locked for `package@version`: integrity and sha256 of its archive."""
        with self._guard:
            found = self._lock["packages"].get(name)
        return dict(found) if found else None

    def entries(self) -> dict[str, dict[str, Any]]:
        with self._guard:
            return {address: dict(entry) for address, entry in self._lock["files"].items()}

    def lock_file(self, address: str, entry: dict[str, Any]) -> None:
        self._change("files", address, entry)

    def lock_package(self, name: str, entry: dict[str, Any]) -> None:
        self._change("packages", name, entry)

    # ---- content

    def read(self, sha256: str) -> bytes | None:
        """Content by its checksum; None when it is not there or no longer what it was."""
        try:
            data = self._path("files", sha256).read_bytes()
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest() == sha256 else None

    def keep(self, data: bytes) -> str:
        """Keep content; returns its checksum. Raises StoreError."""
        sha256 = hashlib.sha256(data).hexdigest()
        target = self._path("files", sha256)
        if not target.is_file() or target.stat().st_size != len(data):
            with self._new_file() as (file, name):
                file.write(data)
                self._put(file, name, target)
        return sha256

    def archive(self, sha256: str) -> Path | None:
        """The kept archive of a package, None when it is not there."""
        path = self._path("packages", sha256)
        return path if path.is_file() else None

    @contextmanager
    def new_archive(self) -> Iterator[BinaryIO]:
        """A file to download an archive into; `keep_archive` keeps it, else it is dropped."""
        with self._new_file() as (file, _):
            yield file

    def keep_archive(self, file: BinaryIO) -> tuple[str, Path]:
        """Keep a file of `new_archive`; returns its checksum and where it is now."""
        file.flush()
        digest = hashlib.sha256()
        with open(file.name, "rb") as source:
            while chunk := source.read(1 << 20):
                digest.update(chunk)
        sha256 = digest.hexdigest()
        target = self._path("packages", sha256)
        self._put(file, file.name, target)
        return sha256, target

    def size(self) -> int:
        """Bytes of everything in the folder."""
        found = (path for path in self.folder.rglob("*") if path.is_file())
        return sum(path.stat().st_size for path in found)

    # ---- inside

    def _path(self, kind: str, sha256: str) -> Path:
        if not _HASH.fullmatch(sha256):
            raise StoreError("The lock of the library mirror is damaged.")
        return self.folder / kind / sha256

    @contextmanager
    def _new_file(self) -> Iterator[tuple[BinaryIO, str]]:
        try:
            for kind in ("files", "packages"):
                (self.folder / kind).mkdir(parents=True, exist_ok=True)
            if self.size() > self._limit:
                raise StoreError(
                    f"The library mirror holds {self._limit >> 30} GB already. "
                    f"Delete {self.folder} to begin anew."
                )
            handle, name = tempfile.mkstemp(dir=self.folder, prefix=".new-")
        except OSError as error:
            raise StoreError(f"{self.folder} cannot be written: {error.strerror}.") from None
        try:
            with os.fdopen(handle, "wb") as file:
                named = _Named(file, name)
                yield named, name  # type: ignore[misc]
        except OSError as error:
            raise StoreError(f"{self.folder} cannot be written: {error.strerror}.") from None
        finally:
            with suppress(OSError):
                os.unlink(name)

    def _put(self, file: Any, name: str, target: Path) -> None:
        file.flush()
        os.fsync(file.fileno())
        os.replace(name, target)

    def _read_lock(self) -> dict[str, dict[str, Any]]:
        try:
            content = json.loads((self.folder / LOCK_NAME).read_text("utf-8"))
        except (OSError, ValueError):
            content = {}
        return {
            part: content[part] if isinstance(content.get(part), dict) else {}
            for part in ("files", "packages")
        }

    def _change(self, part: str, key: str, entry: dict[str, Any]) -> None:
        with self._guard:
            self._lock[part][key] = entry
            content = {"version": 1} | {
                name: dict(sorted(entries.items())) for name, entries in self._lock.items()
            }
            text = json.dumps(content, indent=1) + "\n"
            with self._new_file() as (file, name):
                file.write(text.encode())
                self._put(file, name, self.folder / LOCK_NAME)


class _Named:
    """A file that knows its path, which files opened by their descriptor do not."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self.name = file, name
        self.write, self.flush, self.fileno = file.write, file.flush, file.fileno
