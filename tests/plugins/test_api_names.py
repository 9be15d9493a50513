"""The names that checks know are those that plugins can call."""

from __future__ import annotations

import re
from pathlib import Path

from imjoy.plugins.api_names import API_NAMES, camel, used_in

SOURCE = Path(__file__).resolve().parents[2] / "web" / "packages" / "sdk" / "src" / "api.ts"


def test_every_function_of_the_api_is_known() -> None:
    body = SOURCE.read_text("utf-8")
    body = body[body.index("export interface ImJoyApi") :]
    names = re.findall(r"^  (?:readonly )?(\w+)[(<:]", body, re.MULTILINE)
    assert len(names) > 30
    assert [name for name in names if name not in API_NAMES] == []


def test_the_functions_of_earlier_versions_are_known() -> None:
    services = SOURCE.parents[3] / "app" / "src" / "services" / "capabilities.ts"
    body = services.read_text("utf-8")
    names = re.findall(r'^  "(\w+)",$', body[body.index("FREE") :], re.MULTILINE)
    assert "showPluginProgress" in names
    assert [name for name in names if name not in API_NAMES] == []


def test_uses_are_found_in_both_spellings() -> None:
    text = "await api.show_message('x')\nother.api.alert()\napi['createWindow']({})\nmyapi.log()"
    assert used_in(text) == [("showMessage", 1), ("createWindow", 3)]
    assert camel("ENGINE_URL") == "ENGINE_URL"
