"""What two sides lend each other, by number."""

from __future__ import annotations

import gc
import os

import pytest

from imjoy.errors import ProtocolError
from imjoy.rpc.transports.leases import Borrowing, Lending
from imjoy.rpc.transports.shared_memory import Segment, SegmentPool, is_available

pytestmark = pytest.mark.skipif(not is_available(), reason="this system has no such memory")
MB = 1 << 20


def test_a_segment_is_new_once_and_is_held_until_it_is_returned():
    forgotten: list[int] = []
    pool, lending = SegmentPool(), Lending(forgotten.append)
    buffer = pool.take("b", MB)
    assert buffer is not None
    number, is_new = lending.lend(buffer)
    segment = buffer.segment
    del buffer
    other = pool.take("b", MB)
    assert is_new and other is not None and other.segment is not segment
    lending.returned(number)
    lending.returned(number)  # once too often does no harm
    again = pool.take("b", MB)
    assert again is not None and again.segment is segment
    assert lending.lend(again) == (number, False)
    lending.clear()
    del again, segment
    gc.collect()
    assert forgotten == []
    pool.trim(0)
    gc.collect()
    assert forgotten == [number]


def test_what_is_borrowed_is_given_back_when_it_is_no_longer_used():
    returned: list[int] = []
    borrowing, segment = Borrowing(returned.append, opens=True), Segment.create(MB)
    borrowing.add(7, os.dup(segment.descriptor))
    view = borrowing.take(7, 1000).view()
    borrowing.forget(7)
    segment.write(memoryview(b"still there"), 0)
    assert bytes(view[:11]) == b"still there" and returned == []
    del view
    gc.collect()
    assert returned == [7]


def test_what_was_never_lent_cannot_be_taken():
    borrowing, segment = Borrowing(lambda number: None, opens=False), Segment.create(MB)
    borrowing.add(1, os.dup(segment.descriptor))
    for number, size in ((2, 10), (1, MB + 1)):
        with pytest.raises(ProtocolError):
            borrowing.take(number, size)
