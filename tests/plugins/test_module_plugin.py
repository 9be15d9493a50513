"""A plain module becomes a plugin file that runs: form, image in, result out."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from imjoy.errors import ManifestError
from imjoy.plugins.module_plugin import plugin_from_module
from imjoy.plugins.parser import parse_plugin
from imjoy.plugins.script_metadata import imported_packages, read_metadata
from imjoy.worker.loader import run_scripts

MODULE = '''"""Blur and more.

Longer text.
"""
# /// script
# requires-python = ">=3.10"
# dependencies = ["numpy"]
# [tool.imjoy]
# icon = "blur_on"
# network = "none"
# ///
import enum


class Mode(enum.Enum):
    FAST = 1
    EXACT = 2


class Array:
    """As much of an array as is needed here."""

    def __init__(self, *shape):
        self.shape = shape


def blur(image, sigma: float = 1.5, times: int = 2, mode: Mode = Mode.FAST, pair: tuple = (1, 2)):
    """Blur it.

    Args:
        sigma: Width in px, 0 to 20
    """
    if sigma == 7:
        raise ValueError("seven")
    return Array(*image.shape), [sigma, times, mode.name, pair]


async def count(labels: "Labels") -> int:
    """Count them."""
    return labels.shape[0]
'''


class Api:
    """Takes what a plugin exports, registers and opens."""

    def __init__(self) -> None:
        self.exported: dict[str, Any] = {}
        self.registered: list[dict[str, Any]] = []
        self.opened: list[dict[str, Any]] = []

    def export(self, plugin: dict[str, Any]) -> None:
        self.exported = plugin

    async def register(self, service: dict[str, Any]) -> None:
        self.registered.append(service)

    async def create_window(self, window: dict[str, Any]) -> None:
        self.opened.append(window)


def load(text: str = MODULE) -> tuple[Api, dict[str, Any]]:
    source = parse_plugin(plugin_from_module(text, "some/blur_it.py"))
    api, namespace = Api(), {}
    namespace["api"] = api
    scripts = [
        {"content": one.content, "lang": one.lang, "line": one.line, "attrs": one.attrs}
        for one in source.scripts
    ]
    run_scripts(scripts, source.manifest.name, source.code, namespace)
    return api, source.manifest.fields


def context(**config: object) -> dict[str, Any]:
    image = SimpleNamespace(shape=(3, 4))
    labels = SimpleNamespace(shape=(5, 5))
    return {"config": config, "data": {"image": image, "labels": labels, "axes": "YX", "name": "N"}}


def test_the_manifest_says_what_the_module_says() -> None:
    _, fields = load()
    assert fields["name"] == "Blur it" and fields["description"] == "Blur and more."
    assert fields["requirements"] == ["numpy"] and fields["icon"] == "blur_on"
    assert fields["network"] == "none" and "3.10" in fields["env"]
    assert fields["ui"] == [
        {"Sigma": {"id": "sigma", "type": "number", "min": 0, "max": 20, "unit": "px",
                   "about": "Width in px, 0 to 20", "placeholder": 1.5}},
        {"Times": {"id": "times", "type": "number", "step": 1, "placeholder": 2}},
        {"Mode": {"id": "mode", "type": "choose", "options": ["FAST", "EXACT"], "placeholder": "FAST"}},
        {"Pair": {"id": "pair", "type": "json", "placeholder": "[1, 2]"}},
    ]  # fmt: skip


def test_the_answers_of_the_form_reach_the_function() -> None:
    api, _ = load()
    given = context(sigma=3, times=4.0, mode="EXACT", pair="(8, 9)")
    shown = asyncio.run(api.exported["run"](given))
    assert shown["type"] == "imjoy/image" and shown["name"] == "N, Blur"
    assert shown["data"]["image"].shape == (3, 4) and shown["data"]["axes"] == "YX"
    assert api.opened[0]["data"] == [3.0, 4, "EXACT", (8, 9)]


def test_defaults_hold_where_nothing_was_answered() -> None:
    api, _ = load()
    asyncio.run(api.exported["run"](context()))
    assert api.opened[0]["data"] == [1.5, 2, "FAST", (1, 2)]


OPTIONAL = """
import math
from dataclasses import dataclass
from typing import Annotated, Literal, Optional

@dataclass
class Options:
    a: int = 1

def show(
    image=None,
    diameter: Optional[float] = None,
    width: float | None = 2.5,
    mode: Optional[Literal["p", "q"]] = None,
    limit: float = float("inf"),
    many: list[int] = [1, 2],
    either: int | str = 4,
    options: Options = Options(3),
):
    return [repr(one) for one in (diameter, width, mode, limit, many, either, options.a)]
"""
_SHOWN = ["None", "2.5", "None", "inf", "[1, 2]", "4", "3"]


def shown_with(**answers: object) -> object:
    api, fields = load(OPTIONAL)
    first = {one["id"]: one["placeholder"] for entry in fields["ui"] for one in entry.values()}
    first["many"] = [1, 2]  # the form reads JSON
    return asyncio.run(api.exported["run"](context(**{**first, **answers})))


def test_what_a_form_cannot_hold_keeps_its_default() -> None:
    _, fields = load(OPTIONAL)
    widgets = {one["id"]: one for entry in fields["ui"] for one in entry.values()}
    assert [name for name, one in widgets.items() if one.get("optional")] == [
        "diameter", "width", "limit",
    ]  # fmt: skip
    assert widgets["mode"]["options"] == [{"label": "none", "value": None}, "p", "q"]
    assert shown_with() == _SHOWN


def test_an_empty_field_is_none_or_the_default() -> None:
    emptied = shown_with(diameter=3, width=None, mode="q", limit=None, many=None, either="b")
    assert emptied == ["3.0", "None", "'q'", "inf", "[1, 2]", "'b'", "3"]


def test_an_answer_that_cannot_be_read_is_told_with_its_field() -> None:
    with pytest.raises(ValueError, match=r"The field many of Show cannot be '\[1, '"):
        shown_with(many="[1, ")


def test_other_functions_are_operations_and_can_be_called() -> None:
    api, _ = load()
    asyncio.run(api.exported["setup"]())
    (operation,) = api.registered
    assert operation["name"] == "Count"
    assert asyncio.run(operation["run"](context())) == 5
    assert set(api.exported) == {"blur", "count", "setup", "run"}


def test_a_missing_image_is_said_in_words() -> None:
    api, _ = load()
    with pytest.raises(ValueError, match="needs an image"):
        asyncio.run(api.exported["run"]({"config": {}, "data": {}}))


def test_lines_in_tracebacks_are_those_of_the_module() -> None:
    api, _ = load()
    with pytest.raises(ValueError, match="seven") as error:
        asyncio.run(api.exported["run"](context(sigma=7)))
    last = error.traceback[-1]
    assert MODULE.splitlines()[last.lineno].strip() == 'raise ValueError("seven")'
    assert str(last.path).endswith("Blur it.imjoy.html")


def test_packages_are_guessed_from_imports() -> None:
    import ast

    tree = ast.parse("import os, cv2\nfrom skimage.filters import gaussian\nimport numpy as np")
    assert imported_packages(tree) == ("numpy", "opencv-python-headless", "scikit-image")


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("# /// script\n# dependencies = [\n# ///\ndef f(): ...\n", "not valid TOML", 2),
        ("def f():\n    return '</script>'\n", "</script>", 2),
    ],
)
def test_what_cannot_become_a_plugin_is_named(text: str, words: str, line: int) -> None:
    with pytest.raises(ManifestError, match=words) as error:
        plugin_from_module(text, "x.py")
    assert error.value.data is not None and error.value.data["line"] == line


def test_a_block_without_the_table_is_enough() -> None:
    import ast

    text = '# /// script\n# dependencies = ["a"]\n# ///\n"""Doc."""\n'
    assert read_metadata(text, ast.parse(text)).requirements == ("a",)
