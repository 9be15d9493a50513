"""Every template becomes a plugin without a problem."""

from __future__ import annotations

import pytest

from imjoy.plugins.check import check_text
from imjoy.plugins.manifest_words import PLUGIN_TYPES
from imjoy.plugins.module_plugin import plugin_from_module
from imjoy.plugins.template import new_plugin, template_names


def test_there_is_a_template_for_every_type() -> None:
    assert set(PLUGIN_TYPES) <= set(template_names())
    assert {"python-function", "javascript-module"} <= set(template_names())


@pytest.mark.parametrize("kind", [name for name in template_names() if name != "javascript-module"])
def test_a_new_plugin_is_in_order(kind: str) -> None:
    file_name, text = new_plugin("Count  cells", kind)
    assert file_name == (
        "count_cells.py" if kind == "python-function" else "count-cells.imjoy.html"
    )
    if kind == "python-function":
        text = plugin_from_module(text, file_name)
    result = check_text(text, file_name)
    assert result.ok and result.problems == []
    assert result.name == "Count cells" and "@NAME@" not in text


@pytest.mark.parametrize("name", ["", " ", "a/b", "a:b", "x" * 49, '"', "a@b", "../x"])
def test_a_name_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be called"):
        new_plugin(name, "window")
