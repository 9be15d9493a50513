"""The files of the engine's machine that pages may see: where they lie, and addresses that open them for a while."""

from __future__ import annotations

from imjoy.files.file_error import FileError
from imjoy.files.grants import Grant, Grants
from imjoy.files.roots import Roots
from imjoy.files.store import FileStore
from imjoy.files.upload import Upload

__all__ = ["FileError", "FileStore", "Grant", "Grants", "Roots", "Upload"]
