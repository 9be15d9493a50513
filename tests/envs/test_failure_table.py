"""The table of failures in the documentation names codes and tests that are there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLE = (
    (ROOT / "docs/reference/environments.md").read_text("utf-8").split("## What can go wrong")[1]
)
ROWS = [line.split("|")[1:-1] for line in TABLE.splitlines() if "`tests/" in line]


def test_all_modes_are_there() -> None:
    assert len(ROWS) >= 20
    codes = {code for row in ROWS for code in re.findall(r"`(env\.\w+)`", row[1])}
    known = json.loads((ROOT / "protocol/model.json").read_text("utf-8"))["errors"]
    assert codes == {code for code in known if code.startswith("env.")}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip()[:60])
def test_the_test_of_a_row_is_there(row: list[str]) -> None:
    named = re.findall(r"`(tests/[\w/.]+)::(\w+)`", row[3])
    assert named
    for file, name in named:
        assert re.search(rf"def {name}\(", (ROOT / file).read_text("utf-8")), name
