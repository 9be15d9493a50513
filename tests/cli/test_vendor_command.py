"""`imjoy vendor` fills the mirror from a plugin file and says what it could not get."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from imjoy.cli.main import main

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "vendor"))
from npm_server import NpmServer, npm_server

PLUGIN = """<config lang="json">{"name": "P", "type": "window", "requirements": [
"https://unpkg.com/vue@2/dist/vue.js", "https://a.org/x.js"]}</config>
<script lang="javascript">api.export({})</script>"""


@pytest.fixture
def npm(monkeypatch: pytest.MonkeyPatch) -> Iterator[NpmServer]:
    with npm_server() as registry:
        registry.add("vue", "2.6.10", {"dist/vue.js": "vue()"})
        monkeypatch.setenv("npm_config_registry", registry.address)
        yield registry


def run(*words: str, home: Path) -> int:
    return main(["vendor", *words, "--home", str(home)])


def test_the_libraries_of_a_plugin_are_fetched(
    npm: NpmServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plugin = tmp_path / "p.imjoy.html"
    plugin.write_text(PLUGIN)
    assert run("fetch", str(plugin), home=tmp_path / "home") == 1
    text = capsys.readouterr().out
    assert "ok       unpkg.com/vue@2/dist/vue.js" in text
    assert "missing  https://a.org/x.js  a.org is not a host" in text and "1 of 2" in text
    assert run("list", "--json", home=tmp_path / "home") == 0
    (row,) = json.loads(capsys.readouterr().out)["libraries"]
    assert row["package"] == "vue" and row["version"] == "2.6.10" and row["ok"]


def test_a_damaged_file_is_found_and_mended(
    npm: NpmServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = "https://unpkg.com/vue@2/dist/vue.js"
    assert run("fetch", address, home=tmp_path) == 0
    assert run("check", home=tmp_path) == 0
    for path in (tmp_path / "vendor" / "files").iterdir():
        path.write_bytes(b"evil")
    assert run("check", home=tmp_path) == 1
    assert "damaged" in capsys.readouterr().out
    assert run("fetch", address, home=tmp_path) == 0
    assert run("check", home=tmp_path) == 0


def test_a_file_that_is_no_plugin_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("fetch", str(tmp_path / "none.imjoy.html"), home=tmp_path) == 2
    (tmp_path / "bad.imjoy.html").write_text("<config>{</config>")
    assert run("fetch", str(tmp_path / "bad.imjoy.html"), home=tmp_path) == 2
    assert "Line 1" in capsys.readouterr().err
    assert run("fetch", str(tmp_path), home=tmp_path) == 0
