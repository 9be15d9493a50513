"""Decides which files pages may see: those below the chosen folders, never by a detour."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from imjoy.files.file_error import FileError

LENGTH = 4096
_BY_FOLDER = os.open in os.supports_dir_fd
_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class Roots:
    """The folders that are open; `closed` are folders in them that stay shut, such as the engine's own.

    What begins with a dot is hidden: keys and settings lie there.
    """

    def __init__(self, folders: Iterable[tuple[str, Path]], closed: Iterable[Path] = ()) -> None:
        self.places = [(name, folder.absolute()) for name, folder in folders]
        self._closed = [folder.resolve() for folder in closed]

    def resolve(self, text: Any, parent_only: bool = False) -> Path:
        """The real path behind a path; raises FileError. `parent_only`: the last part may be new."""
        if not isinstance(text, str) or not text or len(text) > LENGTH or "\0" in text:
            raise FileError("Reading a path", "it is no path", "Give the path of a file.")
        path = Path(text)
        if not path.is_absolute():
            path = self._first() / path
        if ".." in path.parts:
            raise FileError(f"Finding {text}", "it has .. in it", "Give the path without.")
        try:
            real = path.parent.resolve(True) / path.name if parent_only else path.resolve(True)
        except RuntimeError:
            raise FileError(f"Finding {text}", "its links lead in a circle", "Name it.") from None
        except OSError as error:
            self.check(path.resolve(), text)  # whether it exists is told of what is open alone
            raise FileError.of(f"Finding {text}", error) from None
        self.check(real, text)
        return real

    def check(self, real: Path, shown: str) -> None:
        """Raise FileError unless a real path is open."""
        what = f"Opening {shown}"
        root = self.root_of(real)
        if root is None:
            names = ", ".join(str(folder) for _, folder in self.places) or "none"
            raise FileError(
                what,
                f"it lies outside the folders that are open to pages ({names})",
                "Start the engine with --files FOLDER to open another one.",
            )
        if any(part.startswith(".") for part in real.relative_to(root).parts):
            raise FileError(what, "hidden files are not open to pages", "Choose another file.")
        if any(
            real.is_relative_to(shut) and not root.is_relative_to(shut) for shut in self._closed
        ):
            raise FileError(what, "the engine keeps its secrets there", "Choose another folder.")

    def root_of(self, real: Path) -> Path | None:
        """The innermost open folder around a real path."""
        around = [root for root in self._real() if real.is_relative_to(root)]
        return max(around, key=lambda root: len(root.parts), default=None)

    @contextmanager
    def folder(self, real: Path) -> Iterator[int | None]:
        """A descriptor of a folder, reached from its root without following any link.

        None where the system cannot open relative to folders. Raises OSError.
        """
        if not _BY_FOLDER:
            yield None
            return
        root = self.root_of(real)
        if root is None:
            raise FileError(f"Opening {real}", "it is not open to pages", "Choose another file.")
        opened = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for part in real.relative_to(root).parts:
                inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | _FLAGS, dir_fd=opened)
                os.close(opened)
                opened = inner
            yield opened
        finally:
            os.close(opened)

    def open(self, real: Path, flags: int = os.O_RDONLY, mode: int = 0o666) -> int:
        """A descriptor of the file at a real path. Raises OSError; a link put there since is none."""
        with self.folder(real.parent) as folder:
            name = real if folder is None else real.name
            return os.open(name, flags | _FLAGS, mode, dir_fd=folder)

    def _real(self) -> list[Path]:
        return [folder.resolve() for _, folder in self.places]

    def _first(self) -> Path:
        """Where relative paths begin; made when it is not there yet, as the workspaces may not be."""
        if self.places:
            folder = self.places[0][1]
            folder.mkdir(parents=True, exist_ok=True)
            return folder
        raise FileError("Finding a file", "no folder is open to pages", "Use --files FOLDER.")
