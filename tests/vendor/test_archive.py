"""Files of a package are found by every spelling, and links in an archive lead nowhere."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from npm_server import pack

from imjoy.vendor.archive import Archive, ArchiveError, find_file

NAMES = ["package.json", "index.js", "dist/vue.js", "dist/vue.min.js", "build/a.min.css", "UTIF.js",
         "lib/index.js", "src/deep/slider.js"]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("dist/vue.min.js", "dist/vue.min.js"), ("vue.min.js", "dist/vue.min.js"),
        ("utif.js", "UTIF.js"), ("UTIF.min.js", "UTIF.js"), ("a.css", "build/a.min.css"),
        ("slider.min.js", "src/deep/slider.js"), ("x/y/slider.js", "src/deep/slider.js"),
        ("none.js", None), ("x/y/index.js", None),
    ],
)  # fmt: skip
def test_a_file_is_found(wanted: str, found: str | None) -> None:
    assert find_file(NAMES, wanted) == found


@pytest.mark.parametrize(
    ("facts", "main"),
    [
        ('{"jsdelivr": "dist/a.js", "main": "index.js"}', "dist/a.js"),
        ('{"browser": {"x": false}, "main": "./lib"}', "lib/index.js"),
        ('{"main": "dist/a"}', "dist/a.js"),
        ("{}", "index.js"),
        ("not json", "index.js"),
    ],
)
def test_the_file_for_browsers(tmp_path: Path, facts: str, main: str) -> None:
    path = tmp_path / "a.tgz"
    files = {"package.json": facts, "index.js": "1", "dist/a.js": "2", "lib/index.js": "3"}
    path.write_bytes(pack(files))
    assert Archive(path).main_file() == main


def test_links_and_odd_names_are_no_files(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        link = tarfile.TarInfo("package/secret.js")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    path = tmp_path / "a.tgz"
    path.write_bytes(buffer.getvalue())
    assert Archive(path).names == []
    path.write_bytes(b"no archive")
    with pytest.raises(ArchiveError, match="cannot be read"):
        Archive(path)
