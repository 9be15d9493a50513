"""Memory that large messages are received into; it is where they stay."""

from __future__ import annotations

import mmap
from typing import Any, Optional

__all__ = ["HUGE", "Growing", "allocate"]

# From here on memory is mapped, not cleared beforehand, and made of large pages where the system
# has them: touching small pages for the first time costs more than receiving into them.
HUGE = 1 << 20
_PAGES = 2 << 20


def allocate(size: int) -> Any:
    """Writable memory of this size. Raises MemoryError."""
    if size < HUGE:
        return bytearray(size)
    try:
        block = mmap.mmap(-1, size)
    except OSError as error:
        raise MemoryError(f"there is no memory for {size} bytes") from error
    advice = getattr(mmap, "MADV_HUGEPAGE", None)
    if advice is not None and size >= _PAGES:
        try:
            block.madvise(advice)
        except OSError:  # a system without large pages
            pass
    return block


class Growing:
    """A message that comes in pieces of which only the last one says that it is the last.

    `place`: memory for a message whose size is known, where it is to lie.
    """

    def __init__(self, expected: int = 0, place: Optional[memoryview] = None) -> None:
        self._block: Any = place
        if place is None:
            self._block = allocate(expected) if expected else bytearray()
        self.size = 0

    def reserve(self, count: int) -> memoryview:
        """Where the next `count` bytes belong; they are part of the message from now on.

        Raises MemoryError.
        """
        begin, end = self.size, self.size + count
        if end > len(self._block):
            self._grow(end)
        self.size = end
        return memoryview(self._block)[begin:end]

    def take(self) -> memoryview:
        """The whole message."""
        return memoryview(self._block)[: self.size]

    def _grow(self, end: int) -> None:
        # Twice as much each time, so that a message is not moved for each of its pieces.
        block = allocate(end if not self._block else max(end, 2 * len(self._block)))
        memoryview(block)[: self.size] = memoryview(self._block)[: self.size]
        self._block = block
