"""A folder is checked with its modules and its index, and other files in it are left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imjoy.plugins.check_others import check_index, check_javascript, files_below
from imjoy.plugins.template import new_plugin

PLUGIN = '<config lang="json">{"name": "NAME", "type": "web-worker"}</config><script>1</script>'


def test_a_folder_has_plugins_modules_and_an_index(tmp_path: Path) -> None:
    wanted = ["a.imjoy.html", "manifest.imjoy.json", "sub/try_it.mjs", "sub/try_it.py"]
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.imjoy.html").write_text(PLUGIN)
    (tmp_path / "manifest.imjoy.json").write_text("{}")
    for kind in ("python-function", "javascript-module"):
        name, text = new_plugin("Try it", kind)
        (tmp_path / "sub" / name).write_text(text)
    others = {
        "setup.py": "import os\n\ndef main():\n    pass\n",
        "tool.js": "export function build() {}",
        "typings/imjoy.mjs": "/** @returns {Image} */ export function a() {}",
        ".hidden/b.imjoy.html": PLUGIN,
        "node_modules/x/c.imjoy.html": PLUGIN,
    }
    for name, text in others.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert [path.relative_to(tmp_path).as_posix() for path in files_below(tmp_path)] == wanted


def test_a_javascript_module_is_read() -> None:
    _, text = new_plugin("Try it", "javascript-module")
    good = check_javascript(text, "x/try_it.mjs")
    assert (good.ok, good.name, good.type, good.api) == (True, "try_it", "web-worker", ["ndarray"])
    named = check_javascript(f"/**\n * @name Nice\n * @type iframe\n */\n{text}", "a.mjs")
    assert (named.name, named.type) == ("Nice", "iframe")
    bad = check_javascript('const x = "</script>";\napi.alrt("x");\n', "bad.mjs")
    assert not bad.ok
    assert [problem.split(":")[0] for problem in bad.problems] == [
        "There is no exported function.", "Line 1", "Line 2",
    ]  # fmt: skip
    assert len(bad.remedies) == 3


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "Line 1, column 2: it is not valid JSON"),
        ("[]", "It has no list of plugins"),
        ('{"plugins": [{}]}', "Plugin 1 of the list has no name"),
        ('{"plugins": [{"name": "Gone"}]}', "Gone: there is no file Gone.imjoy.html"),
        (
            '{"plugins": [{"name": "Other", "uri": "a.imjoy.html"}]}',
            "Other is called A in its file",
        ),
    ],
)
def test_what_is_wrong_with_an_index(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "a.imjoy.html").write_text(PLUGIN.replace("NAME", "A"))
    (tmp_path / "manifest.imjoy.json").write_text(text)
    result = check_index(tmp_path / "manifest.imjoy.json")
    assert not result.ok and result.remedies
    assert result.problems[0].startswith(problem)


def test_an_index_in_order(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a b.imjoy.html").write_text(PLUGIN.replace("NAME", "A"))
    plugins = [
        {"name": "A", "uri": "a%20b.imjoy.html"},
        {"name": "A", "uri": "a%20b.imjoy.html"},
        {"name": "Web", "uri": "https://example.org/web.imjoy.html"},
    ]
    index = tmp_path / "manifest.imjoy.json"
    index.write_text(json.dumps({"name": "R", "uri_root": "sub", "plugins": plugins}))
    result = check_index(index)
    assert (result.ok, result.name, result.type) == (True, "R", "index")
    assert result.problems == ["A is in the list twice."]
