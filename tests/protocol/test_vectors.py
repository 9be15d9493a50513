"""The vectors of the protocol hold, with numpy and without it, on every Python from 3.7 on."""

from __future__ import annotations

import pytest
from pythons import MINORS, run_everywhere

from imjoy.protocol import arrays
from protocol import vectors


def cases(name: str):
    return [pytest.param(case, id=case["name"]) for case in vectors.load(name)]


@pytest.mark.parametrize("case", cases("values.json"))
def test_value_is_accepted(case):
    vectors.check_value(case)


@pytest.mark.parametrize("case", cases("values.json"))
def test_value_is_accepted_without_numpy(case, monkeypatch):
    monkeypatch.setattr(arrays, "loaded_numpy", lambda: None)
    monkeypatch.setattr(arrays, "_missing", True)
    vectors.check_value(case)


@pytest.mark.parametrize("case", cases("errors.json"))
def test_value_is_rejected(case):
    vectors.check_error(case)


@pytest.mark.parametrize("case", cases("frames.json"))
def test_header(case):
    vectors.check_frame(case)


@pytest.mark.parametrize("case", cases("stream.json"))
def test_stream(case):
    vectors.check_stream(case)


@pytest.mark.parametrize("step", [1, 3, 17])
@pytest.mark.parametrize(
    "case", [case for case in cases("stream.json") if isinstance(case.values[0]["bytes"], str)]
)
def test_stream_in_small_pieces(case, step):
    vectors.check_stream(case, step)


@pytest.mark.parametrize("minor", MINORS)
def test_vectors_on_every_python_without_numpy(minor):
    assert run_everywhere(vectors.__file__, minor).endswith(" 0 failed\n")
