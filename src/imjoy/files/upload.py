"""Writes a file so that it is there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from types import TracebackType

from imjoy.files.file_error import FileError
from imjoy.files.roots import Roots


class Upload:
    """`with Upload(...) as upload`: `write` the bytes, then `finish`; leaving without it removes all."""

    def __init__(self, roots: Roots, path: Path, overwrite: bool) -> None:
        self._roots, self._path, self._overwrite = roots, path, overwrite
        self._part = path.with_name(f".{path.name[:80]}.{secrets.token_hex(8)}.part")
        self._opened: int | None = None
        self.size = 0

    def __enter__(self) -> Upload:
        if self._path.exists() and not self._overwrite:
            raise self._exists()
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            self._opened = self._roots.open(self._part, flags)
        except OSError as error:
            raise FileError.of(f"Writing {self._path}", error) from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._opened is not None:
            os.close(self._opened)
            self._opened = None
            with contextlib.suppress(OSError):
                self._part.unlink()

    def write(self, data: bytes) -> None:
        """Add bytes. Raises FileError, as when the disk is full."""
        assert self._opened is not None
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._opened, view) :]
        except OSError as error:
            raise FileError.of(f"Writing {self._path}", error) from None
        self.size += len(data)

    def finish(self) -> None:
        """Put the whole file in its place, in one step."""
        assert self._opened is not None
        try:
            os.fsync(self._opened)
            os.close(self._opened)
            self._opened = None
            with self._roots.folder(self._path.parent) as folder:
                self._place(folder)
        except OSError as error:
            with contextlib.suppress(OSError):
                self._part.unlink()
            if isinstance(error, FileExistsError):
                raise self._exists() from None
            raise FileError.of(f"Writing {self._path}", error) from None

    def _place(self, folder: int | None) -> None:
        if folder is None:
            part, path = str(self._part), str(self._path)
        else:
            part, path = self._part.name, self._path.name
        if self._overwrite or not hasattr(os, "link"):
            os.replace(part, path, src_dir_fd=folder, dst_dir_fd=folder)
            return
        # Fails when a file of that name has come meanwhile.
        os.link(part, path, src_dir_fd=folder, dst_dir_fd=folder)
        self._part.unlink()

    def _exists(self) -> FileError:
        remedy = "Take another name, or ask to overwrite it."
        return FileError(f"Writing {self._path}", "it is there already", remedy, "file.exists")
