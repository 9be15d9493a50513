"""Large frames cut into pieces, so that small frames pass between them and a cut costs one piece."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence

from imjoy.errors import ProtocolError
from imjoy.protocol.frame import Frame, malformed, too_large
from imjoy.protocol.messages import LIMITS
from imjoy.protocol.stream import allocate

__all__ = ["Assembly", "Cutter", "size_of"]


def size_of(frame: Frame) -> int:
    """What a frame costs to keep: the length of its text and the bytes of its binary parts."""
    size = len(frame.body)
    for part in frame.buffers:
        size += _nbytes(part)
    return size


class Cutter:
    """Cuts the binary parts of one frame, read as one run of bytes, into pieces."""

    def __init__(self, frame: Frame, number: int, piece: int) -> None:
        self.frame, self.number, self._piece = frame, number, piece
        self._views = [memoryview(part).cast("B") for part in frame.buffers if _nbytes(part)]
        self._sizes = [_nbytes(part) for part in frame.buffers]
        self._view = self._offset = 0
        self.total = sum(self._sizes)
        self.cut = self.arrived = 0

    @property
    def is_cut(self) -> bool:
        """Whether only the frame itself is left to be sent."""
        return bool(self.cut == self.total)

    def next(self) -> Frame:
        """The next piece; the first one tells the sizes of the parts and the header of the frame."""
        header: Dict[str, Any] = {"type": "piece", "of": self.number}
        if self.cut == 0:
            header.update(sizes=self._sizes, frame=self.frame.header)
        parts: List[Any] = []
        room = self._piece
        while room and self._view < len(self._views):
            view = self._views[self._view]
            part = view[self._offset : self._offset + room]
            parts.append(part)
            room -= len(part)
            self._offset += len(part)
            if self._offset == len(view):
                self._view, self._offset = self._view + 1, 0
        self.cut += self._piece - room
        return Frame(header, "", parts)

    def last(self) -> Frame:
        """The frame itself, whose parts have gone before."""
        return Frame(dict(self.frame.header, pieces=self.number), self.frame.body, [])


class Assembly:
    """The parts of one frame while their pieces arrive. Raises ProtocolError."""

    def __init__(self, sizes: Any, header: Any = None) -> None:
        _check_sizes(sizes)
        self.header: Dict[str, Any] = header if type(header) is dict else {}
        self.total = sum(sizes)
        self.received = 0
        self.buffers = [allocate(size) for size in sizes]
        self._views = [memoryview(buffer) for buffer in self.buffers if len(buffer)]
        self._view = self._offset = 0

    @property
    def is_whole(self) -> bool:
        return bool(self.received == self.total)

    def add(self, parts: Sequence[Any]) -> None:
        """Takes the bytes of one piece."""
        for part in parts:
            data = memoryview(part).cast("B") if _nbytes(part) else memoryview(b"")
            if len(data) > self.total - self.received:
                raise malformed("its pieces are longer than it said")
            self.received += len(data)
            while len(data):
                view = self._views[self._view]
                taken = min(len(view) - self._offset, len(data))
                view[self._offset : self._offset + taken] = data[:taken]
                data = data[taken:]
                self._offset += taken
                if self._offset == len(view):
                    self._view, self._offset = self._view + 1, 0


def _nbytes(part: Any) -> int:
    return len(part) if isinstance(part, (bytes, bytearray)) else memoryview(part).nbytes


def _check_sizes(sizes: Any) -> None:
    whole = type(sizes) is list and all(type(size) is int and size >= 0 for size in sizes)
    if not whole:
        raise ProtocolError("A message is not well formed: its sizes are not a list of numbers.")
    if len(sizes) > LIMITS["buffers"] or sum(sizes) > LIMITS["frame"]:
        raise too_large(f"it is over {LIMITS['frame']} bytes or has too many binary parts")
