"""What pages do with the files of the engine's machine: list, find, open, write, move."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from imjoy.files.file_error import FileError
from imjoy.files.grants import USUAL_SECONDS, Grant, Grants
from imjoy.files.listing import describe, find_files, list_folder
from imjoy.files.roots import Roots
from imjoy.files.upload import Upload
from imjoy.files.written import Written

PREFIX = "files/"


class FileStore:
    """The files below the roots, and the addresses that open them. Its functions block."""

    def __init__(self, roots: Roots) -> None:
        self.roots = roots
        self.grants = Grants()
        self.written = Written()

    def places(self) -> list[dict[str, str]]:
        """The open folders that exist: name and path of each."""
        return [
            {"name": name, "path": str(folder.resolve())}
            for name, folder in self.roots.places
            if folder.is_dir()
        ]

    def list(self, path: Any) -> dict[str, Any]:
        """A folder's entries. Raises FileError."""
        return list_folder(self.roots, self.roots.resolve(path))

    def find(self, path: Any, text: Any) -> dict[str, Any]:
        """What has the text in its name below a folder. Raises FileError."""
        return find_files(self.roots, self.roots.resolve(path), str(text)[:200])

    def show(self, path: Any) -> dict[str, Any]:
        """Name, path, type, size and time of a file or folder. Raises FileError."""
        facts = describe(self.roots, self.roots.resolve(path))
        if facts is None:
            raise FileError(f"Opening {path}", "it is neither file nor folder", "Choose another.")
        return facts

    def read_address(self, path: Any, owner: str, seconds: float = USUAL_SECONDS) -> str:
        """An address, relative to the page, that reads a file or a folder. Raises FileError."""
        facts = self.show(path)
        grant = self.grants.read(Path(facts["path"]), owner, seconds)
        return f"{PREFIX}{grant.id}/{quote(str(facts['name']))}"

    def write_address(self, path: Any, owner: str, overwrite: bool) -> str:
        """An address that a file is written to once with PUT or POST. Raises FileError."""
        real = self.roots.resolve(path, parent_only=True)
        if real.is_dir():
            raise FileError(f"Writing {path}", "it is a folder", "Name a file.", "file.exists")
        if real.exists() and not overwrite:
            remedy = "Take another name, or ask to overwrite it."
            raise FileError(f"Writing {path}", "it is there already", remedy, "file.exists")
        grant = self.grants.write(real, owner, overwrite)
        return f"{PREFIX}{grant.id}/{quote(real.name)}"

    def find_read(self, grant: Grant, below: str) -> Path:
        """The real file or folder of a grant, or one below its folder. Raises FileError."""
        parts = [part for part in below.split("/") if part]
        if any(part.startswith(".") or "\\" in part for part in parts):
            raise FileError("Opening a file", "its path is not plain", "Give the path in full.")
        real = self.roots.resolve(str(grant.path.joinpath(*parts)))
        if not real.is_relative_to(grant.path):
            raise FileError("Opening a file", "a link leads out of the folder", "Choose it itself.")
        return real

    def upload(self, grant: Grant) -> Upload:
        """Where the bytes for a grant go."""
        return Upload(self.roots, grant.path, grant.overwrite)

    def make_folder(self, path: Any) -> dict[str, Any]:
        """Make a folder. Raises FileError."""
        real = self.roots.resolve(path, parent_only=True)
        try:
            with self.roots.folder(real.parent) as folder:
                os.mkdir(real if folder is None else real.name, dir_fd=folder)
        except OSError as error:
            raise FileError.of(f"Making {path}", error) from None
        return self.show(str(real))

    def remove(self, path: Any) -> None:
        """Remove a file, a link or an empty folder. Raises FileError."""
        real = self.roots.resolve(path, parent_only=True)
        if self.roots.root_of(real) == real:
            raise FileError(f"Removing {path}", "it is one of the open folders", "Keep it.")
        try:
            with self.roots.folder(real.parent) as folder:
                name = real if folder is None else real.name
                remove = os.rmdir if real.is_dir() and not real.is_symlink() else os.unlink
                remove(name, dir_fd=folder)
        except OSError as error:
            raise FileError.of(f"Removing {path}", error) from None
