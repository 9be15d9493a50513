"""Fuzzes what reads bytes of strangers: frames of a stream, values, WebSocket messages.

`python fuzz_decoders.py TARGET SECONDS`; ends with an error when anything but a ProtocolError or a
WebSocketError comes out. It needs atheris, which sees which lines the bytes reach.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))
with atheris.instrument_imports(include=["imjoy.protocol", "imjoy.wire"]):
    from imjoy.errors import ProtocolError
    from imjoy.protocol.context import ValueContext
    from imjoy.protocol.decode import decode
    from imjoy.protocol.stream import StreamDecoder
    from imjoy.wire.websocket import SCRATCH, MessageReader, WebSocketError


def values(data: bytes) -> None:
    """A byte for the number of buffers, then the body."""
    count = data[0] % 4 if data else 0
    buffers = [bytearray(16) for _ in range(count)]
    body = data[1:].decode("utf-8", "replace")
    try:
        decode(body, buffers, ValueContext())
    except (ProtocolError, TypeError) as error:
        # This context has no functions; it says so with a TypeError.
        assert (
            isinstance(error, ProtocolError) or "Functions" in str(error) or "Iterat" in str(error)
        )


def stream(data: bytes) -> None:
    """Frames as an engine and its workers send them, in two reads."""
    decoder = StreamDecoder(lambda header, error: None)
    half = len(data) // 3
    try:
        for part in (data[:half], data[half:]):
            decoder.feed(part)
    except ProtocolError:
        pass


def websocket(data: bytes) -> None:
    """What comes after the handshake."""
    reader = MessageReader(True, 1 << 16, True, bytearray(SCRATCH))
    position = 0
    try:
        while position < len(data):
            place = reader.buffer()
            count = min(len(place), len(data) - position)
            place[:count] = data[position : position + count]
            position += count
            list(reader.received(count))
    except WebSocketError:
        pass


if __name__ == "__main__":
    target, seconds = sys.argv[1:3]
    atheris.Setup(
        [sys.argv[0], f"-max_total_time={seconds}", "-max_len=2048", "-verbosity=0", *sys.argv[3:]],
        {"values": values, "stream": stream, "websocket": websocket}[target],
    )
    atheris.Fuzz()
