"""What waits in a session: small frames pass large ones, and order is kept where it matters."""

from __future__ import annotations

import random
from typing import Any

import pytest

from imjoy.protocol import messages
from imjoy.protocol.frame import Frame
from imjoy.protocol.outbox import Outbox
from imjoy.rpc.addresses import new_id
from protocol.vectors import load

A, B, C = "a" * 32, "b" * 32, "c" * 32
PIECE = 1000


def call(size: int = 0, to: str = B) -> Frame:
    return Frame(messages.call(new_id(), to, A, "f"), "[]", [bytes(size)] if size else [])


def result(size: int = 0) -> Frame:
    return Frame(messages.result(new_id(), B, A), "1", [bytes(size)] if size else [])


def sent(outbox: Outbox) -> list[str]:
    """The ids of the frames in the order in which they have gone out as a whole."""
    order = []
    while True:
        entry = outbox.next(lambda size: True, True)
        if entry is None:
            assert outbox.count == outbox.bytes == 0
            return order
        if entry.frame.header["type"] != "piece":
            order.append(entry.frame.header["id"])


def order_of(*frames: tuple[Frame, Any]) -> list[int]:
    """In which order these frames, with their lanes, go out."""
    outbox = Outbox(PIECE)
    for frame, lane in frames:
        outbox.add(frame, lane)
    ids = [frame.header["id"] for frame, _ in frames]
    return [ids.index(one) for one in sent(outbox)]


@pytest.mark.parametrize(
    ("frames", "order"),
    [
        ([(call(5000), None), (call(), None)], [0, 1]),
        ([(call(5000), 1), (call(), 1)], [0, 1]),
        ([(call(5000), 1), (call(), None)], [0, 1]),
        ([(call(5000), 1), (call(), 2)], [1, 0]),
        ([(call(5000), None), (call(to=C), None)], [1, 0]),
        ([(result(5000), None), (result(), None)], [1, 0]),
        ([(result(5000), None), (call(), 1)], [0, 1]),
        ([(call(5000), 1), (result(), None)], [0, 1]),
        ([(call(5000), 1), (call(3000), 2)], [1, 0]),
        ([(call(3000), 1), (call(9000), 2), (call(), None), (call(), 1)], [0, 1, 2, 3]),
        ([(call(3000), 1), (call(9000), 2), (call(), 1)], [0, 2, 1]),
    ],
)
def test_frames_pass_each_other_only_where_it_cannot_matter(frames: Any, order: Any) -> None:
    assert order_of(*frames) == order


@pytest.mark.parametrize("case", load("order.json"), ids=lambda case: case["name"])
def test_frames_go_in_the_order_of_the_vectors(case: dict[str, Any]) -> None:
    frames = []
    for kind, to, size in case["frames"]:
        header = {"type": kind, "id": new_id(), "to": to * 32, "from": A}
        frames.append((Frame(header, "", [bytes(size)] if size else []), None))
    assert order_of(*frames) == case["order"]


def test_a_cancel_does_not_wait_behind_a_volume() -> None:
    outbox = Outbox(PIECE)
    outbox.add(call(50_000))
    cancel = messages.cancel(new_id(), B, A)
    outbox.add(Frame(cancel, "", []))
    entry = outbox.next(lambda size: True, True)
    assert entry is not None
    assert entry.frame.header is cancel


@pytest.mark.parametrize("seed", range(30))
def test_the_order_of_a_lane_is_kept_whatever_else_goes_on(seed: int) -> None:
    chance = random.Random(seed)
    outbox, frames, gone = Outbox(PIECE), [], []
    for _ in range(200):
        lane = chance.choice([None, 1, 2, 3])
        size = chance.choice([0, 0, 0, 500, 3000, 20_000])
        frame = chance.choice([call(size), call(size), call(size, C), result(size)])
        frames.append((frame, lane))
        outbox.add(frame, lane)
        for _ in range(chance.randrange(4)):
            entry = outbox.next(lambda size: True, True)
            if entry is not None and entry.frame.header["type"] != "piece":
                gone.append(entry.frame.header["id"])
    gone += sent(outbox)
    place = {id_: number for number, id_ in enumerate(gone)}
    assert len(gone) == len(frames) == len(place)
    for index, (early, lane) in enumerate(frames):
        for late, other in frames[index + 1 :]:
            same_pair = early.header["to"] == late.header["to"]
            kinds = {early.header["type"], late.header["type"]}
            free = kinds == {"result"} or (
                kinds == {"call"} and None not in (lane, other) and lane != other
            )
            if same_pair and not free:
                assert place[early.header["id"]] < place[late.header["id"]]


def test_a_call_that_waits_behind_another_can_be_taken_back() -> None:
    outbox = Outbox(PIECE)
    first, second, third = call(5000), call(), call()
    for frame in (first, second, third):
        outbox.add(frame, 1)
    withdrawn = outbox.withdraw(second.header["id"])
    assert withdrawn is not None
    assert withdrawn.drop is None
    assert sent(outbox) == [first.header["id"], third.header["id"]]
