"""JSON text and binary parts to Python values."""

from __future__ import annotations

import datetime
import io
import json
import math
import re
import sys
from typing import Any, Callable, Dict, List, Optional, Tuple

from imjoy.errors import ProtocolError, error_from_record
from imjoy.protocol.arrays import decode_array, decode_flat
from imjoy.protocol.context import ValueContext
from imjoy.protocol.frame import check_size, malformed
from imjoy.protocol.messages import LIMITS, is_address
from imjoy.protocol.relayed import note_codec

__all__ = ["NOT_PLAIN", "Blob", "decode", "decode_plain"]

# Reading a number costs more than its length, so both sides take no longer ones.
MAX_DIGITS = 4300
_INT = re.compile("-?[0-9]{1,%d}" % MAX_DIGITS)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf, "-0": -0.0}
_MAX_DEPTH, _MAX_NODES = LIMITS["depth"], LIMITS["nodes"]


class Blob(io.BytesIO):
    """A file or blob: its bytes, its media `type`, its `name` and time (ms since 1970), if any."""

    type: str = ""
    name: Optional[str] = None
    last_modified: Optional[float] = None


def decode(body: str, buffers: List[Any], context: ValueContext) -> Any:
    """The value of a body; arrays are writable. Raises ProtocolError."""
    if not buffers:
        plain = decode_plain(body, context.mapping is dict)
        if plain is not NOT_PLAIN:
            return plain
    check_size(body, buffers)
    try:
        tree = _parse(body)
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        raise malformed("its text is not JSON") from None
    if not buffers and context.mapping is dict and _is_harmless(body):
        return tree
    decoder = Decoder(buffers, context)
    value = decoder.value(tree, 1)
    if len(decoder.used) != len(buffers):
        raise malformed("a binary part is not used")
    return value


def decode_plain(body: str, objects: bool) -> Any:
    """The value of a short body that can hold no tag; else NOT_PLAIN.

    `objects`: there may be objects in it, of the class dict.
    """
    if len(body) > PLAIN_LETTERS or body.count("[") >= PLAIN_DEPTH:
        return NOT_PLAIN
    if "{" in body and not (
        objects and "$" not in body and "u0024" not in body and body.count("{") < PLAIN_DEPTH
    ):
        return NOT_PLAIN
    try:
        value, end = _scan(body, 0)
    except (StopIteration, ValueError):
        return NOT_PLAIN
    return value if end == len(body) else NOT_PLAIN


NOT_PLAIN = object()
PLAIN_LETTERS, PLAIN_DEPTH = 4096, _MAX_DEPTH // 2


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _short_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError("too many digits")
    return int(digits)


# Since these versions Python itself refuses long numbers, and faster.
_own_limit = None if hasattr(sys, "get_int_max_str_digits") else _short_int
_decoder = json.JSONDecoder(parse_constant=_no_constant, parse_int=_own_limit)
_parse, _scan = _decoder.decode, _decoder.scan_once  # type: ignore[attr-defined]


def _is_harmless(body: str) -> bool:
    """Whether a text is so short and flat that it holds no tag and can break no limit."""
    return (
        len(body) <= _MAX_NODES
        and "$" not in body
        and "\\u0024" not in body
        and body.count("[") + body.count("{") < _MAX_DEPTH
    )


class Decoder:
    """Turns one parsed text into a value; every container counts and checks its parts."""

    def __init__(self, buffers: List[Any], context: ValueContext) -> None:
        self.buffers, self.context = buffers, context
        self.used: Dict[int, bool] = {}
        self.nodes = 1

    def value(self, node: Any, depth: int) -> Any:
        kind = type(node)
        if kind is list:
            return self.list(node, depth)
        if kind is not dict:
            return node
        if "$" not in node:
            below = self.enter(depth, len(node))
            return self.context.mapping([(k, self.value(v, below)) for k, v in node.items()])
        tag = node["$"]
        if type(tag) is not str:
            raise malformed("a tag is not text")
        read = _READERS.get(tag)
        if read is None:
            message = f'A value has the unknown tag "{tag[:40]}".'
            raise ProtocolError(message, code="protocol.unknown_tag")
        return read(self, node, depth)

    def list(self, node: List[Any], depth: int) -> List[Any]:
        below = self.enter(depth, len(node))
        return [
            self.value(item, below) if type(item) is list or type(item) is dict else item
            for item in node
        ]

    def enter(self, depth: int, count: int) -> int:
        """The depth of the `count` parts of a value. Raises ProtocolError over the limits."""
        if count and depth >= _MAX_DEPTH:
            raise _too_deep()
        self.nodes += count
        if self.nodes > _MAX_NODES:
            message = f"A value has more than {_MAX_NODES} parts."
            raise ProtocolError(message, code="protocol.too_many_nodes")
        return depth + 1

    def buffer(self, node: Dict[str, Any]) -> Any:
        """The binary part of a tag; each may be taken once."""
        index = node.get("b")
        if type(index) is not int or not 0 <= index < len(self.buffers):
            raise malformed("a binary part that a value names is not there")
        if index in self.used:
            raise malformed(f"binary part {index} is used twice")
        self.used[index] = True
        return self.buffers[index]


def _too_deep() -> ProtocolError:
    message = f"A value is over {_MAX_DEPTH} levels deep."
    return ProtocolError(message, code="protocol.too_deep")


def _text(node: Dict[str, Any], key: str) -> str:
    value = node.get(key)
    if type(value) is not str:
        raise malformed(f'the field "{key}" of a value is not text')
    return value


def _list(node: Dict[str, Any], key: str) -> List[Any]:
    value = node.get(key)
    if type(value) is not list:
        raise malformed(f'the field "{key}" of a value is not a list')
    return value


def _pairs(node: Dict[str, Any]) -> List[Any]:
    pairs = _list(node, "v")
    if not all(type(pair) is list and len(pair) == 2 for pair in pairs):
        raise malformed("an entry is not a pair")
    return pairs


def _int(_: Decoder, node: Dict[str, Any], __: int) -> int:
    digits = _text(node, "v")
    if _INT.fullmatch(digits) is None:
        raise malformed("a whole number is not written in digits")
    return int(digits)


def _float(_: Decoder, node: Dict[str, Any], __: int) -> float:
    value = _FLOATS.get(_text(node, "v"))
    if value is None:
        raise malformed("a special number has an unknown name")
    return value


def _complex(decoder: Decoder, node: Dict[str, Any], depth: int) -> complex:
    parts = _list(node, "v")
    numbers = [
        _float(decoder, part, depth) if type(part) is dict and part.get("$") == "float" else part
        for part in parts
    ]
    if len(numbers) != 2 or not all(type(number) in (int, float) for number in numbers):
        raise malformed("a complex number does not have two parts")
    try:
        return complex(*numbers)
    except OverflowError:
        raise malformed("a part of a complex number is too large") from None


def _bytes(decoder: Decoder, node: Dict[str, Any], _: int) -> bytes:
    return bytes(decoder.buffer(node))


def _typedarray(decoder: Decoder, node: Dict[str, Any], _: int) -> Any:
    return decode_flat(_text(node, "d"), decoder.buffer(node))


def _ndarray(decoder: Decoder, node: Dict[str, Any], _: int) -> Any:
    shape = _list(node, "s")
    if len(shape) > 32 or not all(type(size) is int and 0 <= size < 2**53 for size in shape):
        raise malformed("the shape of an array is not a list of sizes")
    return decode_array(_text(node, "d"), shape, decoder.buffer(node))


def _dict(decoder: Decoder, node: Dict[str, Any], depth: int) -> Any:
    pairs = _pairs(node)
    below = decoder.enter(depth, len(pairs))
    if not all(type(key) is str for key, _ in pairs):
        raise malformed("a key is not text")
    return decoder.context.mapping([(key, decoder.value(item, below)) for key, item in pairs])


def _map(decoder: Decoder, node: Dict[str, Any], depth: int) -> Dict[Any, Any]:
    pairs = _pairs(node)
    below = decoder.enter(depth, 2 * len(pairs))
    out = {}
    for key, item in pairs:
        out[_hashable(decoder.value(key, below))] = decoder.value(item, below)
    return out


def _set(decoder: Decoder, node: Dict[str, Any], depth: int) -> Any:
    return {_hashable(item) for item in decoder.list(_list(node, "v"), depth)}


def _hashable(value: Any) -> Any:
    """Lists and sets in the form in which they can be keys in Python."""
    if type(value) is list:
        return tuple(_hashable(item) for item in value)
    if type(value) is set:
        return frozenset(value)
    try:
        hash(value)
    except TypeError:
        kind = type(value).__name__
        raise malformed(f"a {kind} cannot be a key or a member of a set in Python") from None
    return value


def _time(value: Any) -> datetime.datetime:
    if type(value) not in (int, float):
        raise malformed("a date is not a number")
    try:
        whole = math.floor(value)
        microseconds = whole * 1000 + round((value - whole) * 1000)
        return _EPOCH + datetime.timedelta(microseconds=microseconds)
    except (OverflowError, ValueError):
        raise malformed("a date is outside the years 1 to 9999") from None


def _date(_: Decoder, node: Dict[str, Any], __: int) -> datetime.datetime:
    return _time(node.get("v"))


def _blob(decoder: Decoder, node: Dict[str, Any], _: int) -> Blob:
    blob = Blob(decoder.buffer(node))
    blob.type = _text(node, "m")
    if "n" in node:
        blob.name = _text(node, "n")
    if "t" in node:
        _time(node["t"])
        blob.last_modified = node["t"]
    return blob


def _error(decoder: Decoder, node: Dict[str, Any], depth: int) -> Exception:
    return error_from_record(decoder.value(node.get("v"), decoder.enter(depth, 1)))


def _place(node: Dict[str, Any]) -> Tuple[str, str]:
    peer, target = _text(node, "p"), _text(node, "t")
    if not is_address(peer):
        raise malformed("a function has no valid address")
    return peer, target


def _ref(decoder: Decoder, node: Dict[str, Any], _: int) -> Any:
    return decoder.context.decode_ref(*_place(node))


def _stream(decoder: Decoder, node: Dict[str, Any], _: int) -> Any:
    return decoder.context.decode_stream(*_place(node))


def _codec(decoder: Decoder, node: Dict[str, Any], depth: int) -> Any:
    codecs, name = decoder.context.codecs, _text(node, "n")
    if "v" not in node:
        raise malformed('a value lacks the field "v"')
    value = decoder.value(node["v"], decoder.enter(depth, 1))
    codec = codecs and codecs.named(name)
    return codec.decoder(value) if codec and codec.decoder else note_codec(value, name)


Reader = Callable[[Decoder, Dict[str, Any], int], Any]
_TABLE: List[Tuple[str, Reader]] = [
    ("int", _int),
    ("float", _float),
    ("complex", _complex),
    ("bytes", _bytes),
    ("typedarray", _typedarray),
    ("ndarray", _ndarray),
    ("dict", _dict),
    ("map", _map),
    ("set", _set),
    ("date", _date),
    ("blob", _blob),
    ("error", _error),
    ("ref", _ref),
    ("stream", _stream),
    ("codec", _codec),
]
_READERS: Dict[str, Reader] = dict(_TABLE)
