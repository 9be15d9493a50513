"""The table of what plugins may rely on names rules and tests that are there, and leaves no function out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from imjoy.plugins.api_names import API_NAMES, used_in

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "conformance"
ROWS = [
    line.split("|")[1:-1]
    for line in (FOLDER / "README.md").read_text("utf-8").splitlines()
    if re.match(r"\| (?!quirk)", line)
]
PLUGINS = {path.name.split(".")[0]: path.read_text("utf-8") for path in FOLDER.glob("*.html")}
# Names that exist so that old code does not break, and do nothing or are no functions.
NO_FUNCTIONS = {"disposeObjects", "id", "callback", "passive", "setup", "openUrl"}
OWN_WINDOW = {"close", "focus", "hide", "refresh", "resize", "show"}
# In the other language they are done in another way.
NOT_IN_JAVASCRIPT = {"WORK_DIR"}
NOT_IN_PYTHON = {"signal", "ndarray", "uploadFileToUrl", "downloadFileFromUrl"}


def is_there(reference: str) -> bool:
    if reference.startswith("manifests/"):
        return (ROOT / f"protocol/vectors/{reference}.imjoy.html").is_file()
    if "::" in reference:
        file, name = reference.split("::")
        return f"def {name}(" in (ROOT / file).read_text("utf-8")
    file, _, words = reference.partition(": ")
    text = PLUGINS[file] if file in PLUGINS else (ROOT / file).read_text("utf-8")
    return bool(words) and words in text


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip()[:60])
def test_the_rules_of_a_row_are_there(row: list[str]) -> None:
    references = re.findall(r"`([^`]+)`", row[-1])
    assert references
    assert [one for one in references if not is_there(one)] == []


def test_every_plugin_has_its_place_in_the_table() -> None:
    assert len(ROWS) > 90
    named = {one.split(":")[0] for row in ROWS for one in re.findall(r"`([^`]+)`", row[-1])}
    assert set(PLUGINS) - named == {"fails-library", "fails-run"}


@pytest.mark.parametrize(
    ("python", "missing"), [(False, NOT_IN_JAVASCRIPT), (True, NOT_IN_PYTHON)], ids=["js", "py"]
)
def test_every_function_is_used_in_both_languages(python: bool, missing: set[str]) -> None:
    texts = [text for text in PLUGINS.values() if ('<script lang="python"' in text) == python]
    used = {name for text in texts for name, _ in used_in(text)}
    assert API_NAMES - NO_FUNCTIONS - used == missing
    assert used >= OWN_WINDOW
