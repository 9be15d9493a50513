"""Engine.IO 4: the letters that begin a packet, the first packet, and several in one HTTP body."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, Dict, List, Sequence, Union

__all__ = ["decode_payload", "encode_payload", "open_packet"]

OPEN, CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP = "0", "1", "2", "3", "4", "5", "6"
SEPARATOR = "\x1e"
BINARY = "b"
MAX_PACKETS = 10_000

Packet = Union[str, bytes]


def open_packet(
    sid: str, ping_seconds: int, pong_seconds: int, max_payload: int, upgrades: Sequence[str] = ()
) -> str:
    """The first packet that a server sends."""
    facts: Dict[str, Any] = {
        "sid": sid,
        "upgrades": list(upgrades),
        "pingInterval": ping_seconds * 1000,
        "pingTimeout": pong_seconds * 1000,
        "maxPayload": max_payload,
    }
    return OPEN + json.dumps(facts, separators=(",", ":"))


def encode_payload(packets: Sequence[Any]) -> bytes:
    """Packets (texts, and bytes-like ones for binary messages) as the body of an HTTP message."""
    return SEPARATOR.join(
        packet if isinstance(packet, str) else BINARY + base64.b64encode(packet).decode("ascii")
        for packet in packets
    ).encode("utf-8")


def decode_payload(body: bytes) -> List[Packet]:
    """The packets in the body of an HTTP message. Raises ValueError."""
    if body.count(SEPARATOR.encode()) >= MAX_PACKETS:
        raise ValueError("too many packets at once")
    found: List[Packet] = []
    for text in body.decode("utf-8").split(SEPARATOR):
        if text.startswith(BINARY):
            try:
                found.append(base64.b64decode(text[1:], validate=True))
            except binascii.Error as error:
                raise ValueError("a binary packet is not base64") from error
        elif text:
            found.append(text)
        else:
            raise ValueError("a packet is empty")
    return found
