"""Large frames cut into pieces, so that small frames pass between them and a cut costs one piece."""

from __future__ import annotations

from collections import deque
from typing import Any, Deque, Dict, List, Optional, Sequence, Tuple

from imjoy.errors import ProtocolError
from imjoy.protocol.frame import Frame, malformed, too_large
from imjoy.protocol.memory import allocate
from imjoy.protocol.messages import LIMITS

__all__ = ["Assembly", "Cutter", "size_of"]


def size_of(frame: Frame) -> int:
    """What a frame costs to keep: the length of its text and the bytes of its binary parts."""
    size = len(frame.body)
    for part in frame.buffers:
        size += _nbytes(part)
    return size


class Cutter:
    """Cuts the binary parts of one frame, read as one run of bytes, into pieces."""

    def __init__(self, frame: Frame, number: int) -> None:
        self.frame, self.number = frame, number
        self._views = [memoryview(part).cast("B") for part in frame.buffers if _nbytes(part)]
        self._sizes = [_nbytes(part) for part in frame.buffers]
        self._view = self._offset = 0
        self.total = sum(self._sizes)
        self.cut = self.arrived = 0

    @property
    def is_cut(self) -> bool:
        """Whether only the frame itself is left to be sent."""
        return bool(self.cut == self.total)

    def next(self, size: int) -> Frame:
        """The next piece, of at most `size` bytes.

        The first one tells the sizes of the parts and the header of the frame.
        """
        header: Dict[str, Any] = {"type": "piece", "of": self.number}
        if self.cut == 0:
            header.update(sizes=self._sizes, frame=self.frame.header)
        parts: List[Any] = []
        room = size
        while room and self._view < len(self._views):
            view = self._views[self._view]
            part = view[self._offset : self._offset + room]
            parts.append(part)
            room -= len(part)
            self._offset += len(part)
            if self._offset == len(view):
                self._view, self._offset = self._view + 1, 0
        self.cut += size - room
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
        # Pieces that are being received to where they stay: where each begins, and its size.
        self._placed: Deque[Tuple[int, int]] = deque()

    @property
    def is_whole(self) -> bool:
        return bool(self.received == self.total)

    def place(self, size: int) -> Optional[memoryview]:
        """Where the next part of a piece of this size may be received, to be added afterwards.

        With the size 0 nobody knows it yet: gives all that is left there.
        """
        if self._placed and not self._placed[-1][1]:
            return None
        begin = self.received + sum(size for _, size in self._placed)
        offset = begin
        for view in self._views:
            if offset < len(view):
                if size > len(view) - offset:
                    return None
                self._placed.append((begin, size))
                return view[offset : offset + size] if size else view[offset:]
            offset -= len(view)
        return None

    def forget_places(self) -> None:
        """What was being received to its place has been lost on its way."""
        self._placed.clear()

    def add(self, parts: Sequence[Any]) -> None:
        """Takes the bytes of one piece."""
        for part in parts:
            if self._is_in_place(part):
                continue
            data = memoryview(part).cast("B") if _nbytes(part) else memoryview(b"")
            if len(data) > self.total - self.received:
                raise malformed("its pieces are longer than it said")
            while len(data):
                view = self._views[self._view]
                taken = min(len(view) - self._offset, len(data))
                view[self._offset : self._offset + taken] = data[:taken]
                data = data[taken:]
                self._advance(taken)

    def _is_in_place(self, part: Any) -> bool:
        """Whether a part was received to where it stays; then it is counted."""
        if not self._placed:
            return False
        view = self._views[self._view] if self._view < len(self._views) else None
        own = view is not None and type(part) is memoryview and part.obj is view.obj
        begin, size = self._placed[0]
        if not own or begin != self.received or size not in (0, len(part)):
            self._placed.clear()
            return False
        self._placed.popleft()
        self._advance(len(part))
        return True

    def _advance(self, count: int) -> None:
        self.received += count
        self._offset += count
        if self._offset == len(self._views[self._view]):
            self._view, self._offset = self._view + 1, 0


def _nbytes(part: Any) -> int:
    return len(part) if isinstance(part, (bytes, bytearray)) else memoryview(part).nbytes


def _check_sizes(sizes: Any) -> None:
    whole = type(sizes) is list and all(type(size) is int and size >= 0 for size in sizes)
    if not whole:
        raise ProtocolError("A message is not well formed: its sizes are not a list of numbers.")
    if len(sizes) > LIMITS["buffers"] or sum(sizes) > LIMITS["frame"]:
        raise too_large(f"it is over {LIMITS['frame']} bytes or has too many binary parts")
