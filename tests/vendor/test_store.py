"""The mirror's folder: whole files only, known by their checksum, locked for good."""

from __future__ import annotations

from pathlib import Path

import pytest

from imjoy.vendor.store import LOCK_NAME, StoreError, VendorStore


def test_what_is_kept_is_found_again(tmp_path: Path) -> None:
    store = VendorStore(tmp_path)
    sha256 = store.keep(b"text")
    store.lock_file("a.org/x.js", {"sha256": sha256})
    with store.new_archive() as file:
        file.write(b"archive")
        archive, path = store.keep_archive(file)
    store.lock_package("x@1", {"sha256": archive})
    again = VendorStore(tmp_path)
    assert again.read(again.entry("a.org/x.js")["sha256"]) == b"text"  # type: ignore[index]
    assert again.archive(again.package("x@1")["sha256"]) == path  # type: ignore[index]
    assert again.entries() == {"a.org/x.js": {"sha256": sha256}}
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(
        ["files", "packages", LOCK_NAME]
    )


def test_damaged_content_is_not_given(tmp_path: Path) -> None:
    store = VendorStore(tmp_path)
    sha256 = store.keep(b"text")
    (tmp_path / "files" / sha256).write_bytes(b"TEXT")
    assert store.read(sha256) is None
    assert store.read("0" * 64) is None


def test_a_damaged_lock_names_no_path(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).write_text('{"files": {"a/b": {"sha256": "../../x"}}, "packages": []}')
    store = VendorStore(tmp_path)
    with pytest.raises(StoreError, match="damaged"):
        store.read(store.entry("a/b")["sha256"])  # type: ignore[index]
    (tmp_path / LOCK_NAME).write_text("{")
    assert VendorStore(tmp_path).entries() == {}


def test_there_is_an_end_to_its_size(tmp_path: Path) -> None:
    store = VendorStore(tmp_path, limit=10)
    store.keep(b"12345678901")
    with pytest.raises(StoreError, match="Delete"):
        store.keep(b"another")
