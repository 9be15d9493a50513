"""What is wrong with a plugin file is said with its line and a remedy."""

from __future__ import annotations

import pytest

from imjoy.plugins.check import LIMIT, check_text

GOOD = """<config lang="json">
{"name": "Good", "type": "web-worker", "version": "1", "api_version": "0.1.8", "description": "x"}
</config>
<script lang="javascript">
class ImJoyPlugin { run() { api.alert("x"); api.showMessage("y"); } }
api.export(new ImJoyPlugin())
</script>"""


def test_a_good_plugin_has_no_problems() -> None:
    result = check_text(GOOD, "good.imjoy.html")
    assert result.ok and result.problems == [] and result.remedies == []
    assert (result.name, result.type) == ("Good", "web-worker")
    assert result.api == ["alert", "export", "showMessage"]


def test_a_file_that_is_no_plugin_by_its_size() -> None:
    result = check_text("a" * (LIMIT + 1), "huge.imjoy.html")
    assert not result.ok and result.problems == [
        "It is larger than 16 MB, so it cannot be a plugin."
    ]


@pytest.mark.parametrize(
    ("old", "new", "ok", "words"),
    [
        ('"Good"', '"Good', False, "Line 2, column 18: the <config> block is not valid JSON"),
        ("web-worker", "wep-worker", False, 'there is no plugin type "wep-worker"'),
        ("api.export(new ImJoyPlugin())", "", False, "never calls api.export"),
        ("api.alert", "api.alret", True, "Line 5: there is no api.alret"),
        ('"x"}', '"x", "requirements": ["numpy"]}', True, '"numpy" is not known'),
        ('"x"}', '"x", "requirements": ["http://a.org/b.js"]}', True, "not loaded over a safe"),
        ('"x"}', '"x", "permissions": ["camara"]}', True, 'no permission "camara"'),
        ('"x"}', '"x", "dependencies": ["a/b/c"]}', True, "not the address of a plugin"),
        ('"x"}', """"x", "ui": "N {id:'n', type:'numbr'}"}""", True, 'of the type "numbr"'),
        ('"x"}', '"x", "network": 5}', False, '"network" cannot be read'),
        ("</config>", "</config>\n<config>{}</config>", True, "Line 4: there is a second <config>"),
    ],
)
def test_a_mistake_is_named(old: str, new: str, ok: bool, words: str) -> None:
    result = check_text(GOOD.replace(old, new), "x")
    assert result.ok is ok
    assert any(words in problem for problem in result.problems), result.problems
    assert len(result.remedies) == len(result.problems) and all(result.remedies)


def test_a_mistake_in_python_has_its_line() -> None:
    text = GOOD.replace("web-worker", "native-python").replace("javascript", "python")
    text = text.replace(
        'class ImJoyPlugin { run() { api.alert("x"); api.showMessage("y"); } }', "def f(:"
    )
    result = check_text(text, "x")
    assert not result.ok and result.places == [{"line": 5, "column": 7}]
    assert result.problems[0].startswith("Line 5, column 7: the Python script has a mistake")
    old = text.replace("def f(:", 'print "x"')
    assert "Python 2" in check_text(old, "x").remedies[0]


def test_every_tag_is_checked() -> None:
    text = GOOD.replace(
        '"x"}', '"x", "tags": ["a", "b"], "requirements": {"a": ["x.js"], "b": ["nope"]}}'
    )
    assert any('"nope"' in problem for problem in check_text(text, "x").problems)


def test_what_is_only_advice_is_no_problem() -> None:
    result = check_text(
        GOOD.replace('"version": "1", ', "").replace(', "description": "x"', ""), "x"
    )
    assert (result.ok, result.problems, result.remedies) == (True, [], [])
    assert result.advice == [
        'There is no version. Add "version" to the <config> block.',
        'There is no description. Add "description" to the <config> block.',
    ]


@pytest.mark.parametrize(
    ("config", "name", "kind"),
    [
        ('{"name": "One" "type": "window"}', "One", "window"),
        ("{name: 'Two', type: window,,}", "Two", "window"),
        ('{"name": "Three,\n"type": "frobnicate"}', "Three", "frobnicate"),
        ("name: Four plus\ntype: [window\nversion: 1", "Four plus", ""),
        ('{"type": "window" "ui": ""}', "", "window"),
    ],
)
def test_a_broken_config_has_the_name_that_can_be_read(config: str, name: str, kind: str) -> None:
    lang = "yaml" if config.startswith("name") else "json"
    text = f"<config lang='{lang}'>\n{config}\n</config>\n<script>const name = 'no';</script>"
    result = check_text(text, "x")
    assert (result.ok, result.parsed, result.name, result.type) == (False, False, name, kind)
    assert all(result.places[0].values())


def test_places_are_those_of_the_file() -> None:
    config = '<config>{"name": "A", "type": "native-python"}</config>\n'
    for script, place in (
        ("<script lang='python'>\n    x = 1\n    def f(:\n</script>", (4, 11)),
        ("<script lang='python'>def f(:\n</script>", (2, 29)),
    ):
        (found,) = check_text(config + script + "\n<!-- export() -->", "x").places[:1]
        assert (found["line"], found["column"]) == place
