"""Dependencies are looked for beside the plugin, in folders, and where their addresses lead."""

from __future__ import annotations

import json

import pytest

from imjoy.plugins.check_dependencies import missing_problems, names_in, plugin_name
from imjoy.plugins.check_result import Weight
from imjoy.plugins.parser import parse_plugin

RAW = "https://raw.githubusercontent.com"
INDEX = json.dumps({"plugins": [{"name": "Viewer"}, {"uri": "x"}]})
WEB = {
    f"{RAW}/a/b/main/manifest.imjoy.json": INDEX,
    f"{RAW}/a/b/v1/manifest.imjoy.json": INDEX,
    f"{RAW}/imjoy-team/imjoy-plugins/master/manifest.imjoy.json": INDEX,
    f"{RAW}/a/b/main/Viewer.imjoy.html": "x",
    "https://example.org/V.imjoy.html": "x",
    "https://api.github.com/gists/0a1b": "{}",
}


def read(address: str) -> str | None:
    if address.startswith("https://silent.example/"):
        raise OSError("silent.example cannot be asked for it")
    return WEB.get(address)


def problems(address: str, near: tuple[str, ...] = ()) -> list[tuple[str, Weight]]:
    config = json.dumps({"name": "A", "type": "collection", "dependencies": [address]})
    source = parse_plugin(f"<config>\n{config}\n</config>")
    found = list(missing_problems(source, near, read))
    assert all(one.line == 2 and one.remedy for one in found)
    return [(one.text, one.weight) for one in found]


@pytest.mark.parametrize(
    "address",
    [
        "a/b:Viewer",
        "a/b@v1:viewer@GPU",
        "oeway/ImJoy-Plugins:Viewer",
        "Viewer",
        "https://github.com/a/b/blob/main/Viewer.imjoy.html?raw=true",
        "https://example.org/V.imjoy.html@GPU",
        "https://gist.github.com/me/0a1b",
        "not/an/address",  # said elsewhere
    ],
)
def test_what_is_there_is_no_problem(address: str) -> None:
    assert problems(address) == []


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("a/b:Other", "the repository a/b lists no plugin of that name"),
        ("a/none:Viewer", "there is no repository a/none"),
        ("a/b@v2:Viewer", "there is no repository a/b"),
        ("Other", "no plugin of that name lies beside it"),
        ("https://example.org/none.imjoy.html", "there is nothing at"),
    ],
)
def test_what_is_missing_is_an_error_unless_it_lies_beside(address: str, words: str) -> None:
    ((text, weight),) = problems(address)
    assert words in text and weight is Weight.ERROR
    assert problems(address, (plugin_name(address).lower(),)) == []


def test_who_does_not_answer_may_have_it() -> None:
    ((text, weight),) = problems("https://silent.example/My%20plugin.imjoy.html")
    assert '"My plugin"' in text and "cannot be asked" in text and weight is Weight.WARNING


def test_an_index_that_is_none_has_no_names() -> None:
    assert names_in(INDEX) == {"viewer"}
    assert names_in("[]") == names_in("{") == names_in('{"plugins": 3}') == set()
