"""WebSocket messages (RFC 6455): received bytes in, whole messages out, and the heads of frames."""

from __future__ import annotations

import struct
from typing import Any, Callable, Generator, Iterator, NamedTuple, Optional, Tuple

from imjoy.wire.masking import NO_KEY, Xor, unmask, xor
from imjoy.wire.memory import Growing

__all__ = [
    "BINARY",
    "CLOSE",
    "GUID",
    "PING",
    "PONG",
    "TEXT",
    "MessageReader",
    "Overlong",
    "WebSocketError",
    "close_payload",
    "frame_head",
]

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
NORMAL, GOING_AWAY, PROTOCOL_ERROR, NO_STATUS, BAD_TEXT, POLICY, TOO_BIG = (
    1000,
    1001,
    1002,
    1005,
    1007,
    1008,
    1009,
)
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTROL_BYTES = 125
# Larger payloads are received to where they stay, smaller ones are copied there.
LARGE = 1 << 16
SCRATCH, NEAR = 1 << 18, 1 << 13
# So much of a text that is too long is kept, enough to see which call it was.
KEPT = 4096
_SHORT, _LONG = struct.Struct("!H"), struct.Struct("!Q")
_MEDIUM = struct.Struct("!BBH")

Message = Tuple[int, Any]


class WebSocketError(Exception):
    """The other side broke the rules; `code` is what the connection is closed with."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Overlong(NamedTuple):
    """Stands for a message over the limit, which was skipped; `start` is how it began."""

    size: int
    start: bytes


def frame_head(opcode: int, size: int, masked: bool, final: bool = True) -> bytes:
    """What goes before a payload.

    A masked frame has the key zero, so that its payload is sent as it is: masks protect caches
    between a browser and a server from scripts, and no script chooses what is sent by this code.
    """
    if opcode == TEXT and final and size < MOST_HEADS:
        return _HEADS[masked][size]
    return _head(opcode, size, masked, final)


def _head(opcode: int, size: int, masked: bool, final: bool) -> bytes:
    first, mask = (0x80 | opcode if final else opcode), (0x80 if masked else 0)
    if size < 126:
        head = bytes((first, mask | size))
    elif size < 65536:
        head = _MEDIUM.pack(first, mask | 126, size)
    else:
        head = struct.pack("!BBQ", first, mask | 127, size)
    return head + NO_KEY if masked else head


# Most frames are short texts.
MOST_HEADS = 512
_HEADS = [
    [_head(TEXT, size, masked, True) for size in range(MOST_HEADS)] for masked in (False, True)
]


def close_payload(code: int, reason: str = "") -> bytes:
    """The payload of a close frame."""
    return _SHORT.pack(code) + reason.encode()[: CONTROL_BYTES - 2]


class _Head(NamedTuple):
    opcode: int
    final: bool
    key: bytes
    size: int
    # Where the payload begins.
    begin: int


class MessageReader:
    """Makes messages of what is received into `buffer()`, once `received` has been told how much.

    `scratch` may be shared by all connections of a thread: nothing stays in it between two calls.
    `limit` and `text_limit` may be
    changed between two messages: longer ones are skipped (see Overlong), or end the connection
    while `strict`. `place` is asked where a large binary message of a size is to lie, or, with 0, one
    that comes in pieces and may become as large as what it gives; None: anywhere.
    """

    def __init__(
        self, masked: bool, limit: int, strict: bool, scratch: bytearray, one: Xor = xor
    ) -> None:
        self.limit = self.text_limit = limit
        self.strict = strict
        self.place: Callable[[int], Optional[memoryview]] = lambda size: None
        self._masked, self._xor = masked, one
        self._scratch, self._view = scratch, memoryview(scratch)
        self._rest = b""
        # How far the scratch memory is filled at once: not far while large payloads come, because
        # what is in it of them has to be copied to where they stay.
        self._reach = SCRATCH
        # The payload that is being received to where it stays, and how much of it has come.
        self._target: Optional[memoryview] = None
        self._filled = 0
        self._head = _Head(0, True, NO_KEY, 0, 0)
        # The message of which pieces have come.
        self._opcode = 0
        self._pieces: Optional[Growing] = None
        self._skipped = 0
        self._start = b""
        self._to_skip = 0

    def buffer(self) -> memoryview:
        """Where to receive the next bytes."""
        if self._target is not None:
            return self._target[self._filled :]
        if self._to_skip:
            return self._view[: self._to_skip]
        kept = len(self._rest)
        if kept:
            self._view[:kept] = self._rest
        return self._view[kept : self._reach] if self._reach > kept else self._view[kept:]

    def received(self, count: int) -> Iterator[Message]:
        """The messages that `count` more bytes complete. Raises WebSocketError.

        A text is a str, a binary message and a control frame are bytes-like.
        """
        if self._target is not None:
            self._filled += count
            if self._filled == len(self._target):
                target, self._target = self._target, None
                unmask(target, self._head.key, self._xor)
                yield from self._piece_done(self._head)
        elif self._to_skip:
            self._to_skip -= count
            if not self._to_skip:
                yield from self._piece_done(self._head)
        else:
            end, self._rest = len(self._rest) + count, b""
            if end >= self._reach:
                self._reach = SCRATCH
            yield from self._parse(end)

    def _parse(self, end: int) -> Generator[Message, None, None]:
        # Most messages are short texts in one frame; all others are looked at below.
        at, data, view, mask = 0, self._scratch, self._view, 0x80 if self._masked else 0
        while end - at > 7 and data[at] == 0x80 | TEXT and not self._opcode:
            size, begin = data[at + 1] ^ mask, at + 2
            if size == 126:
                size, begin = data[at + 2] << 8 | data[at + 3], at + 4
            elif size > 126:
                break
            is_masked = mask and not data.startswith(NO_KEY, begin)
            begin += 4 if mask else 0
            until = begin + size
            if until > end or size > self.text_limit:
                break
            payload: Any = view[begin:until]
            if is_masked:
                payload = self._xor(payload, bytes(data[begin - 4 : begin]))
            at = until
            yield TEXT, _text(payload)
        if at < end:
            yield from self._parse_slowly(at, end)

    def _parse_slowly(self, at: int, end: int) -> Generator[Message, None, None]:
        while True:
            head = self._read_head(at, end)
            if head is None:
                break
            until = head.begin + head.size
            if until <= end:
                at = until
                payload = self._view[head.begin : until]
                if head.opcode & 8:
                    yield self._control(head, payload)
                elif head.final and head.opcode and head.size <= self._limit_of(head.opcode):
                    yield head.opcode, self._whole(head, payload)
                else:
                    yield from self._piece(head, payload)
            elif head.size > LARGE and not head.opcode & 8:
                self._begin_large(head, self._view[head.begin : end])
                return
            else:
                break
        self._rest = bytes(self._view[at:end])

    def _read_head(self, at: int, end: int) -> Optional[_Head]:
        if end - at < 2:
            return None
        data = self._scratch
        first, second = data[at], data[at + 1]
        opcode, size, begin = first & 15, second & 127, at + 2
        if size > 125:
            begin += 2 if size == 126 else 8
            if begin > end:
                return None
            form = _SHORT if size == 126 else _LONG
            size = form.unpack_from(data, at + 2)[0]
        self._check_head(first, second, size)
        if not self._masked:
            return _Head(opcode, first > 127, NO_KEY, size, begin)
        begin += 4
        if begin > end:
            return None
        return _Head(opcode, first > 127, bytes(data[begin - 4 : begin]), size, begin)

    def _check_head(self, first: int, second: int, size: int) -> None:
        opcode = first & 15
        if first & 0x70:
            raise WebSocketError(PROTOCOL_ERROR, "a reserved bit is set")
        if (second > 127) is not self._masked:
            raise WebSocketError(PROTOCOL_ERROR, "a frame is masked from the wrong side")
        if size >> 63:
            raise WebSocketError(PROTOCOL_ERROR, "a size is negative")
        if opcode & 8:
            if opcode > PONG:
                raise WebSocketError(PROTOCOL_ERROR, "the kind of a frame is not known")
            if first < 128 or size > CONTROL_BYTES:
                raise WebSocketError(PROTOCOL_ERROR, "a control frame is too long or in pieces")
        elif opcode > BINARY:
            raise WebSocketError(PROTOCOL_ERROR, "the kind of a frame is not known")
        elif (opcode == CONTINUATION) is not bool(self._opcode):
            raise WebSocketError(PROTOCOL_ERROR, "the pieces of a message are not in order")

    def _limit_of(self, opcode: int) -> int:
        return self.text_limit if opcode == TEXT else self.limit

    def _whole(self, head: _Head, payload: memoryview) -> Any:
        """A message that lies in the scratch memory."""
        data = payload if head.key == NO_KEY else self._xor(payload, head.key)
        return _text(data) if head.opcode == TEXT else bytearray(data)

    def _control(self, head: _Head, payload: memoryview) -> Message:
        data = bytes(payload) if head.key == NO_KEY else self._xor(payload, head.key)
        return head.opcode, _checked_close(data) if head.opcode == CLOSE else data

    # Messages that come in pieces, and large ones.

    def _piece(self, head: _Head, payload: memoryview) -> Iterator[Message]:
        target = self._room(head, payload)
        if target is not None:
            target[:] = payload if head.key == NO_KEY else self._xor(payload, head.key)
        return self._piece_done(head)

    def _begin_large(self, head: _Head, have: memoryview) -> None:
        self._head = head
        target = self._room(head, have)
        if target is None:
            self._to_skip = head.size - len(have)
        else:
            target[: len(have)] = have
            self._target, self._filled, self._reach = target, len(have), NEAR

    def _room(self, head: _Head, have: memoryview) -> Optional[memoryview]:
        """Where the payload of a data frame belongs; None when its message is skipped."""
        self._opcode = self._opcode or head.opcode
        size = self._skipped or (self._pieces.size if self._pieces is not None else 0)
        if not self._skipped and size + head.size <= self._limit_of(self._opcode):
            try:
                return self._growing(head).reserve(head.size)
            except MemoryError:
                pass
        if self.strict:
            raise WebSocketError(TOO_BIG, "a message is too large")
        self._skip(size + head.size, head, have)
        return None

    def _growing(self, head: _Head) -> Growing:
        if self._pieces is None:
            is_binary = self._opcode == BINARY
            place = self.place(head.size if head.final else 0) if is_binary else None
            self._pieces = Growing(head.size if head.final else 0, place)
        return self._pieces

    def _skip(self, size: int, head: _Head, have: memoryview) -> None:
        if self._pieces is not None:
            self._start = bytes(self._pieces.take()[:KEPT])
        elif not self._skipped:
            begin = have[:KEPT]
            self._start = bytes(begin) if head.key == NO_KEY else self._xor(begin, head.key)
        self._pieces, self._skipped = None, size

    def _piece_done(self, head: _Head) -> Iterator[Message]:
        if not head.final:
            return
        opcode, pieces, skipped = self._opcode, self._pieces, self._skipped
        self._opcode, self._pieces, self._skipped = 0, None, 0
        if skipped:
            yield opcode, Overlong(skipped, self._start)
        elif pieces is None:
            yield opcode, "" if opcode == TEXT else bytearray()
        else:
            message = pieces.take()
            yield opcode, _text(message) if opcode == TEXT else message


def _text(data: Any) -> str:
    try:
        return str(data, "utf-8")
    except UnicodeDecodeError:
        raise WebSocketError(BAD_TEXT, "a text is not UTF-8") from None


def _checked_close(data: bytes) -> bytes:
    """The payload of a close frame if it is one. Raises WebSocketError."""
    if not data:
        return data
    code = _SHORT.unpack_from(data)[0] if len(data) > 1 else 0
    if not (1000 <= code <= 1014 and code not in (1004, 1005, 1006) or 3000 <= code <= 4999):
        raise WebSocketError(PROTOCOL_ERROR, "the reason of a close is not a known one")
    _text(data[2:])
    return data
