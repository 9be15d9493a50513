"""The conformance plugins, all run in one headless page with an engine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "conformance"
PLUGINS = sorted(path.name for path in FOLDER.glob("*.imjoy.html"))
# Plugins in Python whose checks are made on the engine too, and not in the browser alone.
BOTH = {
    "python-api.imjoy.html": "Python api",
    "older-python.imjoy.html": "Older functions in Python",
    "operations-python.imjoy.html": "Operations in Python",
    "windows-python.imjoy.html": "Windows in Python",
    "more-python.imjoy.html": "More functions in Python",
}
# Versions of the api between which something changed, and the plugins that are run with each of them.
VERSIONS = (
    "0.1.0",
    "0.1.1",
    "0.1.2",
    "0.1.3",
    "0.1.4",
    "0.1.5",
    "0.1.6",
    "0.1.7",
    "0.1.8",
    "0.2.3",
)
VERSIONED = ("versions-javascript.imjoy.html", "versions-python.imjoy.html")
OLD_TYPES = {"web-worker": "webworker", "native-python": "pyworker"}
# What is wrong with a plugin that is meant to fail, beside where it must say so.
MEANT_TO_FAIL = {
    "fails-dependency.imjoy.html": 'There is no plugin "Absent plugin"',
    "fails-error.imjoy.html": 'something is wrong {"code":7}',
    "fails-error-python.imjoy.html": 'something is wrong {"code":7}',
    "fails-python-exits.imjoy.html": "exit code 3",
    "fails-python-exports.imjoy.html": "did not export anything",
    "fails-python-import.imjoy.html": "No module named 'no_such_module_here'",
    "fails-python-run.imjoy.html": "The key 'no such key' is missing",
    "fails-python-setup.imjoy.html": "RuntimeError: no card here",
    "fails-python-syntax.imjoy.html": "invalid syntax (fails-python-syntax.imjoy.html, line 5)",
    "fails-python-typo.imjoy.html": "A call that nobody waits for has failed",
    "fails-late-throw.imjoy.html": "missing is not defined",
    "fails-library.imjoy.html": "http://127.0.0.1:9/gone.js could not be loaded",
    "fails-never-exports.imjoy.html": "did not call api.export",
    "fails-run.imjoy.html": "run broke",
    "fails-setup-rejects.imjoy.html": "no camera here",
    "fails-syntax.imjoy.html": "fails-syntax.imjoy.html, line 4",
    "fails-throws-at-once.imjoy.html": "fails-throws-at-once.imjoy.html, line 5",
}


def for_version(text: str, version: str) -> str:
    """A plugin as one of that version was written: until 0.1.1 `mode`, until 0.1.5 no `lang`."""
    text = text.replace('"api_version": "0.1.8"', f'"api_version": "{version}"')
    if version <= "0.1.1":
        text = re.sub(
            r'"type": "([\w-]+)"', lambda found: f'"mode": "{OLD_TYPES[found[1]]}"', text, count=1
        )
    return text.replace('<config lang="json">', "<config>") if version <= "0.1.5" else text


@pytest.fixture(scope="module")
def verdicts(
    app_folder: Path, browser_path: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What became of each plugin, by the name of its file."""
    folder = tmp_path_factory.mktemp("conformance")
    found = folder / "verdicts.json"
    for name, title in BOTH.items():
        text = (FOLDER / name).read_text("utf-8").replace(title, f"{title} on the engine")
        swapped = re.sub(r'(\["?)browser("?, "?)engine', r"\1engine\2browser", text, count=1)
        assert swapped != text
        (folder / f"engine-{name}").write_text(swapped, "utf-8")
    for name in VERSIONED:
        for version in VERSIONS:
            text = for_version((FOLDER / name).read_text("utf-8"), version)
            (folder / f"{version}-{name}").write_text(text, "utf-8")
    script = str(ROOT / "scripts" / "compatibility_table.py")
    done = subprocess.run(
        [sys.executable, script, str(FOLDER), str(folder), "--json", str(found)],
        env={**os.environ, "IMJOY_BROWSER": browser_path},
        capture_output=True,
        text=True,
        timeout=220,
    )
    assert done.returncode == 0, done.stderr
    return {Path(one["file"]).name: one for one in json.loads(found.read_text("utf-8"))}


CASES = [
    *PLUGINS,
    *(f"engine-{name}" for name in BOTH),
    *(f"{version}-{name}" for name in VERSIONED for version in VERSIONS),
]


@pytest.mark.parametrize("name", CASES)
def test_a_plugin_finds_all_that_it_relies_on(name: str, verdicts: dict[str, Any]) -> None:
    verdict = verdicts[name]
    if name in MEANT_TO_FAIL:
        assert any(MEANT_TO_FAIL[name] in text for text in verdict["problems"]), verdict["problems"]
        assert verdict["remedies"]
        # What is shown is about the plugin, and not about the program that runs it.
        assert not any("/imjoy/" in one.get("detail", "") for one in verdict["failures"])
        assert verdict["seconds"] < 30
    else:
        assert verdict["problems"] == []
        assert verdict["ok"]
