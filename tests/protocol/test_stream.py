"""Frames come out of a stream whatever way it is cut; see also the vectors of the stream."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imjoy.errors import ProtocolError
from imjoy.protocol import memory
from imjoy.protocol.frame import Frame
from imjoy.protocol.memory import HUGE
from imjoy.protocol.messages import LIMITS
from imjoy.protocol.stream import LARGE, StreamDecoder, pack

FRAMES = st.builds(
    Frame,
    st.dictionaries(st.text(), st.one_of(st.text(), st.integers()), max_size=3),
    st.text(st.characters(codec="utf-8")),
    st.lists(st.binary(max_size=40), max_size=4),
)


def as_bytes(frames):
    return b"".join(bytes(part) for frame in frames for part in pack(frame))


def plain(frames):
    return [Frame(f.header, f.body, [bytes(buffer) for buffer in f.buffers]) for f in frames]


@given(st.lists(FRAMES, max_size=4), st.lists(st.integers(0, 300), max_size=20))
def test_any_cut_gives_the_same_frames(frames, cuts):
    data = as_bytes(frames)
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    decoder, found = StreamDecoder(), []
    for start, end in zip(places, places[1:], strict=False):
        found += decoder.feed(data[start:end])
    assert plain(found) == frames
    assert decoder.is_between_frames


@given(st.binary(max_size=200))
def test_any_bytes_are_frames_or_an_error(data):
    decoder = StreamDecoder()
    try:
        decoder.feed(data)
    except ProtocolError as error:
        assert error.code == "protocol.malformed"


def test_large_buffers_are_sent_from_where_they_are():
    array = np.arange(LARGE, dtype=np.uint8)
    parts = pack(Frame({}, "", [b"small", memoryview(array), b"end"]))
    assert len(parts) == 3
    assert np.shares_memory(np.frombuffer(parts[1], np.uint8), array)
    assert parts[2] == b"end"


def test_large_buffers_are_received_to_where_they_stay():
    data = as_bytes([Frame({}, "x", [b"a" * LARGE, b"b" * (2 * HUGE)])])
    decoder = StreamDecoder()
    assert decoder.direct() is None
    head = len(data) - LARGE - 2 * HUGE
    assert decoder.feed(data[: head + 10]) == []
    rest, frames = memoryview(data)[head + 10 :], []
    while rest:
        space = decoder.direct()
        if space is None:
            frames += decoder.feed(rest[: LARGE // 3])
            rest = rest[LARGE // 3 :]
            continue
        count = min(len(space), len(rest), 100_000)
        space[:count] = rest[:count]
        frames += decoder.filled(count)
        rest = rest[count:]
    assert plain(frames) == [Frame({}, "x", [b"a" * LARGE, b"b" * (2 * HUGE)])]
    assert all(not memoryview(buffer).readonly for buffer in frames[0].buffers)


def test_buffers_of_any_shape_and_kind():
    buffers = [np.zeros((2, 3), np.uint16), memoryview(b""), bytearray(b"x"), np.zeros((0, 2))]
    frame = StreamDecoder().feed(as_bytes([Frame({}, "", buffers)]))[0]
    assert [len(buffer) for buffer in frame.buffers] == [12, 0, 1, 0]


def test_large_buffers_can_be_written_to():
    frame = StreamDecoder().feed(as_bytes([Frame({}, "", [b"z" * HUGE])]))[0]
    assert bytes(frame.buffers[0]) == b"z" * HUGE
    assert np.frombuffer(frame.buffers[0], np.uint8).flags.writeable


def test_text_that_is_no_text_is_refused_when_it_is_sent():
    with pytest.raises(ProtocolError):
        pack(Frame({}, "\ud800", []))


def test_a_frame_for_which_there_is_no_memory_is_skipped(monkeypatch):
    refused = []
    decoder = StreamDecoder(lambda header, error: refused.append((header, error.code)))

    def no_memory(size):
        raise OSError

    good = Frame({"n": 2}, "", [])
    monkeypatch.setattr(memory, "_mapped", no_memory)
    monkeypatch.setattr(memory._POOL, "_idle", {})
    found = decoder.feed(as_bytes([Frame({"n": 1}, "", [b"x" * HUGE]), good]))
    assert plain(found) == [good]
    assert refused == [({"n": 1}, "protocol.too_large")]


def test_a_frame_over_the_limit_is_skipped_and_the_stream_goes_on(monkeypatch):
    monkeypatch.setitem(LIMITS, "frame", 100)
    refused = []
    decoder = StreamDecoder(lambda header, error: refused.append((header, error.code)))
    frames = [Frame({"n": 1}, "x", [b"y" * 100]), Frame({"n": 2}, "x", [b"y" * 99])]
    data = as_bytes(frames)
    found = [frame for byte in data for frame in decoder.feed(bytes([byte]))]
    assert plain(found) == frames[1:]
    assert refused == [({"n": 1}, "protocol.too_large")]


def test_a_broken_stream_stays_broken():
    decoder = StreamDecoder()
    for _ in range(2):
        with pytest.raises(ProtocolError):
            decoder.feed(b"GET / HTTP/1.1\r\n\r\n")
