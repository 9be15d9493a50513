"""What is wrong with a plugin file is said with its line and a remedy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from imjoy.plugins.check import _FIELDS, LIMIT, check_text

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


def test_the_form_fields_are_those_of_the_page() -> None:
    page = Path(__file__).resolve().parents[2] / "web" / "app" / "src" / "plugins" / "joy.ts"
    body = page.read_text("utf-8")
    table = body[body.index("const TYPES") : body.index("};")]
    assert re.findall(r"^  (\w+): ", table, re.MULTILINE) == list(_FIELDS)


@pytest.mark.parametrize(
    ("old", "new", "ok", "words"),
    [
        ('"Good"', '"Good', False, "Line 2: The <config> block is not valid JSON"),
        ("web-worker", "wep-worker", False, 'There is no plugin type "wep-worker"'),
        ("api.export(new ImJoyPlugin())", "", False, "never calls api.export"),
        ("api.alert", "api.alret", True, "Line 5: there is no api.alret"),
        ('"version": "1", ', "", True, "There is no version"),
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
    assert not result.ok and "Line 5: the Python script has a mistake" in result.problems[0]
    old = text.replace("def f(:", 'print "x"')
    assert "Python 2" in check_text(old, "x").remedies[0]


def test_every_tag_is_checked() -> None:
    text = GOOD.replace(
        '"x"}', '"x", "tags": ["a", "b"], "requirements": {"a": ["x.js"], "b": ["nope"]}}'
    )
    assert any('"nope"' in problem for problem in check_text(text, "x").problems)
