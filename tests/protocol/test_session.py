"""The scripted conversations of protocol/vectors/sessions, played without a socket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from imjoy.errors import ImJoyError
from imjoy.protocol.frame import Frame
from imjoy.protocol.messages import SESSION
from imjoy.protocol.session import Session, reconnect_delay

from .session_script import Script

FOLDER = Path(__file__).resolve().parents[2] / "protocol/vectors/sessions"
CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted(FOLDER.glob("*.json"))
    for case in json.loads(path.read_text("utf-8"))
]


@pytest.mark.parametrize("case", CASES)
def test_a_conversation_goes_as_written(case: dict[str, Any]) -> None:
    script = Script(case.get("piece"))
    for step in case["steps"]:
        outcome = script.play(step)
        if len(outcome.get("writes", [])) > 1000:
            outcome["writes_count"] = len(outcome.pop("writes"))
        assert outcome == step.get("then", {}), step


def test_the_delay_doubles_from_a_quarter_of_a_second_to_ten_less_by_up_to_a_half() -> None:
    delays = [reconnect_delay(attempt, 0) for attempt in (0, 1, 2, 5, 6, 99)]
    assert delays == [0.25, 0.5, 1, 8, 10, 10]
    assert reconnect_delay(99, 1) == 5


def test_what_waits_is_bounded_and_a_call_beyond_fails_alone() -> None:
    session = Session(lambda frame: None, lambda frame: None, 0.0)
    header = {"type": "call", "id": "1" * 32, "to": "b" * 32, "from": "a" * 32, "target": "f"}
    for _ in range(SESSION["waiting_frames"]):
        session.send(Frame(header, "", []), 0.0)
    with pytest.raises(ImJoyError) as caught:
        session.send(Frame(header, "", []), 0.0)
    assert caught.value.code == "rpc.overloaded"
    session.send(Frame(dict(header, type="result"), "", []), 0.0)
    assert session.waiting_frames == SESSION["waiting_frames"] + 1


def test_pieces_are_views_of_the_memory_of_the_sender() -> None:
    wrote: list[Frame] = []
    session = Session(wrote.append, lambda frame: None, 0.0, piece=4)
    session.opened(0, 0.0)
    memory = bytearray(b"abcdefghij")
    header = {"type": "call", "id": "1" * 32, "to": "b" * 32, "from": "a" * 32, "target": "f"}
    session.send(Frame(header, "", [memory]), 0.0)
    assert [bytes(part) for frame in wrote for part in frame.buffers] == [b"abcd", b"efgh", b"ij"]
    assert all(part.obj is memory for frame in wrote for part in frame.buffers)
