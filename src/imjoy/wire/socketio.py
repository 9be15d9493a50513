"""Socket.IO 5 packets: text and attachments in, packets out, and the other way round."""

from __future__ import annotations

import json
import re
from json.encoder import encode_basestring
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Set

from imjoy.wire.websocket import Overlong

__all__ = ["Packet", "PacketReader", "Refused", "encode", "encode_frame", "frame_of", "parse"]

CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, BINARY_EVENT, BINARY_ACK = range(7)
ROOT = "/"
_MESSAGE = "4"
_HEAD = re.compile(r"4([0-6])(?:([0-9]{1,10})-)?(?:(/[^,]{0,200}),)?([0-9]{1,15})?")
_DUMPS = json.JSONEncoder(separators=(",", ":")).encode
_FRAME = '["frame",'
_PLAIN_FRAME = f"42{_FRAME}"


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)
_SCAN = _DECODER.scan_once  # type: ignore[attr-defined]


class Packet(NamedTuple):
    """`data`: the arguments of an event with its name first, or the payload of the other kinds."""

    kind: int
    namespace: str
    data: Any
    id: Optional[int]


class Refused(NamedTuple):
    """A packet that is over a limit: what is known of it, and why. Its attachments are dropped."""

    packet: Packet
    reason: str


class _Counted(NamedTuple):
    packet: Packet
    attachments: int


def parse(text: str) -> _Counted:
    """A packet from a text (with the `4` of Engine.IO before it). Raises ValueError."""
    found = _HEAD.match(text)
    if found is None:
        raise ValueError("the beginning of a packet is not known")
    kind, count, namespace, number = found.groups()
    data = _load(text, found.end())
    packet = Packet(int(kind), namespace or ROOT, data, None if number is None else int(number))
    attachments = _checked_count(packet.kind, count)
    if packet.kind in (EVENT, BINARY_EVENT) and not (data and type(data) is list):
        raise ValueError("an event is not a list that begins with its name")
    if packet.kind in (ACK, BINARY_ACK) and (type(data) is not list or number is None):
        raise ValueError("an answer is not a list, or to nothing")
    return _Counted(packet, attachments)


def _load(text: str, begin: int) -> Any:
    if begin == len(text):
        return None
    try:
        data, end = _DECODER.raw_decode(text, begin)
    except RecursionError:
        raise ValueError("a packet is nested too deeply") from None
    if end != len(text):
        raise ValueError("something follows a packet")
    return data


def _checked_count(kind: int, count: Optional[str]) -> int:
    if (kind in (BINARY_EVENT, BINARY_ACK)) is (count is None):
        raise ValueError("a packet has attachments and is not of the binary kind, or without is")
    return int(count or 0)


class PacketReader:
    """Puts the attachments into the packets that they belong to.

    Arguments of an event that stand for an attachment are replaced; nothing deeper is looked into.
    """

    def __init__(self, max_attachments: int, max_bytes: int) -> None:
        self._max_attachments, self._max_bytes = max_attachments, max_bytes
        self._packet: Optional[Packet] = None
        self._missing = 0
        self._buffers: List[Any] = []
        self._bytes = 0
        self._reason = ""

    @property
    def is_waiting(self) -> bool:
        """Whether attachments of a packet are still to come."""
        return self._packet is not None

    @property
    def waiting_header(self) -> Any:
        """The first argument of the packet whose attachments are to come and are taken, if any."""
        packet = self._packet
        if packet is None or self._reason or len(packet.data) < 2:
            return None
        return packet.data[1] if packet.data[0] == "frame" else None

    def text(self, text: Any) -> Any:
        """A Packet, a Refused, or None while attachments are missing. Raises ValueError."""
        if self._packet is not None:
            raise ValueError("a packet begins before the attachments of the last one have come")
        if isinstance(text, Overlong):
            return _refuse_text(text)
        packet, count = parse(text)
        if not count:
            return packet
        self._packet, self._missing = packet, count
        self._buffers, self._bytes, self._reason = [], 0, ""
        if count > self._max_attachments:
            self._reason = f"it has more than {self._max_attachments} binary parts"
        return None

    def binary(self, buffer: Any) -> Any:
        """A Packet, a Refused, or None while more attachments are missing. Raises ValueError."""
        packet = self._packet
        if packet is None:
            raise ValueError("an attachment belongs to no packet")
        self._add(buffer)
        self._missing -= 1
        if self._missing:
            return None
        self._packet = None
        buffers, self._buffers = self._buffers, []
        if self._reason:
            return Refused(packet, self._reason)
        return packet._replace(data=_filled(packet.data, buffers))

    def _add(self, buffer: Any) -> None:
        self._bytes += buffer.size if isinstance(buffer, Overlong) else len(buffer)
        if isinstance(buffer, Overlong) or self._bytes > self._max_bytes:
            self._reason = self._reason or f"it is over {self._max_bytes} bytes"
        if self._reason:
            self._buffers = []
        else:
            self._buffers.append(buffer)


def _filled(data: Any, buffers: List[Any]) -> Any:
    """The arguments with the attachments in their places; what names none stays as it is."""
    used: Set[int] = set()
    filled = []
    for item in data:
        if type(item) is dict and item.get("_placeholder") is True:
            number = item.get("num")
            if type(number) is int and 0 <= number < len(buffers) and number not in used:
                used.add(number)
                item = buffers[number]
        filled.append(item)
    return filled


def _refuse_text(text: Overlong) -> Refused:
    """What an event that is too long begins with: its name and its first argument."""
    start = text.start.decode("utf-8", "replace")
    found = _HEAD.match(start)
    if found is None or found[1] not in "25":
        raise ValueError("a packet that is no event is too long")
    arguments: List[Any] = []
    at = found.end() + 1
    try:
        while len(arguments) < 2:
            value, end = _DECODER.raw_decode(start, at)
            arguments.append(value)
            at = end + 1
    except (ValueError, RecursionError):
        pass
    number = None if found[4] is None else int(found[4])
    packet = Packet(int(found[1]), found[3] or ROOT, arguments, number)
    return Refused(packet, f"its text has {text.size} bytes")


# The other way round.


def encode(kind: int, data: Any = None, number: Optional[int] = None, namespace: str = ROOT) -> str:
    """A packet without attachments."""
    where = "" if namespace == ROOT else f"{namespace},"
    body = "" if data is None else _DUMPS(data)
    return f"{_MESSAGE}{kind}{where}{'' if number is None else number}{body}"


def frame_of(text: str) -> Optional[List[Any]]:
    """Header and body of an event `frame` without attachments and number; None for all else."""
    if not text.startswith(_PLAIN_FRAME):
        return None
    try:
        data, end = _SCAN(text, 2)
    except (StopIteration, ValueError, RecursionError):
        return None
    if end != len(text) or len(data) != 3:
        return None
    del data[0]
    return data  # type: ignore[no-any-return]


def _header_text(header: Dict[str, Any]) -> str:
    """The header as JSON; those of most frames are written here, which takes half the time."""
    quote = encode_basestring
    try:
        kind, count = header["type"], len(header)
        end = ""
        if "seq" in header:
            count -= 1
            end = f',"seq":{header["seq"]:d}'
        if "ack" in header:
            count -= 1
            end = f'{end},"ack":{header["ack"]:d}'
        if count == 5 and kind == "call":
            end = f',"target":{quote(header["target"])}{end}'
        elif not (count == 4 and (kind == "result" or kind == "error")):
            return _DUMPS(header)
        names = (
            f'"id":{quote(header["id"])},"to":{quote(header["to"])},"from":{quote(header["from"])}'
        )
        return f'{{"type":"{kind}",{names}{end}}}'
    except (KeyError, TypeError, ValueError):
        return _DUMPS(header)


def encode_frame(header: Dict[str, Any], body: str, buffers: Sequence[Any]) -> str:
    """The text of an event `frame`; the buffers follow as attachments in their order."""
    if not buffers:
        return f"{_PLAIN_FRAME}{_header_text(header)},{encode_basestring(body)}]"
    text = f"{_FRAME}{_DUMPS(header)},{encode_basestring(body)}"
    places = "".join(f',{{"_placeholder":true,"num":{i}}}' for i in range(len(buffers)))
    return f"45{len(buffers)}-{text}{places}]"
