"""The scripted conversations of protocol/vectors/sessions, played without a socket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from imjoy.errors import ImJoyError
from imjoy.protocol.frame import Frame
from imjoy.protocol.messages import LIMITS
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
    for _ in range(LIMITS["waiting_frames"]):
        session.send(Frame(header, "", []), 0.0)
    with pytest.raises(ImJoyError) as caught:
        session.send(Frame(header, "", []), 0.0)
    assert caught.value.code == "rpc.overloaded"
    session.send(Frame(dict(header, type="result"), "", []), 0.0)
    assert session.waiting_frames == LIMITS["waiting_frames"] + 1


def test_pieces_are_views_of_the_memory_of_the_sender() -> None:
    wrote: list[Frame] = []
    session = Session(wrote.append, lambda frame: None, 0.0, piece=4)
    session.opened(0, 0.0)
    memory = bytearray(b"abcdefghij")
    header = {"type": "call", "id": "1" * 32, "to": "b" * 32, "from": "a" * 32, "target": "f"}
    session.send(Frame(header, "", [memory]), 0.0)
    assert [bytes(part) for frame in wrote for part in frame.buffers] == [b"abcd", b"efgh", b"ij"]
    assert all(part.obj is memory for frame in wrote for part in frame.buffers)


def sent_in_pieces(data: bytes, piece: int) -> list[Frame]:
    """The frames of a message with one binary part that is cut into pieces."""
    wrote: list[Frame] = []
    near = Session(wrote.append, lambda frame: None, 0.0, piece=piece)
    near.opened(0, 0.0)
    header = {"type": "call", "id": "1" * 32, "to": "b" * 32, "from": "a" * 32, "target": "f"}
    near.send(Frame(header, "[]", [data]), 0.0)
    return wrote


@pytest.mark.parametrize("known", [True, False], ids=["size known", "size known at the end"])
def test_pieces_are_received_where_they_stay(known: bool) -> None:
    got: list[Frame] = []
    far = Session(lambda frame: None, got.append, 0.0)
    far.opened(0, 0.0)
    data, places = bytes(range(256)) * 40, []
    for frame in sent_in_pieces(data, 4000):
        header, buffers = dict(frame.header), []
        for part in frame.buffers:
            place = far.place(header, len(part) if known else 0)
            assert place is not None
            place = place[: len(part)]
            place[:] = part
            places.append(place)
            buffers.append(memoryview(place))
        far.receive(Frame(header, frame.body, buffers), 0.0)
    assert len(places) == 3 and bytes(got[0].buffers[0]) == data
    places[0][0] = 99
    assert got[0].buffers[0][0] == 99


def test_a_place_is_forgotten_when_its_piece_comes_in_another_way_or_not_at_all() -> None:
    got: list[Frame] = []
    far = Session(lambda frame: None, got.append, 0.0)
    far.opened(0, 0.0)
    data = bytes(range(250)) * 40
    first, *rest = sent_in_pieces(data, 4000)
    lost = far.place(dict(first.header), 4000)
    assert lost is not None
    lost[:100] = b"?" * 100  # and then the socket is cut
    far.closed()
    far.opened(0, 0.0)
    far.receive(Frame(dict(first.header), "", first.buffers), 0.0)
    header = dict(rest[0].header)
    unused, again = far.place(header, 4000), far.place(dict(header), 4000)
    assert unused is not None and again is not None
    again[:] = rest[0].buffers[0]
    far.receive(Frame(header, "", [bytes(again)]), 0.0)
    for frame in rest[1:]:
        far.receive(Frame(dict(frame.header), frame.body, frame.buffers), 0.0)
    assert bytes(got[0].buffers[0]) == data


def test_a_part_that_does_not_end_where_its_array_does_is_put_together() -> None:
    """Of the first of two arrays a piece of unknown size gets the rest; what is more lies elsewhere."""
    got: list[Frame] = []
    far = Session(lambda frame: None, got.append, 0.0)
    far.opened(0, 0.0)
    header = {"type": "call", "id": "1" * 32, "to": "b" * 32, "from": "a" * 32, "target": "f"}
    first = {"type": "piece", "of": 1, "seq": 1, "sizes": [100, 300], "frame": header}
    place = far.place(first, 0)
    assert place is not None and len(place) == 100
    assert far.place(first, 0) is None
    place[:] = b"?" * 100
    far.receive(Frame(first, "", [bytes(range(200))]), 0.0)
    second = {"type": "piece", "of": 1, "seq": 2}
    place = far.place(second, 0)
    assert place is not None and len(place) == 200
    place[:] = b"x" * 200
    far.receive(Frame(second, "", [place]), 0.0)
    far.receive(Frame({**header, "pieces": 1, "seq": 3}, "[]", []), 0.0)
    assert [bytes(part) for part in got[0].buffers] == [
        bytes(range(100)),
        bytes(range(100, 200)) + b"x" * 200,
    ]


def test_only_the_next_piece_has_a_place_and_only_within_its_message() -> None:
    far = Session(lambda frame: None, lambda frame: None, 0.0)
    far.opened(0, 0.0)
    first, second, *_ = sent_in_pieces(bytes(10_000), 4000)
    for header in (second.header, {"type": "call", "seq": 1}, {"type": "piece", "seq": 1}, None,
                   {"type": "piece", "seq": 1, "of": 7}, {"type": "piece", "seq": 1, "of": "x"},
                   {"type": "piece", "seq": 1, "of": 8, "sizes": [-1], "frame": {}}):  # fmt: skip
        assert far.place(header, 100) is None
    assert far.place(first.header, 10_001) is None
    assert far.place(first.header, 10_000) is not None
    assert far.place(first.header, 1) is None
