"""More large frames at once than a receiver takes: the sender waits, and who does not loses one frame."""

from __future__ import annotations

import json
from collections import deque

import pytest

from imjoy.errors import ImJoyError
from imjoy.protocol.frame import Frame
from imjoy.protocol.messages import LIMITS
from imjoy.protocol.session import Session

MANY = LIMITS["large_frames"] + 50


def header(number: int) -> dict[str, str]:
    ends = {"to": "b" * 32, "from": "a" * 32}
    return {"type": "call", "id": f"{number:032x}", **ends, "target": "f"}


class Two:
    """Two sessions; what they write arrives in its turn."""

    def __init__(self) -> None:
        self.wire: deque[tuple[Session, Frame]] = deque()
        self.got: list[Frame] = []
        self.answers: list[Frame] = []
        self.near = Session(self._to(lambda: self.far), self.answers.append, 0.0, piece=4)
        self.far = Session(self._to(lambda: self.near), self.got.append, 0.0)
        for session in (self.near, self.far):
            session.opened(0, 0.0)

    def _to(self, other):  # type: ignore[no-untyped-def]
        return lambda frame: self.wire.append(
            (other(), Frame(dict(frame.header), frame.body, [bytes(b) for b in frame.buffers]))
        )

    def run(self) -> None:
        now = 0.0
        while self.wire or self.near.waiting_frames:
            while self.wire:
                session, frame = self.wire.popleft()
                session.receive(frame, now)
            now += 1.0
            for session in (self.near, self.far):
                assert session.tick(now, now) is None


def test_many_large_calls_of_different_tasks_all_arrive() -> None:
    two = Two()
    for number in range(MANY):
        two.near.send(Frame(header(number), "[]", [bytes(9)]), 0.0, lane=number)
    two.run()
    assert sorted(int(frame.header["id"], 16) for frame in two.got) == list(range(MANY))
    assert two.answers == []


def test_one_that_waits_is_taken_back_without_a_trace() -> None:
    two = Two()
    for number in range(MANY):
        two.near.send(Frame(header(number), "[]", [bytes(900)]), 0.0, lane=number)
    last = header(MANY - 1)
    two.near.send(
        Frame({"type": "cancel", **{k: last[k] for k in ("id", "to", "from")}}, "", []), 0.0
    )
    two.run()
    assert len(two.got) == MANY - 1
    assert [frame.header["type"] for frame in two.answers] == ["error"]


@pytest.mark.parametrize("over", ["large_frames", "large_bytes"])
def test_a_sender_that_does_not_wait_loses_one_call_and_no_other(over: str) -> None:
    two = Two()
    size = 4 if over == "large_frames" else LIMITS["frame"]
    taken = LIMITS["large_frames"] if over == "large_frames" else LIMITS["large_bytes"] // size
    for number in range(taken + 1):
        first = {"type": "piece", "of": number, "seq": number + 1, "sizes": [size]}
        two.far.receive(Frame({**first, "frame": header(number)}, "", [bytes(4)]), 0.0)
    last = {**header(taken), "pieces": taken, "seq": taken + 2}
    two.far.receive(Frame(last, "[]", []), 0.0)
    refused = [frame for _, frame in two.wire if frame.header["type"] == "error"]
    assert [json.loads(frame.body)["code"] for frame in refused] == ["protocol.too_large"]
    if size == 4:
        two.far.receive(Frame({**header(0), "pieces": 0, "seq": taken + 3}, "[]", []), 0.0)
        assert [int(frame.header["id"], 16) for frame in two.got] == [0]


def test_one_frame_may_always_wait_and_results_are_bounded_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(LIMITS, "waiting_bytes", 100)
    session = Session(lambda frame: None, lambda frame: None, 0.0, piece=4)
    session.send(Frame(header(1), "[]", [bytes(200)]), 0.0)
    for kind in ("call", "result"):
        with pytest.raises(ImJoyError) as caught:
            session.send(Frame({**header(2), "type": kind}, "[]", [bytes(200)]), 0.0)
        assert caught.value.code == "rpc.overloaded"
    session.send(Frame({**header(2), "type": "error"}, "{}", []), 0.0)
    assert session.waiting_frames == 2
