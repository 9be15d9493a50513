"""The libraries of a plugin are found wherever the file names them."""

from __future__ import annotations

from imjoy.plugins.libraries import libraries_of
from imjoy.plugins.parser import parse_plugin

PLUGIN = """<config lang="json">
{"name": "L", "type": "window", "requirements": ["https://a.org/one.js", "css: https://a.org/two.css", "nope"]}
</config>
<script lang="javascript" src="https://a.org/three.js"></script>
<script lang="javascript">
// an example: https://a.org/example.js
/* https://a.org/other.js */
const url = "https://a.org/four.min.js?v=1";
fetch("https://a.org/data.json");
</script>
<link rel="stylesheet" href="//a.org/five.css">
<window><div style="background: url('https://a.org/six.woff2')"></div></window>
<style>@import "https://a.org/seven.css";</style>
"""


def test_every_place_counts() -> None:
    found = libraries_of(parse_plugin(PLUGIN))
    assert [address.rsplit("/", 1)[-1] for address in found] == [
        "one.js", "two.css", "three.js", "four.min.js?v=1", "five.css", "six.woff2", "seven.css"
    ]  # fmt: skip


def test_a_python_plugin_loads_none() -> None:
    text = PLUGIN.replace('"window"', '"native-python"')
    assert libraries_of(parse_plugin(text)) == []
