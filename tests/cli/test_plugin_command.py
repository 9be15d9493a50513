"""`imjoy plugin` makes a plugin that passes its own check, and names what is wrong with others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imjoy.cli.main import main
from imjoy.cli.plugin_check import place_of

FIELDS = ["file", "name", "type", "ok", "problems", "api", "remedies", "places", "advice", "parsed"]


def test_a_new_plugin_passes_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["plugin", "new", "Find spots", "--folder", str(tmp_path)]
    assert main([*words, "--type", "window"]) == 0
    assert main(words) == 0
    assert main(words) == 2
    assert "is there already" in capsys.readouterr().err
    file, module = tmp_path / "find-spots.imjoy.html", tmp_path / "find_spots.py"
    assert main(["plugin", "check", str(file), str(module)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:2]] == ["ok", "ok"]
    assert lines[2] == "2 of 2 plugins are in order."


def test_the_check_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.imjoy.html").write_text("<config>{</config>")
    (tmp_path / "b.py").write_text("def f(:")
    assert main(["plugin", "check", "--json", str(tmp_path), str(tmp_path / "b.py")]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [list(result) for result in found] == [FIELDS, FIELDS]
    assert not any(result["ok"] for result in found)
    assert found[0]["problems"][0].startswith("Line 1, column 10: ") and found[0]["remedies"]
    assert "not valid Python" in found[1]["problems"][0]


def test_a_module_is_built(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    module = tmp_path / "double.py"
    module.write_text("def double(image):\n    return image * 2\n")
    assert main(["plugin", "build", str(module)]) == 0
    assert main(["plugin", "check", str(tmp_path / "double.imjoy.html")]) == 0
    module.write_text("x = 1\n")
    assert main(["plugin", "build", str(module)]) == 2
    assert "no public function" in capsys.readouterr().err
    assert main(["plugin", "build", str(tmp_path / "double.mjs")]) == 2
    assert "A module in JavaScript is a plugin as it is" in capsys.readouterr().err


def test_nothing_to_check_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plugin", "check", str(tmp_path)]) == 2
    assert main(["plugin", "check", str(tmp_path / "none")]) == 2
    assert "There is no" in capsys.readouterr().err


def test_a_folder_is_checked_with_its_modules_and_index(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "blur.mjs").write_text("/** @returns {Image} */\nexport function blur(image) {}")
    (tmp_path / "manifest.imjoy.json").write_text('{"plugins": [{"name": "Gone"}]}')
    assert main(["plugin", "check", "--json", str(tmp_path)]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [(one["name"], one["ok"]) for one in found] == [("blur", True), (tmp_path.name, False)]
    assert main(["plugin", "types", str(tmp_path)]) == 0
    assert (tmp_path / "typings" / "imjoy.d.ts").is_file()


def test_dependencies_are_looked_for_beside_and_in_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imjoy.cli.plugin_addresses._fetch", lambda address: None)
    mirror = tmp_path / "mirror" / "me" / "mine"
    mirror.mkdir(parents=True)
    (mirror / "manifest.imjoy.json").write_text('{"plugins": [{"name": "Far"}]}')
    folder = tmp_path / "plugins"
    folder.mkdir()
    plugin = '<config>{{"name": "{}", "type": "collection", "dependencies": {}}}</config>'
    (folder / "near.imjoy.html").write_text(plugin.format("Near", "[]"))
    file = folder / "a.imjoy.html"
    file.write_text(plugin.format("A", '["x/y:Near", "me/mine:Far", "me/mine:None", "BrowserFS"]'))
    command = ["plugin", "check", "--json", str(file), "--plugin-mirror", str(tmp_path / "mirror")]
    assert main(command) == 1
    (found,) = json.loads(capsys.readouterr().out)
    (problem,) = found["problems"]
    assert problem.startswith('Line 1: it depends on "None", and the repository me/mine lists no')


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        ("Running A: KeyError: no (my_cells.imjoy.html, line 7).", 7),
        ("Starting A: SyntaxError: no (a.imjoy.html, line 12)", 12),
        ("Running A: it stopped at line 3.", None),
    ],
)
def test_the_line_that_a_running_plugin_fails_at_is_a_place(problem: str, line: int | None) -> None:
    assert place_of(problem) == {"line": line, "column": None}
