"""Limits of manifests and of the command line, read and combined."""

from __future__ import annotations

import pytest

from imjoy.engine.limits import Limits, machine_memory, read_limits, usual_limits
from imjoy.errors import ManifestError


@pytest.mark.parametrize(
    ("text", "count"),
    [("4 GB", 4_000_000_000), ("512MiB", 512 << 20), ("1.5g", 1_500_000_000), (1000, 1000)],
)
def test_sizes(text: object, count: int) -> None:
    assert read_limits({"memory": text}, "x").memory == count


def test_all_limits_as_numbers_and_as_text() -> None:
    given = {"cpu_time": "60", "call_time": 0.5, "open_files": 100, "processes": "3"}
    assert read_limits(given, "x") == Limits(None, 60, 0.5, 100, 3)


@pytest.mark.parametrize(
    "given",
    [
        [],
        "4 GB",
        {"ram": 1},
        {"memory": "lots"},
        {"memory": -1},
        {"memory": True},
        {"call_time": float("nan")},
        {"processes": 0},
        {"cpu_time": {}},
    ],
)
def test_what_is_no_limit_is_refused_with_the_names_of_all(given: object) -> None:
    with pytest.raises(ManifestError, match="Known limits are memory, cpu_time") as refused:
        read_limits(given, "Coins")
    assert refused.value.data["step"] == "Reading the limits of Coins"


def test_the_lower_limit_counts_and_the_users_word_replaces_the_usual() -> None:
    asked = read_limits({"memory": "2 GB", "call_time": 9}, "x")
    allowed = read_limits({"memory": "1 GB", "processes": 500}, "x").or_else(usual_limits())
    found = asked.within(allowed)
    assert (found.memory, found.call_time, found.processes) == (10**9, 9, 500)
    assert read_limits(None, "x").within(usual_limits()).processes == 256
    assert 0 < usual_limits().memory < machine_memory()
