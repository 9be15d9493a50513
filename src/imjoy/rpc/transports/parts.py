"""What waits to be sent on a stream: bytes, bytes that bring segments, and copies to be made."""

from __future__ import annotations

from typing import Any, List, Union

from imjoy.rpc.transports.shared_memory import Segment, SharedBuffer

__all__ = ["Fill", "Head", "Item", "after", "size_of"]

# Bytes that are copied into shared memory before others have their turn.
FILL_SIZE = 1 << 20


class Head:
    """The first bytes of a frame, with which new segments are handed over."""

    def __init__(self, data: memoryview, segments: List[Segment]) -> None:
        self.data, self.segments = data, segments

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, rest: slice) -> memoryview:
        return self.data[rest]


class Fill:
    """A buffer that is copied into shared memory before its frame is sent."""

    def __init__(self, buffer: SharedBuffer, data: memoryview) -> None:
        self.buffer, self.data, self.done = buffer, data, 0

    def __len__(self) -> int:
        return len(self.data) - self.done

    def step(self) -> int:
        part = self.data[self.done : self.done + FILL_SIZE]
        self.buffer.segment.write(part, self.done)
        return len(part)

    def __getitem__(self, rest: slice) -> Fill:
        self.done += rest.start
        return self


Item = Union[memoryview, Head, Fill]


def after(parts: List[memoryview], count: int) -> List[memoryview]:
    """What is left of the parts when that many bytes have gone."""
    rest = []
    for part in parts:
        if count < len(part):
            rest.append(part[count:])
        count = max(0, count - len(part))
    return rest


def size_of(buffer: Any) -> int:
    return len(buffer) if isinstance(buffer, (bytes, bytearray)) else int(buffer.nbytes)
