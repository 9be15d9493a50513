"""What is packed for slow connections comes out as it was, and nothing else is packed."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from imjoy.errors import ProtocolError
from imjoy.protocol.frame import Frame
from imjoy.protocol.messages import SESSION
from imjoy.protocol.packing import PACKING, Packer, unpack

CASES = json.loads(
    (Path(__file__).resolve().parents[2] / "protocol/vectors/packing.json").read_text("utf-8")
)["unpack"]
SHRINKS = np.tile(np.arange(64, dtype=np.uint8), 8192).tobytes()
NOISE = np.random.default_rng(1).integers(0, 256, len(SHRINKS), np.uint8).tobytes()


def slow(understood: Any = PACKING) -> Packer:
    packer = Packer(understood)
    packer.pace.is_slow = True
    packer.pace._slow_since = 0.0
    return packer


def frame(*parts: Any) -> Frame:
    return Frame({"type": "piece", "of": 1, "seq": 3}, "", list(parts))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_unpacks_as_the_vectors_say(case: dict[str, Any]) -> None:
    header = {"type": "piece", "of": 1, "packed": case["packed"]}
    packed = Frame(header, "", [bytes.fromhex(part) for part in case["parts"]])
    if "error" in case:
        with pytest.raises(ProtocolError) as caught:
            unpack(packed)
        assert caught.value.code == case["error"]
        return
    whole = unpack(packed)
    assert whole.header == {"type": "piece", "of": 1}
    assert [bytes(part).hex() for part in whole.buffers] == case["whole"]


def test_what_shrinks_is_packed_on_a_slow_connection_and_comes_out_again() -> None:
    given = frame(SHRINKS, b"short", memoryview(NOISE))
    packed = slow().pack(given, 0)
    assert packed.header["packed"] == [len(SHRINKS), None, None]
    assert len(packed.buffers[0]) < len(SHRINKS) / 10
    assert given.header == {"type": "piece", "of": 1, "seq": 3} and given.buffers[0] is SHRINKS
    whole = unpack(packed)
    assert (whole.header, whole.buffers) == (given.header, given.buffers)


@pytest.mark.parametrize(
    ("packer", "part"),
    [
        pytest.param(Packer(PACKING), SHRINKS, id="the connection is quick"),
        pytest.param(slow(None), SHRINKS, id="the other side does not unpack"),
        pytest.param(slow("brotli"), SHRINKS, id="the other side unpacks something else"),
        pytest.param(slow(), NOISE, id="it does not shrink"),
        pytest.param(slow(), SHRINKS[: SESSION["pack_from"] - 1], id="it is small"),
        pytest.param(slow(), SHRINKS * 9, id="it is large and not in pieces"),
    ],
)
def test_all_else_goes_as_it_is(packer: Packer, part: bytes) -> None:
    given = frame(part)
    assert packer.pack(given, 0) is given


def test_a_part_that_shrinks_only_in_the_middle_goes_as_it_is() -> None:
    part = NOISE[: 1 << 18] + bytes(1 << 15) + NOISE[: 1 << 18]
    given = frame(part)
    assert slow().pack(given, 0) is given


def test_a_bomb_makes_no_more_than_it_says() -> None:
    bomb = zlib.compress(bytes(1 << 28), 9)
    with pytest.raises(ProtocolError):
        unpack(Frame({"type": "piece", "packed": [1 << 16]}, "", [bomb]))
    with pytest.raises(ProtocolError):
        unpack(Frame({"type": "piece", "packed": [1 << 21] * 3}, "", [bomb] * 3))


def test_nothing_may_follow_what_was_packed() -> None:
    with pytest.raises(ProtocolError):
        unpack(Frame({"type": "piece", "packed": [6]}, "", [zlib.compress(b"abcdef") + b"g"]))


def test_the_pace_is_that_of_what_really_goes() -> None:
    """Else packing would make a connection seem quick, and end itself."""
    packer = slow()
    packer.pack(frame(NOISE[: 1 << 17] + bytes(1 << 17)), 1.0)
    [(number, size, sent)] = packer.pace.sent
    assert (number, sent) == (3, 1.0) and (1 << 17) < size < (1 << 18)
