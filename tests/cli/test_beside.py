"""Which of the plugins beside one are needed by it, and which give it its data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from imjoy.cli.beside import Beside, kinds_of


def write(folder: Path, name: str, needs: tuple[str, ...] = (), **fields: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.imjoy.html"
    config = json.dumps({"name": name, "type": "iframe", "dependencies": needs, **fields})
    path.write_text(f"<config>{config}</config><script></script>", "utf-8")
    return path


def test_dependencies_come_first_and_may_go_in_a_circle(tmp_path: Path) -> None:
    last = write(tmp_path, "Last", ("user/repo:Middle@tag",))
    middle = write(tmp_path, "Middle", ("https://example.org/a%20b/First.imjoy.html@x", "Absent"))
    first = write(tmp_path, "First", ("user/repo:Last",))
    library = Beside([last, middle, first])
    assert library.needed_by(last) == [first, middle]


def test_of_plugins_with_the_same_name_the_neighbour_is_taken(tmp_path: Path) -> None:
    far = write(tmp_path / "a", "Helper")
    near = write(tmp_path / "b", "Helper")
    user = write(tmp_path / "b", "User", ("helper",))
    assert Beside([far, near, user]).needed_by(user) == [near]


def kind(name: str) -> dict[str, Any]:
    return {"type": "object", "properties": {"type": {"type": "string", "enum": [name]}}}


def test_data_comes_from_the_plugins_whose_outputs_are_the_inputs(tmp_path: Path) -> None:
    reader = write(tmp_path, "Reader", inputs={"file": {}}, outputs=kind("table"))
    painter = write(tmp_path, "Painter", inputs=kind("table"), outputs=kind("picture"))
    shower = write(tmp_path, "Shower", inputs=kind("picture"), outputs=kind("picture"))
    lonely = write(tmp_path, "Lonely", inputs=kind("nobody gives it"))
    beside = Beside([lonely, painter, reader, shower])
    assert beside.givers_for(painter) == [[reader]]
    assert beside.givers_for(shower) == [[reader, painter]]
    assert beside.givers_for(lonely) == []
    assert beside.givers_for(reader) == []


def test_without_inputs_data_may_come_from_what_a_plugin_depends_on(tmp_path: Path) -> None:
    asker = write(tmp_path, "Asker", type="web-worker")
    window = write(tmp_path, "Window", type="window")
    user = write(tmp_path, "User", ("user/repo:Asker", "user/repo:Window"))
    assert Beside([asker, window, user]).givers_for(user) == [[asker]]


@pytest.mark.parametrize("schema", [None, [], "x", {"properties": 1}, {"type": "object"}])
def test_a_schema_that_names_no_kinds(schema: Any) -> None:
    assert kinds_of(schema) == set()
