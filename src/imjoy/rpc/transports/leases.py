"""Which memory the two sides of a link have lent each other, by the numbers that they use for it."""

from __future__ import annotations

import threading
import weakref
from typing import Callable, Dict, List, Tuple

from imjoy.protocol.frame import malformed, too_large
from imjoy.rpc.transports.shared_memory import Segment, SharedBuffer

__all__ = ["Borrowing", "Lending"]


class Lending:
    """What one link has lent to its other side, by the numbers that the two sides use for it.

    `forgotten(number)` is called, in any thread, when memory that the other side knows has gone.
    One thread lends, and one may be told what is returned.
    """

    def __init__(self, forgotten: Callable[[int], object]) -> None:
        self._forgotten = forgotten
        self._lock = threading.RLock()  # memory may be freed whenever an object is
        self._numbers: weakref.WeakKeyDictionary[Segment, int] = weakref.WeakKeyDictionary()
        self._held: Dict[int, List[SharedBuffer]] = {}
        self._next = 0

    def lend(self, buffer: SharedBuffer) -> Tuple[int, bool]:
        """The number of the buffer's segment, and whether the other side does not know it yet."""
        number = self._numbers.get(buffer.segment)
        is_new = number is None
        if number is None:
            self._next += 1
            number = self._numbers[buffer.segment] = self._next
            weakref.finalize(buffer.segment, _tell, weakref.ref(self), number).atexit = False
        with self._lock:
            self._held.setdefault(number, []).append(buffer)
        return number, is_new

    def returned(self, number: int) -> None:
        """The other side no longer uses one buffer of this segment."""
        with self._lock:
            held = self._held.get(number)
            if held:
                held.pop()
                if not held:
                    del self._held[number]

    def clear(self) -> None:
        self._held.clear()


# Not a method: what waits for the end of a segment must not keep its link alive.
def _tell(lending: "weakref.ref[Lending]", number: int) -> None:
    owner = lending()
    if owner is not None:
        owner._forgotten(number)


class Borrowing:
    """The segments that the other side of a link has lent, by number.

    With `opens` they are mapped at once; else their descriptors are there to be passed on.
    `give_back(number)` is called, in any thread, when a buffer is no longer used here.
    """

    def __init__(self, give_back: Callable[[int], None], opens: bool) -> None:
        self._give_back, self._opens = give_back, opens
        self._segments: Dict[int, Segment] = {}

    def add(self, number: int, descriptor: int) -> None:
        """Keep a segment that has arrived. Raises ProtocolError when it cannot be used."""
        segment = self._segments[number] = Segment.received(descriptor)
        try:
            if self._opens:
                segment.map_only()
        except (OSError, ValueError):
            del self._segments[number]
            raise too_large(f"there is no memory for {segment.size} bytes") from None

    def take(self, number: int, size: int) -> SharedBuffer:
        """The first `size` bytes of a segment. Raises ProtocolError when there are no such."""
        segment = self._segments.get(number)
        if segment is None or segment.size < size:
            raise malformed("the memory that it names was not sent")
        return SharedBuffer(segment, size, self._give_back, number)

    def forget(self, number: int) -> None:
        self._segments.pop(number, None)

    def clear(self) -> None:
        self._segments.clear()
