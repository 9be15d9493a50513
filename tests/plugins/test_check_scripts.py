"""Mistakes in scripts are found before anything runs, with their line in the file."""

from __future__ import annotations

import pytest

from imjoy.plugins.check_scripts import find_node, script_problems
from imjoy.plugins.parser import Script

needs_node = pytest.mark.skipif(find_node() is None, reason="there is no Node here")


def said(content: str, lang: str, **attrs: str | bool) -> list[str]:
    return [one.said() for one in script_problems(Script(content, lang, 10, dict(attrs)))]


@needs_node
@pytest.mark.parametrize(
    ("content", "attrs", "place"),
    [
        ("let a;\nfunction f( {\n}", {}, "12, column 2"),
        ("let a;\n \tlet a;", {"type": "text/javascript"}, "11, column 7"),
        ("export default 1;\nawait 2;\nlet 3;", {"type": "module"}, "12, column 1"),
    ],
)
def test_a_mistake_in_javascript(content: str, attrs: dict[str, str], place: str) -> None:
    (text,) = said(content, "javascript", **attrs)
    assert text.startswith(f"Line {place}: the JavaScript has a mistake: ")


@pytest.mark.parametrize(
    ("content", "attrs"),
    [
        ("undeclared = 1; with (Math) x = sin(1);", {}),
        ("import a from 'b'; await a;", {"type": "module"}),
        ("this is no script", {"type": "x-template"}),
        ("neither is this", {"src": "https://example.org/a.js"}),
        ("", {}),
    ],
)
def test_what_a_browser_takes_is_no_mistake(content: str, attrs: dict[str, str]) -> None:
    assert said(content, "javascript", **attrs) == []


def test_a_mistake_in_python_and_a_name_that_is_none() -> None:
    assert said("x = 1\ndef f(:\n", "python")[0].startswith("Line 11, column 7: the Python script")
    assert said("api.shwo_message('x')", "python") == ["Line 10: there is no api.shwoMessage."]
