"""The list of measured numbers has the form that its readers rely on."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
from records import Record, write  # noqa: E402

LATEST = BENCHMARKS / "results" / "latest.json"
NUMBER = (int, float)
FIELDS = {
    "name": str,
    "ours": NUMBER,
    "peer": (*NUMBER, type(None)),
    "peer_name": str,
    "unit": str,
    "ratio": (*NUMBER, type(None)),
    "target": (*NUMBER, type(None)),
    "load": NUMBER,
    "runs": int,
}
RECORDS = json.loads(LATEST.read_text("utf-8"))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["name"])
def test_a_record_has_every_field(record: dict[str, object]) -> None:
    assert set(record) == set(FIELDS)
    for field, kind in FIELDS.items():
        assert isinstance(record[field], kind), field
    assert record["name"] and record["unit"]
    assert isinstance(record["runs"], int) and record["runs"] >= 1


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["name"])
def test_the_ratio_follows_from_the_numbers(record: dict[str, float]) -> None:
    """How many times better than the peer: less time, or more of what is done in it."""
    if record["peer"] is None:
        assert record["ratio"] is None and record["peer_name"] == ""
        return
    better = (record["peer"] / record["ours"], record["ours"] / record["peer"])
    assert record["peer_name"]
    assert any(record["ratio"] == pytest.approx(each, rel=0.02, abs=0.006) for each in better)


def test_each_name_is_there_once() -> None:
    names = [record["name"] for record in RECORDS]
    assert sorted(names) == sorted(set(names))


def test_a_part_that_is_measured_alone_replaces_its_own_rows(tmp_path: Path) -> None:
    path = tmp_path / "latest.json"
    write([Record("a", 1, 2, "peer", "ms", 2, 1), Record("b", 1, None, "", "ms", None, 1)], path)
    write([Record("b", 3, None, "", "ms", None, 2)], path, keep=True)
    kept = {row["name"]: row["ours"] for row in json.loads(path.read_text("utf-8"))}
    assert kept == {"a": 1, "b": 3}
    write([Record("c", 1, None, "", "ms", None, 1)], path)
    assert [row["name"] for row in json.loads(path.read_text("utf-8"))] == ["c"]
