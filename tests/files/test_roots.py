"""No path leads out of the open folders, nor to what is hidden or shut in them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from imjoy.files import FileError, Roots


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("{open}/../outside.txt", "file.forbidden"),
        ("../outside.txt", "file.forbidden"),
        ("{open}/inner/../../outside.txt", "file.forbidden"),
        ("{open}/way-out", "file.forbidden"),
        ("{open}/folder-out/outside.txt", "file.forbidden"),
        ("{open}/.secret", "file.forbidden"),
        ("{open}/engine/token", "file.forbidden"),
        ("{open}/circle", "file.forbidden"),
        ("/etc/passwd", "file.forbidden"),
        ("/there/is/nothing", "file.forbidden"),
        ("{open}-beside", "file.forbidden"),
        ("{open}/absent", "file.not_found"),
        ("{open}/image.tif/below", "file.not_found"),
        ("", "file.forbidden"),
        ("a\0b", "file.forbidden"),
        (7, "file.forbidden"),
        ("x" * 5000, "file.forbidden"),
    ],
)
def test_what_is_not_open_is_refused(
    roots: Roots, open_folder: Path, path: object, code: str
) -> None:
    given = path.format(open=open_folder) if isinstance(path, str) else path
    with pytest.raises(FileError) as caught:
        roots.resolve(given)
    assert caught.value.code == code
    assert caught.value.data and caught.value.data["remedy"]


def test_what_is_open_is_found(roots: Roots, open_folder: Path) -> None:
    image = open_folder / "image.tif"
    assert roots.resolve(str(image)) == image
    assert roots.resolve("image.tif") == image  # below the first folder
    assert roots.resolve(str(open_folder / "way-in")) == image
    assert roots.resolve(str(open_folder)) == open_folder
    assert roots.resolve("inner/new.txt", parent_only=True) == open_folder / "inner" / "new.txt"
    with os.fdopen(roots.open(image), "rb") as file:
        assert file.read() == b"0123456789"


def test_a_link_that_comes_after_the_check_is_not_followed(
    roots: Roots, open_folder: Path, tmp_path: Path
) -> None:
    real = roots.resolve("inner/deep image.tif")
    os.rename(open_folder / "inner", open_folder / "away")
    (tmp_path / "trap").mkdir()
    (tmp_path / "trap" / "deep image.tif").write_text("secret")
    (open_folder / "inner").symlink_to(tmp_path / "trap")
    with pytest.raises(OSError):
        roots.open(real)


def test_an_open_folder_in_a_shut_one_is_open(tmp_path: Path) -> None:
    inner = tmp_path / "home" / "workspaces"
    inner.mkdir(parents=True)
    (inner / "a.txt").write_text("a")
    (tmp_path / "home" / "token").write_text("t")
    roots = Roots([("W", inner), ("Home", tmp_path)], closed=[tmp_path / "home"])
    assert roots.resolve(str(inner / "a.txt")) == inner / "a.txt"
    with pytest.raises(FileError):
        roots.resolve(str(tmp_path / "home" / "token"))


def test_with_no_folder_nothing_is_open() -> None:
    with pytest.raises(FileError) as caught:
        Roots([]).resolve("a")
    assert "--files" in str(caught.value)
    with pytest.raises(FileError):
        Roots([]).resolve("/etc")
