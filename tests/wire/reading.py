"""Feeds a reader as a socket would, and builds frames in the most plain way."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any

from websockets.speedups import apply_mask

from imjoy.wire.websocket import SCRATCH, MessageReader, Overlong

LIMIT = 1 << 24
KEY = b"\x11\x82\xf3\x04"


def reader(masked: bool = False, limit: int = LIMIT, strict: bool = True) -> MessageReader:
    return MessageReader(masked, limit, strict, bytearray(SCRATCH))


def feed(one: MessageReader, data: bytes, cuts: Iterable[int] = ()) -> list[tuple[int, Any]]:
    """The messages of `data`, received in pieces that end at `cuts`, as plain bytes and str."""
    found: list[tuple[int, Any]] = []
    position = 0
    for end in [*sorted(cuts), len(data)]:
        while position < end:
            memory = one.buffer()
            count = min(len(memory), end - position)
            assert count > 0
            memory[:count] = data[position : position + count]
            position += count
            for opcode, payload in one.received(count):
                plain = isinstance(payload, (str, Overlong))
                found.append((opcode, payload if plain else bytes(payload)))
    return found


def frame(opcode: int, payload: bytes, final: bool = True, key: bytes | None = None) -> bytes:
    first, mask, size = opcode | (0x80 if final else 0), 0x80 if key else 0, len(payload)
    if size < 126:
        head = bytes([first, mask | size])
    elif size < 1 << 16:
        head = bytes([first, mask | 126]) + struct.pack(">H", size)
    else:
        head = bytes([first, mask | 127]) + struct.pack(">Q", size)
    if key is None:
        return head + payload
    return head + key + apply_mask(payload, key)
