"""The large frames of a session that are arriving in pieces."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, Optional, Tuple

from imjoy.errors import ImJoyError, ProtocolError, bare_record
from imjoy.protocol import messages
from imjoy.protocol.frame import Frame, malformed, too_large
from imjoy.protocol.messages import LIMITS, check_header
from imjoy.protocol.pieces import Assembly

__all__ = ["Inbox"]

# So many frames that are refused may be under way beside those that are taken.
MOST_REFUSED = 65_536


class _Arriving:
    """A frame in pieces, or the reason why it is not taken."""

    def __init__(self, assembly: Optional[Assembly], refusal: Optional[ImJoyError]) -> None:
        self.assembly, self.refusal = assembly, refusal


class Inbox:
    """Puts pieces together. Going over a limit fails that one frame and nothing else."""

    def __init__(self) -> None:
        self._arriving: Dict[int, _Arriving] = {}
        self._bytes = self._taken = 0
        # Header, received and total bytes of the frame that the last piece belonged to.
        self.progress: Optional[Tuple[Dict[str, Any], int, int]] = None

    def take(self, frame: Frame, answer: Callable[[Frame], None]) -> Optional[Frame]:
        """Takes a piece, or the frame that ends them, which it gives with its parts.

        A call that cannot be taken is answered. Raises ProtocolError.
        """
        header = frame.header
        self.progress = None
        kind = header.get("type")
        if kind == "piece":
            self._add(frame)
            return None
        if kind == "drop":
            self._forget(header.get("of"))
            return None
        return self._end(frame, answer)

    def place(self, header: Dict[str, Any], size: int) -> Optional[memoryview]:
        """Where the next part of the piece that this header announces is to be received."""
        arriving = self._of(header) if header.get("type") == "piece" else None
        if arriving is None or arriving.assembly is None:
            return None
        return arriving.assembly.place(size)

    def forget_places(self) -> None:
        """A socket has ended: what was being received comes again, to the same place."""
        for arriving in self._arriving.values():
            if arriving.assembly is not None:
                arriving.assembly.forget_places()

    @property
    def bytes(self) -> int:
        """The memory of what is arriving."""
        return self._bytes

    def give_up(self, reason: ImJoyError) -> None:
        """Keep nothing of what is arriving: each of these frames fails when its end comes."""
        for arriving in self._arriving.values():
            if arriving.assembly is not None:
                arriving.assembly, arriving.refusal = None, reason
        self._bytes = self._taken = 0

    def _of(self, header: Dict[str, Any]) -> Optional[_Arriving]:
        """What a piece belongs to, which its first one begins."""
        number = header.get("of")
        arriving = self._arriving.get(number) if type(number) is int else None
        if arriving is None and type(number) is int and len(self._arriving) < MOST_REFUSED:
            arriving = self._arriving[number] = self._begin(header)
        return arriving

    def _add(self, frame: Frame) -> None:
        arriving = self._of(frame.header)
        if arriving is None:
            raise malformed("a piece belongs to no message")
        assembly = arriving.assembly
        if assembly is not None:
            assembly.add(frame.buffers)
            self.progress = assembly.header, assembly.received, assembly.total

    def _begin(self, header: Dict[str, Any]) -> _Arriving:
        try:
            if self._taken >= LIMITS["large_frames"]:
                raise too_large("too many other large messages are under way")
            assembly = Assembly(header.get("sizes"), header.get("frame"))
            if self._bytes + assembly.total > LIMITS["large_bytes"]:
                raise too_large("other large messages are under way")
        except ProtocolError as error:
            return _Arriving(None, error)
        self._bytes += assembly.total
        self._taken += 1
        return _Arriving(assembly, None)

    def _forget(self, number: Any) -> Optional[_Arriving]:
        arriving = self._arriving.pop(number, None) if type(number) is int else None
        if arriving is not None and arriving.assembly is not None:
            self._bytes -= arriving.assembly.total
            self._taken -= 1
        return arriving

    def _end(self, frame: Frame, answer: Callable[[Frame], None]) -> Optional[Frame]:
        header = dict(frame.header)
        arriving = self._forget(header.pop("pieces"))
        if arriving is None:
            raise malformed("its pieces have not arrived")
        if arriving.assembly is not None and arriving.assembly.is_whole:
            return Frame(header, frame.body, [*arriving.assembly.buffers, *frame.buffers])
        error = arriving.refusal or malformed("its pieces are not complete")
        record = json.dumps(bare_record(error))
        kind = check_header(header)["type"]
        if kind == "call":
            back = messages.error(header["id"], header["from"], header["to"])
            answer(Frame(back, record, []))
        return Frame(dict(header, type="error"), record, []) if kind == "result" else None
