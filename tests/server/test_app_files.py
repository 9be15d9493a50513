"""Which web app is served, and what a damaged copy of it leads to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from server_harness import make_app

from imjoy.server import app_files
from imjoy.server.app_copy import write_copy
from imjoy.server.app_files import COPY_NAME, LIST_NAME, DamagedCopy, check_copy, find_app


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    app = make_app(tmp_path / "packaged")
    monkeypatch.setattr(app_files, "packaged_app", lambda: app)
    return app


@pytest.fixture
def copy(tmp_path: Path, packaged: Path) -> Path:
    return write_copy(packaged, tmp_path, lambda *_: None)


def test_the_packaged_app_is_the_default(tmp_path: Path, packaged: Path) -> None:
    assert find_app(tmp_path).path == packaged


def test_a_whole_copy_in_the_current_folder_comes_first(tmp_path: Path, copy: Path) -> None:
    found = find_app(tmp_path)
    assert found.path == copy and str(copy) in found.note


def test_a_chosen_folder_comes_before_all(tmp_path: Path, copy: Path) -> None:
    chosen = make_app(tmp_path / "chosen")
    assert find_app(tmp_path, chosen).path == chosen
    missing = find_app(tmp_path, tmp_path)
    assert missing.path is None and "holds no web app" in missing.note


def test_without_any_app_the_note_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_files, "packaged_app", lambda: None)
    found = find_app(tmp_path)
    assert found.path is None and "make serve" in found.note


def change(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"?")


DAMAGE = {
    "sw.js is damaged": lambda copy: change(copy / "sw.js"),
    "engine.wasm is damaged": lambda copy: (copy / "engine.wasm").write_bytes(b"\0asm"),
    "index.html is missing": lambda copy: (copy / "index.html").unlink(),
    "extra.js does not belong": lambda copy: (copy / "extra.js").write_text("1"),
    f"{LIST_NAME} is missing": lambda copy: (copy / LIST_NAME).unlink(),
    f"{LIST_NAME} is damaged": lambda copy: (copy / LIST_NAME).write_text("{"),
    "sw.js is damaged ": lambda copy: (
        (copy / "sw.js").unlink(),
        (copy / "sw.js").symlink_to(copy / "index.html"),
    ),
}


@pytest.mark.parametrize("words", DAMAGE)
def test_a_damaged_copy_is_named_and_not_used(
    tmp_path: Path, copy: Path, packaged: Path, words: str
) -> None:
    DAMAGE[words](copy)
    found = find_app(tmp_path)
    assert found.path == packaged
    assert words.strip() in found.note and "--serve" in found.note


@pytest.mark.parametrize("name", ["../sw.js", "/etc/passwd", "a\\..\\b"])
def test_a_list_cannot_name_files_elsewhere(copy: Path, name: str) -> None:
    listed = json.loads((copy / LIST_NAME).read_text())
    listed[name] = listed["sw.js"]
    (copy / LIST_NAME).write_text(json.dumps(listed))
    with pytest.raises(DamagedCopy, match="list|damaged"):
        check_copy(copy)


def test_the_copy_is_where_the_manual_says(tmp_path: Path, copy: Path) -> None:
    assert copy == tmp_path / COPY_NAME
