"""Parameters, limits and results are read from type hints and docstrings alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imjoy.errors import ManifestError
from imjoy.plugins.docstrings import limits_in, parameter_docs
from imjoy.plugins.functions import Function, read_functions

WORDED = Path(__file__).with_name("worded_limits.json")

MODULE = '''
"""Tools for cells."""
import enum
from typing import Annotated, Literal, Optional
import numpy as np

class Mode(enum.Enum):
    FAST = 1
    EXACT = 2

def segment(image: np.ndarray, sigma: float = 1.5, smallest: Annotated[int, {"min": 0, "max": 500}] = 30,
            method: Literal["otsu", "li"] = "otsu", mode: Mode = Mode.EXACT, dark: bool = False,
            note: Optional[str] = None, *, region: tuple[int, int] = (0, 0)) -> "np.ndarray":
    """Label the cells.

    Parameters
    ----------
    image
        The picture.
    sigma : float
        Width of the blur in pixels,
        0 to 20.
    smallest : int, optional
        Smaller objects go.

    Returns
    -------
    Labels of the cells.
    """

def measure(image, labels: np.ndarray) -> "list[dict]":
    """Measure.

    Args:
        image: the picture
        labels (ndarray): the objects
    """

def _hidden(): ...
'''


def functions() -> tuple[Function, ...]:
    return read_functions(MODULE)


def test_the_public_functions_in_their_order() -> None:
    segment, measure = functions()
    assert segment.name == "segment" and segment.gives == "labels"
    assert segment.about == "Label the cells." and segment.line == 11
    assert measure.gives == "table"
    assert [one.kind for one in measure.parameters] == ["image", "labels"]
    listed = read_functions('__all__ = ["b", "a"]\ndef a(): ...\ndef b(): ...\ndef c(): ...')
    assert [one.name for one in listed] == ["b", "a"]


def test_every_kind_of_parameter() -> None:
    found = {one.name: one for one in functions()[0].parameters}
    assert {name: one.kind for name, one in found.items()} == {
        "image": "image", "sigma": "number", "smallest": "integer", "method": "choose",
        "mode": "choose", "dark": "checkbox", "note": "string", "region": "json",
    }  # fmt: skip
    assert found["sigma"].limits == {"min": 0, "max": 20, "unit": "pixels"}
    assert found["smallest"].limits == {"min": 0, "max": 500}
    assert found["method"].options == ("otsu", "li")
    assert found["mode"].options == ("FAST", "EXACT") and found["mode"].default == "EXACT"
    assert found["region"].default == (0, 0)


@pytest.mark.parametrize(
    ("hint", "limits"),
    [
        ("Annotated[float, Field(ge=0, le=1, description='Part')]", {"min": 0, "max": 1}),
        ("Annotated[float, Interval(0, 1)]", {"min": 0, "max": 1}),
        ("Annotated[int, range(1, 9)]", {"min": 1, "max": 9}),
        ("Annotated[float, Ge(2)]", {"min": 2}),
        ("Annotated[float, '0..5 µm']", {"min": 0, "max": 5, "unit": "µm"}),
    ],
)
def test_the_usual_ways_to_give_limits(hint: str, limits: dict[str, object]) -> None:
    (function,) = read_functions(f"def f(image, x: {hint} = 1): ...")
    assert function.parameters[1].limits == limits


@pytest.mark.parametrize(
    ("parameter", "kind", "default", "may_be_none"),
    [
        ("x: Optional[int] = None", "integer", None, False),
        ("x: float | None = 2.5", "number", 2.5, True),
        ("x: 'None | float' = 2.5", "number", 2.5, True),
        ("x: Annotated[Optional[float], Ge(0)] = 1", "number", 1, True),
        ("x: Optional[Annotated[float, Ge(0)]] = 1", "number", 1, True),
        ("x: Optional[Literal['p', 'q']] = None", "choose", None, False),
        ("x: float = float('inf')", "number", None, False),
        ("x: Union[int, float] = 4", "number", 4, False),
        ("x: int | str = 4", "string", 4, False),
        ("x: np.ndarray | None = None", "image", None, False),
        ("image=None", "image", None, False),
        ("x=None", "string", None, False),
        ("x: list[int] = [1]", "json", [1], False),
        ("x: dict = {1: 2}", "string", {1: 2}, False),
        ("x: date = date.today()", "string", None, False),
        ("x: Options = Options()", "", None, False),
    ],
)
def test_what_may_be_left_out(
    parameter: str, kind: str, default: object, may_be_none: bool
) -> None:
    text = f"class Options: ...\ndef f(first, {parameter}): ..."
    found = read_functions(text)[0].parameters[1]
    assert (found.kind, found.default, found.may_be_none) == (kind, default, may_be_none)


@pytest.mark.parametrize(("text", "limits"), json.loads(WORDED.read_text("utf-8")))
def test_limits_in_words(text: str, limits: dict[str, object]) -> None:
    assert limits_in(text) == limits


def test_sphinx_style() -> None:
    docs = "Do.\n\n:param sigma: the width\n    of it\n:param int n: how many\n:returns: x"
    assert parameter_docs(docs) == {"sigma": "the width of it", "n": "how many"}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("def f(:\n", 1, "not valid Python"),
        ("x = 1\n\n  y", 3, "not valid"),
        ("x = 1", 1, "no public"),
    ],
)
def test_what_is_no_module_is_named(text: str, line: int, words: str) -> None:
    with pytest.raises(ManifestError, match=words) as error:
        read_functions(text, "cells.py")
    assert error.value.data is not None and error.value.data["line"] == line
