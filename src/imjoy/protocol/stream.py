"""Frames on a stream of bytes, as engine and workers send them; does no input or output itself."""

from __future__ import annotations

import json
import struct
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any, Callable, Dict, Generator, List, Mapping, Optional, Sequence, Tuple

from imjoy.errors import ProtocolError
from imjoy.protocol.frame import Frame, malformed, too_large
from imjoy.protocol.memory import HUGE, allocate
from imjoy.protocol.messages import LIMITS

__all__ = [
    "FORGOTTEN",
    "NEW",
    "RETURNED",
    "StreamDecoder",
    "check_text",
    "pack",
    "pack_note",
]

MAGIC = b"IMJ1"
# Notes about shared memory: which segments are no longer used, and which no longer exist.
NOTE = b"IMJN"
RETURNED, FORGOTTEN = 0, 1
# In the list of sizes: the buffer is not in the stream, but in the segment of this number.
SHARED = 1 << 63
# In the list of numbers: the descriptor of this segment comes with the frame.
NEW = 1 << 63
HEAD = struct.Struct("<4sIII")
MAX_HEADER = 1 << 20
# More sizes than this are not worth reading only to refuse the frame.
MAX_SIZES = 1 << 20
# From here on a buffer is sent from where it is, and is received to where it stays.
LARGE = 1 << 16

Refused = Callable[[Dict[str, Any], ProtocolError], None]
# Told the number of a segment and a size, gives the buffer that lies there.
TakeShared = Callable[[int, int], Any]
OnNote = Callable[[int, Tuple[int, ...]], None]
NO_SHARED: Mapping[int, int] = {}
_to_json = json.JSONEncoder(separators=(",", ":")).encode
_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


def pack(frame: Frame, shared: Mapping[int, int] = NO_SHARED) -> List[Any]:
    """The bytes of a frame in parts; large buffers are parts of their own and are not copied.

    `shared`: for each buffer that lies in shared memory, by index, the number of its segment.
    Raises ProtocolError when the body is not text that can be sent.
    """
    header = _header_text(frame.header).encode()
    body = check_text(frame.body)
    count = len(frame.buffers)
    if not count:
        return [HEAD.pack(MAGIC, len(header), len(body), 0) + header + body]
    views = [_bytes_of(buffer) for i, buffer in enumerate(frame.buffers) if i not in shared]
    sizes = [
        SHARED | buffer.nbytes if i in shared else memoryview(buffer).nbytes
        for i, buffer in enumerate(frame.buffers)
    ]
    numbers = [shared[i] for i in sorted(shared)]
    table = struct.pack(f"<{count + len(numbers)}Q", *sizes, *numbers)
    small: List[Any] = [HEAD.pack(MAGIC, len(header), len(body), count), table, header, body]
    parts: List[Any] = []
    for view in views:
        if len(view) < LARGE:
            small.append(view)
        else:
            parts += [b"".join(small), view]
            small = []
    return [*parts, b"".join(small)] if small else parts


def _header_text(header: Dict[str, Any]) -> str:
    """A flat object as JSON, in half the time that json takes for it."""
    fields = [
        f"{_quoted(name)}:{_quoted(value) if type(value) is str else _to_json(value)}"
        for name, value in header.items()
    ]
    return f"{{{','.join(fields)}}}"


def check_text(text: str) -> bytes:
    """The bytes of a text. Raises ProtocolError when it has none."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise malformed("its text holds half a character") from None


def pack_note(kind: int, numbers: Sequence[int]) -> bytes:
    """The bytes that tell the other side RETURNED or FORGOTTEN segments."""
    return HEAD.pack(NOTE, kind, len(numbers), 0) + struct.pack(f"<{len(numbers)}Q", *numbers)


class StreamDecoder:
    """Cuts a stream of bytes into frames.

    A frame over the limits is skipped and told to `on_refused` with its header and the reason.
    """

    def __init__(
        self,
        on_refused: Optional[Refused] = None,
        take_shared: Optional[TakeShared] = None,
        on_note: Optional[OnNote] = None,
    ) -> None:
        self._on_refused, self._on_note = on_refused, on_note
        self._take_shared = take_shared or _no_shared
        self._frames: List[Frame] = []
        self._steps = self._read()
        self._begin(next(self._steps))

    def feed(self, data: Any) -> List[Frame]:
        """The frames that these bytes complete. Raises ProtocolError when they are no frames."""
        view, position = memoryview(data), 0
        while position < len(view):
            if self.is_between_frames:
                whole = self._take_whole(view, position)
                if whole:
                    position += whole
                    continue
            taken = min(len(self._slot) - self._filled, len(view) - position)
            end = self._filled + taken
            self._slot[self._filled : end] = view[position : position + taken]
            position += taken
            self._advance(taken)
        return self.completed()

    def _take_whole(self, view: memoryview, start: int) -> int:
        """The size of a frame that is there in one piece and has no buffers; else 0."""
        if len(view) - start < HEAD.size:
            return 0
        magic, header_size, body_size, count = HEAD.unpack_from(view, start)
        middle: int = start + HEAD.size + header_size
        end: int = middle + body_size
        if magic != MAGIC or count or end > len(view) or header_size > MAX_HEADER:
            return 0
        if body_size > LIMITS["body"]:
            return 0
        header = _parse_header(view[start + HEAD.size : middle])
        self._complete(header, view[middle:end], [])
        return end - start

    def direct(self) -> Optional[memoryview]:
        """Where the rest of a large buffer may be received, to be told to `filled`; else None."""
        missing = len(self._slot) - self._filled
        return self._slot[self._filled :] if missing >= LARGE else None

    def filled(self, count: int) -> List[Frame]:
        """The frames that are complete now that `count` bytes of `direct` have been received."""
        self._advance(count)
        return self.completed()

    @property
    def is_between_frames(self) -> bool:
        """Whether nothing of a frame is waiting for its rest."""
        return self._filled == 0 and self._at_start

    def completed(self) -> List[Frame]:
        """Frames that were complete before `feed` or `filled` raised an error."""
        frames, self._frames = self._frames, []
        return frames

    def _begin(self, memory: Any) -> None:
        self._memory, self._slot, self._filled = memory, memoryview(memory), 0

    def _advance(self, count: int) -> None:
        self._filled += count
        while self._filled == len(self._slot):
            try:
                self._begin(self._steps.send(self._memory))
            except StopIteration:
                raise malformed("what comes after an error is no frame") from None

    def _read(self) -> Generator[Any, Any, None]:
        """Yields each piece of memory to be filled, and goes on when it is full."""
        while True:
            self._at_start = True
            magic, header_size, body_size, count = HEAD.unpack((yield bytearray(HEAD.size)))
            self._at_start = False
            if magic == NOTE and self._on_note is not None and body_size <= MAX_SIZES:
                self._on_note(header_size, (yield from _numbers(body_size)))
                continue
            if magic != MAGIC or header_size > MAX_HEADER or count > MAX_SIZES:
                raise malformed("it is not a frame")
            sizes = yield from _numbers(count)
            numbers = yield from _numbers(sum(1 for size in sizes if size & SHARED))
            inline = [size for size in sizes if not size & SHARED]
            try:
                # Taken in any case, because what is dropped is given back and can be lent again.
                buffers = self._shared_buffers(sizes, numbers)
                _check_size(body_size, [size & ~SHARED for size in sizes])
                text = allocate(header_size + body_size)
                buffers = [allocate(s) if b is None else b for s, b in zip(sizes, buffers)]
            except ProtocolError as error:
                header = _parse_header((yield bytearray(header_size)))
                yield from _skip(body_size + sum(inline))
                self._refuse(header, error)
                continue
            view, buffer = memoryview((yield text)), None
            for size, buffer in zip(sizes, buffers):
                if not size & SHARED:
                    yield buffer
            self._complete(_parse_header(view[:header_size]), view[header_size:], buffers)
            del view, text, buffers, buffer  # what this frame held is free before the next comes

    def _shared_buffers(self, sizes: Sequence[int], numbers: Sequence[int]) -> List[Any]:
        """For each buffer of a frame what lies in shared memory, or None."""
        rest = iter(numbers)
        return [self._take_shared(next(rest), s & ~SHARED) if s & SHARED else None for s in sizes]

    def _complete(self, header: Dict[str, Any], body: memoryview, buffers: List[Any]) -> None:
        try:
            text = str(body, "utf-8")
        except UnicodeDecodeError:
            self._refuse(header, malformed("its text is not UTF-8"))
        else:
            self._frames.append(Frame(header, text, buffers))

    def _refuse(self, header: Dict[str, Any], error: ProtocolError) -> None:
        if self._on_refused is not None:
            self._on_refused(header, error)


def _check_size(body_size: int, sizes: Sequence[int]) -> None:
    if len(sizes) > LIMITS["buffers"]:
        raise too_large(f"it has more than {LIMITS['buffers']} binary parts")
    if body_size > LIMITS["body"]:
        raise too_large(f"its text is over {LIMITS['body']} bytes")
    if body_size + sum(sizes) > LIMITS["frame"]:
        raise too_large(f"it is over {LIMITS['frame']} bytes")


def _numbers(count: int) -> Generator[Any, Any, Tuple[int, ...]]:
    return struct.unpack(f"<{count}Q", (yield bytearray(8 * count)) if count else b"")


def _no_shared(_: int, __: int) -> Any:
    raise malformed("it names memory that was never offered")


def _skip(size: int) -> Generator[Any, Any, None]:
    while size > 0:
        yield bytearray(min(size, HUGE))
        size -= HUGE


def _bytes_of(buffer: Any) -> Any:
    if isinstance(buffer, (bytes, bytearray)):
        return buffer
    view = memoryview(buffer)
    return view.cast("B") if view.nbytes else b""


def _parse_header(data: Any) -> Dict[str, Any]:
    try:
        text = str(data, "utf-8")
        # The scanner alone takes half the time, but knows no spaces around the object.
        header, end = _scan(text, 0) if text[:1] == "{" else (None, 0)
        if end != len(text):
            header = json.loads(text)
    except (ValueError, RecursionError, StopIteration):
        header = None
    if type(header) is not dict:
        raise malformed("its header is not an object")
    return header
