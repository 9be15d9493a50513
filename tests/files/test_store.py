"""Listing, finding, making and removing files below the open folders."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from imjoy.files import FileError, FileStore
from imjoy.files import listing as listing_module


def names(found: dict[str, object]) -> list[str]:
    return [entry["name"] for entry in found["entries"]]  # type: ignore[union-attr,index]


def test_a_listing_has_folders_first_and_nothing_that_is_shut(
    store: FileStore, open_folder: Path
) -> None:
    assert store.places() == [{"name": "Open", "path": str(open_folder)}]
    found = store.list(str(open_folder))
    assert names(found) == ["inner", "image.tif", "way-in"]
    assert found["parent"] is None and not found["more"]
    image = found["entries"][1]
    assert image["type"] == "file" and image["size"] == 10 and image["path"].endswith("image.tif")
    assert abs(image["modified"] / 1000 - time.time()) < 600
    assert store.list("inner")["parent"] == str(open_folder)
    with pytest.raises(FileError) as caught:
        store.list("image.tif")
    assert caught.value.code == "file.not_found"


def test_files_are_found_by_a_part_of_their_name(store: FileStore, open_folder: Path) -> None:
    assert names(store.find(str(open_folder), "IMAGE")) == ["image.tif", "inner/deep image.tif"]
    assert names(store.find(str(open_folder), "secret")) == []
    assert names(store.find(str(open_folder), "outside")) == []
    assert names(store.find(str(open_folder), "token")) == []


def test_long_answers_are_cut_and_say_so(
    store: FileStore, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing_module, "ENTRIES", 2)
    monkeypatch.setattr(listing_module, "FOUND", 1)
    assert store.list(str(open_folder))["more"]
    assert store.find(str(open_folder), "image")["more"]


def test_twenty_thousand_entries_are_listed_at_once(store: FileStore, open_folder: Path) -> None:
    many = open_folder / "many"
    many.mkdir()
    for number in range(20_000):
        (many / f"frame-{number:05}.tif").touch()
    found = store.list(str(many))
    assert len(found["entries"]) == 20_000 and not found["more"]


def test_addresses_are_relative_and_hold_the_name(store: FileStore) -> None:
    address = store.read_address("inner/deep image.tif", "page")
    prefix, key, name = address.split("/")
    assert (prefix, name) == ("files", "deep%20image.tif")
    grant = store.grants.find(key, "read")
    assert grant is not None and store.find_read(grant, "").read_bytes() == b"deep"
    folder = store.grants.read(store.roots.resolve("inner"), "page")
    assert store.find_read(folder, "/deep image.tif").name == "deep image.tif"
    for below in ("/../image.tif", "/.x", "/a\\b", "/..\\image.tif"):
        with pytest.raises(FileError):
            store.find_read(folder, below)


def test_a_link_in_a_shared_folder_does_not_lead_out_of_it(
    store: FileStore, open_folder: Path
) -> None:
    (open_folder / "inner" / "up").symlink_to(open_folder / "image.tif")
    folder = store.grants.read(store.roots.resolve("inner"), "page")
    with pytest.raises(FileError):
        store.find_read(folder, "/up")


def test_what_is_there_is_not_overwritten_unasked(store: FileStore, open_folder: Path) -> None:
    for path in ("image.tif", "inner"):
        with pytest.raises(FileError) as caught:
            store.write_address(path, "page", overwrite=False)
        assert caught.value.code == "file.exists"
    key = store.write_address("image.tif", "page", overwrite=True).split("/")[1]
    grant = store.grants.find(key, "write")
    assert grant is not None
    with store.upload(grant) as upload:
        upload.write(b"new")
        assert (open_folder / "image.tif").read_bytes() == b"0123456789"
        upload.finish()
    assert (open_folder / "image.tif").read_bytes() == b"new"


def test_an_upload_is_whole_or_not_there(store: FileStore, open_folder: Path) -> None:
    before = sorted(path.name for path in open_folder.iterdir())
    key = store.write_address("new.bin", "page", overwrite=False).split("/")[1]
    grant = store.grants.find(key, "write")
    assert grant is not None
    with store.upload(grant) as upload:
        upload.write(b"half")
    assert sorted(path.name for path in open_folder.iterdir()) == before
    with store.upload(grant) as upload:
        upload.write(b"whole")
        (open_folder / "new.bin").write_text("came meanwhile")
        with pytest.raises(FileError) as caught:
            upload.finish()
    assert caught.value.code == "file.exists"
    assert (open_folder / "new.bin").read_text() == "came meanwhile"
    assert sorted(path.name for path in open_folder.iterdir()) == sorted([*before, "new.bin"])


def test_folders_are_made_and_things_removed(store: FileStore, open_folder: Path) -> None:
    assert store.make_folder("made")["type"] == "folder"
    with pytest.raises(FileError) as caught:
        store.make_folder("made")
    assert caught.value.code == "file.exists"
    store.remove("made")
    store.remove("image.tif")
    assert not (open_folder / "made").exists() and not (open_folder / "image.tif").exists()
    for path in ("inner", str(open_folder), "../outside.txt", ".secret", "engine"):
        with pytest.raises(FileError):
            store.remove(path)
    store.remove("inner/deep image.tif")
    for path in ("made/..", "absent/x"):
        with pytest.raises(FileError):
            store.make_folder(path)
