"""What waits to be sent, and what is left of it."""

from __future__ import annotations

import pytest

from imjoy.rpc.transports import parts
from imjoy.rpc.transports.parts import Fill, Head, after, size_of
from imjoy.rpc.transports.shared_memory import SegmentPool, is_available


def test_what_is_left_after_so_many_bytes():
    views = [memoryview(b"abc"), memoryview(b""), memoryview(b"defg")]
    for count in range(8):
        assert b"".join(after(views, count)) == b"abcdefg"[count:]


def test_sizes():
    sizes = (size_of(b"12345"), size_of(bytearray(3)), size_of(memoryview(bytes(16)).cast("d")))
    assert sizes == (5, 3, 16)


def test_a_head_that_is_cut_brings_nothing_again():
    head = Head(memoryview(b"12345"), [])
    assert len(head) == 5 and bytes(head[2:]) == b"345"


@pytest.mark.skipif(not is_available(), reason="this system has no such memory")
def test_a_copy_is_made_step_by_step(monkeypatch):
    monkeypatch.setattr(parts, "FILL_SIZE", 1000)
    data = bytes(range(256)) * 10
    buffer = SegmentPool().take("b", len(data))
    fill, steps = Fill(buffer, memoryview(data)), 0
    while len(fill):
        fill = fill[fill.step() :]
        steps += 1
    assert steps == 3 and bytes(buffer.view()) == data
