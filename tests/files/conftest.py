"""A folder that is open, with things in and beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from imjoy.files import FileStore, Roots


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "open"
    (folder / "inner").mkdir(parents=True)
    (folder / "image.tif").write_bytes(b"0123456789")
    (folder / "inner" / "deep image.tif").write_bytes(b"deep")
    (folder / ".secret").write_text("hidden")
    (folder / "engine").mkdir()
    (folder / "engine" / "token").write_text("imt_x")
    (tmp_path / "outside.txt").write_text("outside")
    (folder / "way-out").symlink_to(tmp_path / "outside.txt")
    (folder / "folder-out").symlink_to(tmp_path)
    (folder / "way-in").symlink_to(folder / "image.tif")
    (folder / "circle").symlink_to(folder / "circle")
    return folder


@pytest.fixture
def roots(open_folder: Path) -> Roots:
    return Roots([("Open", open_folder)], closed=[open_folder / "engine"])


@pytest.fixture
def store(roots: Roots) -> FileStore:
    return FileStore(roots)
