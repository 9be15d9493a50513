"""The parser of plugin files against the vectors that the TypeScript parser passes as well."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from imjoy.errors import ManifestError
from imjoy.plugins import parse_plugin
from imjoy.plugins.lenient import LenientError, loads

VECTORS = Path(__file__).parents[2] / "protocol" / "vectors" / "manifests"
CASES = sorted(path.stem for path in VECTORS.glob("*.json"))


def read_case(name: str) -> tuple[str, dict[str, Any]]:
    text = (VECTORS / f"{name}.imjoy.html").read_bytes().decode()
    return text, json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


def as_lists(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [as_lists(entry) for entry in value]
    return value


def test_there_are_accept_and_reject_cases() -> None:
    assert sum(name.startswith("accept-") for name in CASES) >= 8
    assert sum(name.startswith("reject-") for name in CASES) >= 15


@pytest.mark.parametrize("name", [case for case in CASES if case.startswith("accept-")])
def test_accepts(name: str) -> None:
    text, case = read_case(name)
    expected = case["accept"]
    source = parse_plugin(text, case.get("tag"))
    known = {**source.manifest.fields, **dataclasses.asdict(source.manifest)}
    for key, value in expected["manifest"].items():
        assert as_lists(known[key]) == value, key
    assert source.tag == expected["tag"]
    assert len(source.scripts) == len(expected["scripts"])
    for script, wanted in zip(source.scripts, expected["scripts"], strict=True):
        for key, value in wanted.items():
            assert getattr(script, key) == value, key
    for key in ("windows", "styles", "links", "attachments"):
        if key in expected:
            assert as_lists(getattr(source, key)) == expected[key], key


@pytest.mark.parametrize("name", [case for case in CASES if case.startswith("reject-")])
def test_rejects_with_line_and_remedy(name: str) -> None:
    text, case = read_case(name)
    with pytest.raises(ManifestError) as caught:
        parse_plugin(text, case.get("tag"))
    expected = case["error"]
    assert caught.value.code == expected["code"]
    data = caught.value.data
    assert data is not None
    assert data["remedy"]
    for key in ("line", "column"):
        if key in expected:
            assert data[key] == expected[key], key


def test_a_script_line_of_a_traceback_is_the_line_of_the_file() -> None:
    text = '<config>{"name": "X", "type": "native-python"}</config>\n\n<script>\nraise ValueError\n'
    script = parse_plugin(text + "</script>").scripts[0]
    padded = "\n" * (script.line - 1) + script.content
    assert padded.split("\n")[3] == text.split("\n")[3]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a: 1, 'b': \"x\\\ny\",}", {"a": 1, "b": "xy"}),
        ("[+1, -.5, 1e3, 0xff, Infinity]", [1, -0.5, 1000.0, 255, float("inf")]),
        ("/* a */ [true, false, null] // end", [True, False, None]),
        ("'tab\\tquote\\'\\x41'", "tab\tquote'A"),
    ],
)
def test_lenient_json(text: str, value: object) -> None:
    assert loads(text) == value


@pytest.mark.parametrize(
    "text", ["", "{a 1}", "[1 2]", "'", "tru", "{,}", "1 2", "'\\u12'", "{1: 2}"]
)
def test_lenient_json_rejects(text: str) -> None:
    with pytest.raises(LenientError):
        loads(text)
