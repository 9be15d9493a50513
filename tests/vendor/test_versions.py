"""A wanted version means the same as at the hosts that plugins name, or the nearest there is."""

from __future__ import annotations

import pytest

from imjoy.vendor.versions import choose

KNOWN = ["0.49.0", "0.54.0", "1.0.0", "1.2.3", "1.10.0", "2.0.0-rc.1", "2.0.0-rc.2", "2.0.0"]
TAGS = {"latest": "1.10.0", "next": "2.0.0-rc.2"}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("1.2.3", "1.2.3"), ("2.0.0-rc.1", "2.0.0-rc.1"), ("", "1.10.0"), ("latest", "1.10.0"),
        ("next", "2.0.0-rc.2"), ("1", "1.10.0"), ("1.2", "1.2.3"), ("v1.2.3", "1.2.3"),
        ("^1.0.0", "1.10.0"), ("~1.2.0", "1.2.3"), (">=1 <2", "1.10.0"), ("1.x", "1.10.0"),
        ("^0.49.0", "0.49.0"), ("r49", "0.49.0"), ("1 || 2", "2.0.0"), ("*", "1.10.0"),
    ],
)  # fmt: skip
def test_a_version_is_chosen(wanted: str, expected: str) -> None:
    assert choose(KNOWN, TAGS, wanted) == expected


@pytest.mark.parametrize(
    ("wanted", "nearest"),
    [
        ("1.2.4", "1.2.3"),
        ("r53", "0.54.0"),
        ("3.0.0", "2.0.0"),
        ("9", "2.0.0"),
        ("2.0.0-rc.9", "2.0.0"),
        ("1.3.0", "1.10.0"),
        ("1.11.0", "1.10.0"),
        ("0.50.0", "0.54.0"),
        ("0.60.0", "0.54.0"),
    ],  # fmt: skip
)
def test_the_nearest_is_taken_when_there_is_none(wanted: str, nearest: str) -> None:
    assert choose(KNOWN, TAGS, wanted) == nearest
    assert choose(KNOWN, TAGS, wanted, nearest=False) is None


def test_of_an_earlier_major_number_the_newest_is_taken() -> None:
    known = ["4.0.0", "5.0.0", "5.7.1", "5.8.0-rc.1"]
    assert choose(known, {}, "99.0.0") == "5.7.1"
    assert choose([*known, "7.0.0"], {}, "6.1.0") == "7.0.0"


def test_what_is_no_version_chooses_none() -> None:
    assert choose(KNOWN, TAGS, "no such tag") is None
    assert choose([], {}, "latest") is None
