"""Socket.IO packets, compared with the stock implementation; bad ones and those over a limit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from socketio.packet import Packet as StockPacket

from imjoy.wire import socketio as rules
from imjoy.wire.socketio import Packet, PacketReader, Refused, encode, encode_frame, frame_of, parse
from imjoy.wire.websocket import Overlong

json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=10,
)


def packets(*messages: Any, attachments: int = 3, size: int = 100) -> list[Any]:
    reader = PacketReader(attachments, size)
    found = [reader.text(m) if isinstance(m, (str, Overlong)) else reader.binary(m)
             for m in messages]  # fmt: skip
    return [one for one in found if one is not None]


@given(st.lists(json_values, max_size=3), st.none() | st.integers(0, 10**14), st.booleans())
def test_events_of_the_stock_implementation_are_read(
    arguments: list[Any], number: int | None, elsewhere: bool
) -> None:
    data, namespace = ["event", *arguments], "/other" if elsewhere else "/"
    text = StockPacket(rules.EVENT, data, namespace=namespace, id=number).encode()
    assert packets("4" + text) == [Packet(rules.EVENT, namespace, data, number)]
    mine = encode(rules.EVENT, data, number, namespace)
    theirs = StockPacket(encoded_packet=mine[1:])
    assert (theirs.data, theirs.id, theirs.namespace or "/") == (data, number, namespace)


@given(st.dictionaries(st.text(), st.text()), st.text(st.characters(exclude_categories=["Cs"])),
       st.lists(st.binary(max_size=9), max_size=3))  # fmt: skip
def test_frames_are_read_by_the_stock_implementation_and_by_us(
    header: dict[str, Any], body: str, buffers: list[bytes]
) -> None:
    text = encode_frame(header, body, buffers)
    theirs = StockPacket(encoded_packet=text[1:])
    for buffer in buffers:
        theirs.add_attachment(buffer)
    assert theirs.data == ["frame", header, body, *buffers]
    kind = rules.BINARY_EVENT if buffers else rules.EVENT
    assert packets(text, *buffers) == [Packet(kind, "/", ["frame", header, body, *buffers], None)]


@given(
    st.sampled_from(["call", "result", "error", "cancel"]),
    st.dictionaries(st.sampled_from(["id", "to", "from", "target", "more"]), st.text()),
    st.dictionaries(st.sampled_from(["seq", "ack"]), st.integers(0) | st.text()),
)
def test_headers_that_are_written_here_are_those_that_json_writes(
    kind: str, fields: dict[str, Any], numbers: dict[str, Any]
) -> None:
    header = {"type": kind, **fields, **numbers}
    text = encode_frame(header, "[]", [])
    assert json.loads(text[2:]) == ["frame", header, "[]"]
    assert frame_of(text) == [header, "[]"]


def test_only_events_that_are_a_frame_and_nothing_else_are_read_the_short_way() -> None:
    good = encode_frame({"type": "ack"}, "", [])
    assert frame_of(good) == [{"type": "ack"}, ""]
    for text in (good[:-1], good + " ", "42" + '["frame"]', '42["frame",{}]', '421["frame",{},""]',
                 '42["frames",{},""]', '42["frame",NaN,""]', '42["frame",{},"",1]', '42["frame",',
                 encode_frame({}, "", [b"x"]), '42["frame",' + "[" * 100_000):  # fmt: skip
        assert frame_of(text) is None, text[:40]


def test_other_kinds() -> None:
    assert packets("40") == [Packet(rules.CONNECT, "/", None, None)]
    assert packets('40{"token":"x"}') == [Packet(rules.CONNECT, "/", {"token": "x"}, None)]
    assert packets("41") == [Packet(rules.DISCONNECT, "/", None, None)]
    assert packets("437[]") == [Packet(rules.ACK, "/", [], 7)]
    assert packets('44{"message":"no"}') == [
        Packet(rules.CONNECT_ERROR, "/", {"message": "no"}, None)
    ]
    place = '{"_placeholder":true,"num":0}'
    assert packets(f"461-3[{place}]", b"x") == [Packet(rules.BINARY_ACK, "/", [b"x"], 3)]


def test_places_that_name_no_attachment_stay_as_they_are() -> None:
    again, none = {"_placeholder": True, "num": 0}, {"_placeholder": True, "num": 9}
    data = json.dumps(["e", again, again, none, {"a": again}, {"_placeholder": 1, "num": 0}])
    [packet] = packets("451-" + data, b"x")
    assert packet.data == ["e", b"x", again, none, {"a": again}, {"_placeholder": 1, "num": 0}]


BAD = ["", "4", "47", "4é", "42", "42{}", '42"e"', "42[]", "42[1", "42[1]]", "42[NaN]", "43[]",
       "431{}", "45[1]", '451["e"]', '421-["e"]', "42" + "[" * 100_000, "41x", "2probe",
       "42[" + "9" * 5000 + "]", "40/" + "x" * 300 + ",", "4" + "1" * 40 + "-[]"]  # fmt: skip


@pytest.mark.parametrize("text", BAD, ids=[text[:12] for text in BAD])
def test_what_is_no_packet_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        found = packets(text)
        assert found == [] and "451-" in text  # it waits for its attachment, which is all right
        raise ValueError


def test_attachments_come_when_they_belong() -> None:
    with pytest.raises(ValueError, match="belongs to no"):
        packets(b"x")
    with pytest.raises(ValueError, match="begins before"):
        packets('451-["e"]', "40")


def test_over_the_limits_a_packet_is_refused_and_the_next_is_read() -> None:
    after = "41"
    refused, end = packets('454-7["frame",{"id":"c"}]', b"", b"", b"", b"", after)
    assert isinstance(refused, Refused) and "3 binary parts" in refused.reason
    assert refused.packet == Packet(rules.BINARY_EVENT, "/", ["frame", {"id": "c"}], 7)
    refused, end = packets('452-["e"]', b"x" * 60, b"x" * 60, after)
    assert isinstance(refused, Refused) and "100 bytes" in refused.reason
    reader = PacketReader(3, 100)
    assert reader.text('452-["e"]') is reader.binary(Overlong(500, b"")) is None
    assert isinstance(reader.binary(b"x"), Refused)
    assert reader.text(after).kind == end.kind == rules.DISCONNECT


def test_of_a_text_that_is_too_long_the_first_arguments_are_known() -> None:
    start = b'4212["frame",{"id":"c"},"aaaaaaa'
    [refused] = packets(Overlong(10**9, start))
    assert refused.packet == Packet(rules.EVENT, "/", ["frame", {"id": "c"}], 12)
    assert packets(Overlong(9, b'42["fra'))[0].packet.data == []
    for other in (b"40{", b"", b"\xff", b"461-3["):
        with pytest.raises(ValueError):
            packets(Overlong(9, other))


@given(st.lists(st.one_of(st.text(max_size=40), st.binary(max_size=9)), max_size=5))
def test_any_messages_are_packets_or_an_error(messages: list[Any]) -> None:
    try:
        packets(*messages)
    except ValueError:
        pass


@given(st.text('0123456789-[]{}",/e_'))
def test_any_text_like_a_packet_is_one_or_an_error(text: str) -> None:
    try:
        parse("4" + text)
    except ValueError:
        pass
