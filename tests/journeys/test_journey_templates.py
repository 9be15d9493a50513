"""A new plugin of every type runs as it is written, before anybody has changed a line of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from journey_servers import plugin_server

from imjoy.plugins.template import new_plugin, template_names

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "web" / "node_modules" / "imjoy-rpc" / "dist" / "imjoy-rpc.min.js"
PAGE = """<!doctype html><title>Page</title><script src="imjoy-rpc.min.js"></script><script>
imjoyRPC.setupRPC({ name: "Page" }).then((api) => api.export({ setup() {}, run() {} }));
</script>"""
# The rest has nothing to run, or a window that was opened.
RUNS = {"collection": "none"}
# What a plugin works on comes with the check.
TAKE_AN_IMAGE = {"native-python", "web-worker", "python-function", "javascript-module"}


@pytest.fixture(scope="module")
def answers(
    app_folder: Path, browser_path: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """What `imjoy plugin check --run` says of a new plugin, by its template."""
    folder = tmp_path_factory.mktemp("templates")
    kinds = {}
    with plugin_server({"": PAGE, "imjoy-rpc.min.js": LIBRARY.read_bytes()}) as address:
        for kind in template_names():
            name, text = new_plugin(f"New {kind}", kind)
            kinds[name] = kind
            (folder / name).write_text(text.replace("https://kaibu.org/#/app", address), "utf-8")
        command = [sys.executable, "-m", "imjoy", "plugin", "check", "--run", "--json"]
        done = subprocess.run(
            [*command, *(str(folder / name) for name in kinds)],
            env={**os.environ, "IMJOY_BROWSER": browser_path},
            capture_output=True,
            text=True,
            timeout=220,
        )
    assert done.stdout, done.stderr
    return {kinds[Path(one["file"]).name]: one for one in json.loads(done.stdout)}


@pytest.mark.slow
@pytest.mark.registry
@pytest.mark.parametrize("kind", template_names())
def test_a_new_plugin_runs(kind: str, answers: dict[str, dict[str, Any]]) -> None:
    answer = answers[kind]
    # Whether a plugin of another repository is there is not the template's matter here.
    problems = [text for text in answer["problems"] if "raw.githubusercontent.com" not in text]
    assert problems == []
    assert (answer["run"], answer["ok"]) == (RUNS.get(kind, "finished"), True)
    assert answer["after"] == (["a sample image"] if kind in TAKE_AN_IMAGE else [])


def test_a_check_finds_what_a_plugin_asks_for_in_the_mirror(
    app_folder: Path, browser_path: str, tmp_path: Path
) -> None:
    def plugin(name: str, methods: str) -> str:
        config = json.dumps({"name": name, "type": "web-worker", "api_version": "0.1.8"})
        code = f"api.export({{ setup() {{}}, {methods} }});"
        return f'<config lang="json">{config}</config>\n<script lang="javascript">{code}</script>\n'

    given = tmp_path / "mirror" / "lab" / "tools"
    given.mkdir(parents=True)
    (given / "Two.imjoy.html").write_text(plugin("Two", "two() { return 2; }"), "utf-8")
    file = tmp_path / "asks.imjoy.html"
    run = 'async run() { if (await (await api.getPlugin("lab/tools:Two")).two() !== 2) throw new Error("no"); }'
    file.write_text(plugin("Asks", run), "utf-8")
    command = [sys.executable, "-m", "imjoy", "plugin", "check", "--run", "--json", str(file)]
    done = subprocess.run(
        [*command, "--plugin-mirror", str(tmp_path / "mirror")],
        env={**os.environ, "IMJOY_BROWSER": browser_path},
        capture_output=True,
        text=True,
        timeout=120,
    )
    (answer,) = json.loads(done.stdout)
    assert answer["ok"], answer
