"""Engine.IO packets in HTTP bodies, compared with the stock implementation."""

from __future__ import annotations

import json

import pytest
from engineio.packet import MESSAGE, OPEN, Packet
from engineio.payload import Payload
from hypothesis import given
from hypothesis import strategies as st

from imjoy.wire.engineio import MAX_PACKETS, decode_payload, encode_payload, open_packet

texts = st.text(st.characters(exclude_characters="\x1e", exclude_categories=["Cs"]))
contents = st.lists(st.one_of(texts.map(lambda text: "4" + text), st.binary()), min_size=1)


def test_the_first_packet() -> None:
    packet = Packet(encoded_packet=open_packet("s", 20, 60, 1000, ["websocket"]))
    assert packet.packet_type == OPEN
    data = packet.data if isinstance(packet.data, dict) else json.loads(packet.data)
    assert data == {"sid": "s", "upgrades": ["websocket"], "pingInterval": 20000,
                    "pingTimeout": 60000, "maxPayload": 1000}  # fmt: skip


@given(contents)
def test_bodies_come_back_and_are_those_of_the_stock_implementation(
    packets: list[str | bytes],
) -> None:
    body = encode_payload(packets)
    assert decode_payload(body) == packets
    if len(packets) > 16:
        return
    theirs = Payload(encoded_payload=body.decode()).packets
    for one, packet in zip(theirs, packets, strict=True):
        assert one.binary is isinstance(packet, bytes)
        assert one.packet_type == MESSAGE
        if isinstance(packet, bytes):
            assert one.data == packet


@pytest.mark.parametrize("body", [b"", b"\x1e", b"4\x1e", b"b!", b"b123", b"\xff", b"4\x1e" * 9])
def test_bad_bodies(body: bytes) -> None:
    with pytest.raises(ValueError):
        decode_payload(body)


def test_too_many_packets() -> None:
    with pytest.raises(ValueError, match="too many"):
        decode_payload(b"\x1e".join([b"2"] * (MAX_PACKETS + 1)))


@given(st.binary(max_size=200))
def test_any_body_is_packets_or_an_error(body: bytes) -> None:
    try:
        decode_payload(body)
    except ValueError:
        pass
