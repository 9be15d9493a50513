"""The examples are plugin files that parse, and the README shows exactly them."""

from __future__ import annotations

from pathlib import Path

import pytest

from imjoy.plugins.parser import parse_plugin

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.imjoy.html"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_readme_shows_the_example(path: Path) -> None:
    text = path.read_text("utf-8")
    assert parse_plugin(text).manifest.name
    assert text in (ROOT / "README.md").read_text("utf-8")
    code = text.split("</config>\n")[1].strip().splitlines()[1:-1]
    assert len(code) <= 10


def test_the_plugin_of_the_tutorial_parses() -> None:
    text = (ROOT / "docs" / "tutorial" / "first-plugin.md").read_text("utf-8")
    block = text.split("```html\n")[1].split("```")[0]
    assert parse_plugin(block).manifest.name == "Threshold"
