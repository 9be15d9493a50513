"""Tables and arrays in chunks are told apart by their classes, and only they."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from imjoy.protocol.lazy_values import lazy_codec


@pytest.mark.parametrize("value", [None, 1, "text", [1], {}, np.zeros(3), datetime.datetime.now()])
def test_other_values_are_left_alone(value: object) -> None:
    assert lazy_codec(value) is None


def test_a_class_of_the_same_name_is_left_alone() -> None:
    class DataFrame:
        pass

    assert lazy_codec(DataFrame()) is None


def test_the_library_is_known_by_the_class_or_one_below() -> None:
    frame = type("DataFrame", (), {"__module__": "pandas.core.frame"})
    codec = lazy_codec(type("GeoDataFrame", (frame,), {"__module__": "geopandas"})())
    assert codec is not None
    assert codec.name == "imjoy.table"


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["a", "b"], ["a", "b"]),
        (["x", "x", "x (2)"], ["x", "x (3)", "x (2)"]),
        (["x (2)", "x", "x", "x"], ["x (2)", "x", "x (3)", "x (4)"]),
    ],
)
def test_columns_of_the_same_name_are_told_apart(names: list[str], told: list[str]) -> None:
    frame = type("DataFrame", (), {"__module__": "pandas.core.frame"})()
    frame.columns, frame.dtypes = names, ["f8"] * len(names)
    type(frame).__len__ = lambda self: 0
    codec = lazy_codec(frame)
    assert codec is not None and codec.encoder is not None
    assert [column["name"] for column in codec.encoder(frame)["columns"]] == told
