"""YAML in config blocks: plain values only, and errors at their line."""

from __future__ import annotations

import pytest

from imjoy.errors import ManifestError
from imjoy.plugins import yaml_text


def test_scalars_are_those_of_the_core_schema() -> None:
    text = "a: yes\nb: 2020-01-01\nc: 1_000\nd: .5\ne: -3\nf: .inf\ng: True\nh: 1:30\n"
    assert yaml_text.loads(text, 1) == {
        "a": "yes",
        "b": "2020-01-01",
        "c": "1_000",
        "d": 0.5,
        "e": -3,
        "f": float("inf"),
        "g": True,
        "h": "1:30",
    }


@pytest.mark.parametrize(
    "text", ["a: [1", "a: 1\n b: 2", "a: !!python/object:os.system x", "a: *b"]
)
def test_what_is_no_yaml_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(ManifestError) as caught:
        yaml_text.loads(text, 10)
    assert caught.value.data["line"] in (10, 11)
    assert caught.value.data["remedy"]


def test_objects_of_python_are_never_made() -> None:
    with pytest.raises(ManifestError):
        yaml_text.loads("!!python/object/apply:os.getcwd []", 1)
