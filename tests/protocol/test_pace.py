"""How fast a connection is follows from when what was sent arrives, whatever its length."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from imjoy.protocol.pace import Pace

CASES = json.loads(
    (Path(__file__).resolve().parents[2] / "protocol/vectors/packing.json").read_text("utf-8")
)["pace"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_is_measured_as_the_vectors_say(case: dict[str, Any]) -> None:
    pace = Pace()
    events = [(sent, (number, size)) for number, size, sent in case["sent"]]
    events += [(time, (number,)) for number, time in case["arrived"]]
    for now, facts in sorted(events, key=lambda event: event[0]):
        pace.note(*facts, now) if len(facts) == 2 else pace.arrived(*facts, now)
    last = max(time for _, time in case["arrived"])
    assert pace.check(last + case.get("later", 0)) is case["slow"]


@pytest.mark.parametrize("number", [None, "1", 1.5, [], True])
def test_learns_nothing_from_what_is_no_number(number: Any) -> None:
    pace = Pace()
    pace.note(1, 1 << 20, 0.0)
    pace.arrived(number, 1.0)
    assert len(pace.sent) == 1
