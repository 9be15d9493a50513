"""Records are written in order of their revisions or not at all, and bytes go with the last that names them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from imjoy.engine.workspace_store import HISTORY, WorkspaceStore
from imjoy.errors import ProtocolError

ID = "a" * 32


def record(revision: int, **given: Any) -> str:
    window = {"id": "1", "title": f"Window {revision}"}
    content = {"windows": [window], "items": [], "plugins": []}
    known = {"id": ID, "name": "Cells", "revision": revision, "changedAt": revision * 100_000}
    return json.dumps({**known, "content": content, **given})


def test_revisions_follow_each_other(tmp_path: Path) -> None:
    store = WorkspaceStore(tmp_path / "kept")
    assert store.summaries() == [] and store.read(ID) is None
    assert store.write(record(1))
    assert store.write(record(2))
    assert not store.write(record(2))
    assert not store.write(record(4))
    # Another engine on the same folder sees the same.
    other = WorkspaceStore(tmp_path / "kept")
    assert json.loads(other.read(ID) or "")["revision"] == 2
    assert [(entry["name"], "content" in entry) for entry in other.summaries()] == [
        ("Cells", False)
    ]
    assert [entry["windows"] for entry in other.history(ID)] == [["Window 1"]]
    assert json.loads(other.read_revision(ID, 1) or "")["revision"] == 1
    assert other.read_revision(ID, 9) is None


def test_the_history_has_an_end(tmp_path: Path) -> None:
    store = WorkspaceStore(tmp_path)
    for revision in range(1, HISTORY + 10):
        assert store.write(record(revision))
    kept = [entry["revision"] for entry in store.history(ID)]
    assert len(kept) == HISTORY and kept[0] == HISTORY + 8


def test_a_state_is_kept_however_new_it_is_when_it_is_asked_for(tmp_path: Path) -> None:
    store = WorkspaceStore(tmp_path)
    for revision in range(1, 5):
        assert store.write(record(revision, changedAt=revision), revision == 4)
    assert [entry["revision"] for entry in store.history(ID)] == [3, 1]


def test_bytes_go_when_nothing_names_them(tmp_path: Path) -> None:
    store = WorkspaceStore(tmp_path)
    used, other = "1" * 64, "2" * 64
    for name in (used, other, f"plugin-{used}"):
        store.write_blob(name, memoryview(b"bytes of " + name.encode()))
    content = {"windows": [], "items": [{"blob": used}], "plugins": [{"hash": used}]}
    assert store.write(record(1, content=content))
    assert store.write(record(1, id="b" * 32))
    assert store.has_blob(other)
    store.erase("b" * 32)
    assert sorted(store.blobs()) == [used, f"plugin-{used}"]
    assert store.read_blob(used) == b"bytes of " + used.encode()
    store.erase(ID)
    assert store.blobs() == [] and store.read_blob(used) is None
    assert store.summaries() == []


@pytest.mark.parametrize("name", ["../x", "", "a/b", "..", "A" * 64, "x" * 200, "plugin-"])
def test_names_lead_nowhere_else(tmp_path: Path, name: str) -> None:
    store = WorkspaceStore(tmp_path)
    for ask in (store.read, store.erase, store.has_blob, store.read_blob, store.remove_blob):
        with pytest.raises(ProtocolError):
            ask(name)
    with pytest.raises(ProtocolError):
        store.write_blob(name, b"")


@pytest.mark.parametrize("text", ["", "[]", "{}", record(1, id="../x"), record(1, content=3),
                                  record(1, changedAt="now"), "x" * 17_000_000])  # fmt: skip
def test_only_records_are_kept(tmp_path: Path, text: str) -> None:
    store = WorkspaceStore(tmp_path)
    with pytest.raises(ProtocolError):
        store.write(text)
    assert store.summaries() == []
