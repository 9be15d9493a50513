"""Addresses end: with time, with their page, and when there are too many."""

from __future__ import annotations

from pathlib import Path

import pytest

from imjoy.files import Grants
from imjoy.files import grants as module

A = Path("/a")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_grant_ends_with_its_time_and_its_page() -> None:
    clock = Clock()
    grants = Grants(clock)
    short, long = grants.read(A, "one", 10), grants.read(A, "two")
    assert len(short.id) == 48 and short.id != long.id
    assert grants.find(short.id, "read") is short and grants.find(short.id, "write") is None
    clock.now = 11
    assert grants.find(short.id, "read") is None
    grants.forget("two")
    assert grants.find(long.id, "read") is None
    assert grants.find("0" * 48, "read") is None


def test_the_same_file_has_one_address_for_a_page() -> None:
    clock = Clock()
    grants = Grants(clock)
    first = grants.read(A, "one")
    assert grants.read(A, "one").id == first.id
    assert grants.write(A, "one").id != grants.write(A, "one").id
    clock.now = 3600
    assert grants.read(A, "one").id != first.id  # or it would end too early


def test_there_is_a_longest_time_and_a_largest_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 3)
    clock = Clock()
    grants = Grants(clock)
    oldest = grants.write(A, "one", seconds=1e12)
    assert oldest.ends == module.MOST_SECONDS
    for _ in range(3):
        grants.write(A, "one")
    assert grants.find(oldest.id, "write") is None
