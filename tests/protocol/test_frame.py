"""A frame is checked against the limits of the protocol."""

from __future__ import annotations

import pytest

from imjoy.errors import ProtocolError
from imjoy.protocol import frame
from imjoy.protocol.frame import Frame, check_size, utf8_size
from imjoy.protocol.messages import LIMITS


class Huge:
    """Stands for memory that no test machine has."""

    def __init__(self, nbytes: int) -> None:
        self.nbytes = nbytes


def test_a_frame_is_header_body_and_buffers():
    header, body, buffers = Frame({"type": "x"}, "1", [b""])
    assert (header, body, buffers) == ({"type": "x"}, "1", [b""])


def test_frames_within_the_limits_pass():
    check_size("x" * 1000, [b"ab", bytearray(3), memoryview(b"abc")])
    check_size("", [Huge(LIMITS["frame"])])
    check_size("", [b""] * LIMITS["buffers"])


@pytest.mark.parametrize(
    ("body", "buffers"),
    [
        ("", [b""] * (LIMITS["buffers"] + 1)),
        ("", [Huge(LIMITS["frame"]), b"x"]),
        ("x", [Huge(LIMITS["frame"])]),
    ],
)
def test_frames_over_a_limit_are_too_large(body, buffers):
    with pytest.raises(ProtocolError) as caught:
        check_size(body, buffers)
    assert caught.value.code == "protocol.too_large"


def test_text_is_counted_in_bytes(monkeypatch):
    monkeypatch.setitem(frame.LIMITS, "body", 100)
    check_size("\u20ac" * 33, [])
    with pytest.raises(ProtocolError):
        check_size("\u20ac" * 34, [])
    with pytest.raises(ProtocolError):
        check_size("x" * 101, [])
    assert utf8_size("\U0001f52c" * 50) == 200
