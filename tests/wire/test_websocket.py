"""WebSocket frame by frame: what is a message, what is refused, and that cuts make no difference."""

from __future__ import annotations

import random
from typing import Any

import pytest
import websockets.frames as other_frames
import wsproto.frame_protocol as third
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wire.reading import KEY, feed, frame, reader
from websockets.streams import StreamReader

from imjoy.wire import websocket as rules
from imjoy.wire.websocket import (
    BINARY,
    CLOSE,
    LARGE,
    PING,
    PONG,
    TEXT,
    Overlong,
    WebSocketError,
    close_payload,
    frame_head,
)

BIG = random.Random(1).randbytes(3 * LARGE + 5)


def test_messages_of_all_sizes() -> None:
    for size in (0, 1, 125, 126, 127, 65535, 65536, 65537, 300_000, 2_500_000):
        payload = (BIG * 13)[:size]
        assert feed(reader(), frame(BINARY, payload)) == [(BINARY, payload)]
    assert feed(reader(), frame(TEXT, "käse €".encode())) == [(TEXT, "käse €")]


@pytest.mark.parametrize("size", [0, 5, 300, 70_000, 1_500_001])
def test_masks_are_taken_off(size: int) -> None:
    payload = (BIG * 8)[:size]
    assert feed(reader(masked=True), frame(BINARY, payload, key=KEY)) == [(BINARY, payload)]
    assert feed(reader(masked=True), frame(BINARY, payload, key=b"\0\0\0\0")) == [(BINARY, payload)]


def test_a_binary_message_may_be_written_to_and_is_not_overwritten() -> None:
    one = reader()
    for size in (10, LARGE + 10):
        memory, sent = one.buffer(), frame(BINARY, b"a" * size)
        kept: list[Any] = []
        while sent:
            memory = one.buffer()
            count = min(len(memory), len(sent))
            memory[:count] = sent[:count]
            sent = sent[count:]
            kept += [payload for _, payload in one.received(count)]
        feed(one, frame(BINARY, b"b" * size))
        kept[0][0] = 7
        assert bytes(kept[0]) == b"\x07" + b"a" * (size - 1)


def test_pieces_with_control_frames_between_them() -> None:
    data = (
        frame(TEXT, "kä".encode()[:2], final=False)
        + frame(PING, b"p")
        + frame(0, "kä".encode()[2:], final=False)
        + frame(PONG, b"")
        + frame(0, b"")
        + frame(BINARY, BIG[:100], final=False)
        + frame(0, BIG[100:], final=False)
        + frame(PING, b"q")
        + frame(0, b"end")
    )
    expected = [(PING, b"p"), (PONG, b""), (TEXT, "kä"), (PING, b"q"), (BINARY, BIG + b"end")]
    assert feed(reader(), data) == expected
    assert feed(reader(), data, range(len(data))) == expected


def test_a_message_in_pieces_that_outgrows_its_place_is_whole_elsewhere() -> None:
    one, memory = reader(), bytearray(20)
    one.place = lambda size: memoryview(memory)
    pieces = [frame(BINARY, BIG[:9], final=False), frame(0, BIG[9:])]
    assert feed(one, b"".join(pieces)) == [(BINARY, BIG)]


BAD = [
    (b"\xc1\x00", 1002, "a reserved bit"),
    (b"\x83\x00", 1002, "an unknown kind"),
    (b"\x8b\x00", 1002, "an unknown control frame"),
    (b"\x09\x00", 1002, "a control frame in pieces"),
    (b"\x89\x7e\x00\x7e", 1002, "a control frame that is too long"),
    (b"\x80\x00", 1002, "a continuation of nothing"),
    (b"\x01\x00\x81\x00", 1002, "a message inside a message"),
    (b"\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00", 1002, "a negative size"),
    (frame(TEXT, b"x", key=KEY), 1002, "a mask from the server"),
    (frame(TEXT, b"\xff"), 1007, "text that is not UTF-8"),
    (frame(TEXT, b"\xed\xa0\x80"), 1007, "half a character"),
    (frame(TEXT, b"\xc3", final=False) + frame(0, b"x"), 1007, "the same in pieces"),
    (frame(CLOSE, b"\x03"), 1002, "half a code"),
    (frame(CLOSE, b"\x03\xed"), 1002, "a code that is never sent"),
    (frame(CLOSE, b"\x0b\xb7"), 1002, "a code below 3000"),
    (frame(CLOSE, b"\x03\xe8\xff"), 1007, "a reason that is not UTF-8"),
]


@pytest.mark.parametrize("data,code,why", BAD, ids=[why for *_, why in BAD])
def test_what_breaks_the_rules_is_refused(data: bytes, code: int, why: str) -> None:
    for cuts in ((), range(len(data))):
        with pytest.raises(WebSocketError) as error:
            feed(reader(), data, cuts)
        assert error.value.code == code, why


def test_a_client_must_mask() -> None:
    with pytest.raises(WebSocketError):
        feed(reader(masked=True), frame(TEXT, b"x"))


def test_closes() -> None:
    for payload in (b"", close_payload(1000), close_payload(4999, "böse"), close_payload(1001)):
        assert feed(reader(), frame(CLOSE, payload)) == [(CLOSE, payload)]


def test_a_message_over_the_limit_ends_a_strict_reader() -> None:
    for data in (
        frame(BINARY, b"x" * 11),
        frame(BINARY, b"x" * LARGE * 2),
        frame(BINARY, b"x" * 9, final=False) + frame(0, b"xx"),
    ):
        with pytest.raises(WebSocketError) as error:
            feed(reader(limit=10), data)
        assert error.value.code == 1009


def test_otherwise_it_is_skipped_and_its_beginning_kept() -> None:
    one = reader(masked=True, limit=LARGE * 2, strict=False)
    one.text_limit = 10
    size = len(BIG)
    data = (
        frame(BINARY, BIG, key=KEY)
        + frame(TEXT, b"0123456789a", key=KEY)
        + frame(TEXT, b"0123456789", key=KEY)
        + frame(BINARY, BIG[:LARGE], final=False, key=KEY)
        + frame(PING, b"", key=KEY)
        + frame(0, BIG[LARGE:-3], final=False, key=KEY)
        + frame(0, BIG[-3:], key=KEY)
        + frame(BINARY, b"ok", key=KEY)
    )
    expected = [
        (BINARY, Overlong(size, BIG[: rules.KEPT])),
        (TEXT, Overlong(11, b"0123456789a")),
        (TEXT, "0123456789"),
        (PING, b""),
        (BINARY, Overlong(size, BIG[: rules.KEPT])),
        (BINARY, b"ok"),
    ]
    assert feed(one, data) == expected
    whole = [*range(0, len(data), 70_001)]
    one = reader(masked=True, limit=LARGE * 2, strict=False)
    one.text_limit = 10
    assert feed(one, data, whole) == expected


pieces = st.lists(
    st.tuples(
        st.sampled_from([TEXT, BINARY]),
        st.integers(0, 3 * LARGE),
        st.lists(st.integers(0, 3 * LARGE), max_size=3),
        st.booleans(),
    ),
    max_size=4,
)


@settings(max_examples=40)
@given(pieces, st.lists(st.integers(0, 8 * LARGE), max_size=8), st.booleans())
def test_cuts_make_no_difference(
    messages: list[tuple[int, int, list[int], bool]], cuts: list[int], masked: bool
) -> None:
    data, expected, key = b"", [], KEY if masked else None
    for opcode, size, parts, ping in messages:
        payload = BIG[:size] if opcode == BINARY else b"x" * size
        ends = sorted({min(part, size) for part in parts} | {size})
        begin = 0
        for end in ends:
            data += frame(opcode if begin == 0 and end == ends[0] else 0, payload[begin:end],
                          end == size, key)  # fmt: skip
            if ping and end != size:
                data += frame(PING, b"!", key=key)
                expected.append((PING, b"!"))
            begin = end
        expected.append((opcode, payload if opcode == BINARY else payload.decode()))
    inside = [cut for cut in cuts if cut < len(data)]
    assert feed(reader(masked), data, inside) == expected


@given(st.binary(max_size=400))
def test_any_bytes_are_messages_or_an_error(data: bytes) -> None:
    for masked in (False, True):
        try:
            feed(reader(masked, limit=200), data)
        except WebSocketError as error:
            assert error.code in (1002, 1007, 1009)


# What two other implementations write is read, and the other way round.


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536, 200_000])
@pytest.mark.parametrize("masked", [False, True])
def test_frames_of_websockets_and_wsproto(size: int, masked: bool) -> None:
    payload = (BIG + BIG)[:size]
    theirs = other_frames.Frame(other_frames.Opcode.BINARY, payload).serialize(mask=masked)
    assert feed(reader(masked), theirs) == [(BINARY, payload)]
    protocol = third.FrameProtocol(client=masked, extensions=[])
    assert feed(reader(masked), protocol.send_data(payload, fin=True)) == [(BINARY, payload)]
    ours = frame_head(BINARY, size, masked) + payload
    stream = StreamReader()
    stream.feed_data(ours)
    parser = other_frames.Frame.parse(stream.read_exact, mask=masked)
    with pytest.raises(StopIteration) as done:
        next(parser)
    assert done.value.value.data == payload
    receiver = third.FrameProtocol(client=not masked, extensions=[])
    receiver.receive_bytes(ours)
    got = list(receiver.received_frames())
    assert b"".join(bytes(one.payload) for one in got) == payload and got[-1].message_finished


@pytest.mark.parametrize("size", [0, 1, 125, 126, 511, 512, 513, 65536])
@pytest.mark.parametrize("final", [True, False])
def test_heads_of_texts_are_those_of_another_implementation(size: int, final: bool) -> None:
    theirs = other_frames.Frame(other_frames.Opcode.TEXT, bytes(size), fin=final)
    head = theirs.serialize(mask=False)[: -size or None]
    assert frame_head(TEXT, size, False, final) == head
    masked = bytes((head[0], head[1] | 0x80)) + head[2:] + bytes(4)
    assert frame_head(TEXT, size, True, final) == masked


@pytest.mark.parametrize("key", [None, KEY])
def test_a_large_binary_message_lies_where_it_is_wanted(key: bytes | None) -> None:
    memory, asked = bytearray(1 << 20), []

    def place(size: int) -> memoryview | None:
        asked.append(size)
        return memoryview(memory)[: size or None] if len(asked) < 4 else None

    one = reader(masked=key is not None)
    one.place = place
    large, other = bytes(range(256)) * 2000, b"\x05" * 300_000
    data = frame(TEXT, b"x" * 70_000, key=key)
    data += frame(BINARY, large[:1000], final=False, key=key) + frame(0, large[1000:], key=key)
    assert feed(one, data) == [(TEXT, "x" * 70_000), (BINARY, large)]
    assert memory[: len(large)] == large  # its size was known at its end
    memory[:] = bytes(len(memory))
    assert feed(one, frame(BINARY, large, key=key)) == [(BINARY, large)]
    assert memory[: len(large)] == large
    assert feed(one, frame(BINARY, other, key=key)) == [(BINARY, other)]
    assert memory[: len(other)] == other
    assert feed(one, frame(BINARY, large, key=key)) == [(BINARY, large)]
    assert memory[: len(other)] == other
    assert asked == [0, len(large), len(other), len(large)]
    small = [frame(TEXT, b"%d" % n, key=key) for n in range(5000)]
    assert len(feed(one, b"".join(small))) == 5000
