"""Deflates binary parts for connections that are slow, and inflates those that come so."""

from __future__ import annotations

import zlib
from typing import Any, Dict, List, Optional

from imjoy.protocol.frame import Frame, malformed
from imjoy.protocol.messages import SESSION
from imjoy.protocol.pace import Pace

__all__ = ["PACKING", "Packer", "unpack"]

# The name by which both sides say that they can inflate.
PACKING = "deflate"
FROM, SAMPLE, MOST = SESSION["pack_from"], SESSION["pack_sample"], SESSION["pack_most"]
# What does not lose this share of a sample is sent as it is.
WORTH = 0.9
# More than this gains little and takes many times as long.
LEVEL = 1


class Packer:
    """Stands between a session and one socket; packs while that is slow, for who can unpack."""

    def __init__(self, understood: Any) -> None:
        self._understood = understood == PACKING
        self.pace = Pace()

    def pack(self, frame: Frame, now: float) -> Frame:
        """The frame as it goes on the socket. The one that is given stays as it is."""
        header, body, parts = frame
        if not self._understood:
            return frame
        size = sum(map(_size, parts))
        if FROM <= size <= MOST and self.pace.check(now):
            packed = [_deflate(part) for part in parts]
            if any(packed):
                sizes = [_size(part) if one else None for part, one in zip(parts, packed)]
                parts = [one or part for part, one in zip(parts, packed)]
                frame = Frame(dict(header, packed=sizes), body, parts)
                size = sum(map(_size, parts))
        number = header.get("seq")
        if size >= SAMPLE and type(number) is int:
            self.pace.note(number, size, now)
        return frame

    def unpack(self, frame: Frame, now: float) -> Frame:
        """The frame as the other side has meant it. Raises ProtocolError."""
        header = frame.header
        if type(header) is not dict:
            return frame
        if self.pace.sent:
            self.pace.arrived(header.get("ack"), now)
        return unpack(frame) if "packed" in header else frame


def unpack(frame: Frame) -> Frame:
    """The frame as it was before it was packed. Raises ProtocolError (protocol.malformed)."""
    header: Dict[str, Any] = dict(frame.header)
    sizes, parts = header.pop("packed"), frame.buffers
    if type(sizes) is not list or len(sizes) != len(parts):
        raise malformed("its packed parts do not match")
    known = [size for size in sizes if size is not None]
    if not all(type(size) is int and size >= 0 for size in known) or sum(known) > MOST:
        raise malformed("its packed parts have sizes that cannot be")
    whole: List[Any] = [
        part if size is None else _inflate(part, size) for part, size in zip(parts, sizes)
    ]
    return Frame(header, frame.body, whole)


def _deflate(part: Any) -> Optional[bytes]:
    """The part made smaller; None when that is not worth it."""
    view = memoryview(part).cast("B") if _size(part) else memoryview(b"")
    if len(view) < FROM:
        return None
    middle = (len(view) - SAMPLE) // 2
    if len(_deflated(view[middle : middle + SAMPLE])) > WORTH * SAMPLE:
        return None
    packed = _deflated(view)
    return packed if len(packed) < WORTH * len(view) else None


def _deflated(view: memoryview) -> bytes:
    packer = zlib.compressobj(LEVEL)
    return packer.compress(view) + packer.flush()


def _inflate(part: Any, size: int) -> bytes:
    """Exactly `size` bytes; no more are ever made."""
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(part, size) if size else b""
        # The end of the stream may follow the last byte.
        more = unpacker.decompress(unpacker.unconsumed_tail, 1)
    except zlib.error as error:
        raise malformed(f"a packed part is broken ({error})") from None
    if len(data) != size or more or not unpacker.eof or unpacker.unused_data:
        raise malformed("a packed part is not as long as it says")
    return data


def _size(part: Any) -> int:
    return len(part) if isinstance(part, (bytes, bytearray)) else memoryview(part).nbytes
