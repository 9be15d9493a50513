"""Python values to JSON text and binary parts."""

from __future__ import annotations

import collections
import datetime
import enum
import io
import json
import math
import os
import re
from collections import abc
from json.encoder import encode_basestring
from typing import Any, Callable, Dict, ItemsView, List, Optional, Tuple

from imjoy.errors import ProtocolError, Unserializable, error_record
from imjoy.protocol.arrays import NdArray, encode_array, encode_memory, loaded_numpy, numpy
from imjoy.protocol.context import ValueContext
from imjoy.protocol.frame import check_size
from imjoy.protocol.instances import public_members
from imjoy.protocol.lazy_values import lazy_codec
from imjoy.protocol.messages import LIMITS
from imjoy.protocol.relayed import noted_codec

__all__ = ["encode", "encode_plain"]

LARGEST_INT = 2**53 - 1
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_MICROSECOND = datetime.timedelta(microseconds=1)
# The last millisecond of the year 9999; a fraction of it would be rounded up to the year after.
_LATEST = 253402300799999
_SURROGATE = re.compile("[\ud800-\udfff]")
_LISTS = (list, tuple, range, abc.KeysView, abc.ValuesView, collections.deque)
_MAX_DEPTH, _MAX_NODES = LIMITS["depth"], LIMITS["nodes"]
# Shorter lists, objects and texts are looked at on the quick way.
PLAIN_ITEMS, PLAIN_LETTERS = 16, 4096
_to_json = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":")
).encode


def encode(value: Any, context: ValueContext, snapshot: bool = False) -> Tuple[str, List[Any]]:
    """The body and the buffers for a value.

    Contiguous arrays are not copied: the buffers are views of them, so they must not change until
    the frame is sent. With `snapshot`, memory that could change is copied. numpy scalars become
    plain numbers (with the `int` tag beyond 2**53 - 1). Raises Unserializable for what cannot
    travel and ProtocolError for what is over the limits.
    """
    plain = encode_plain(value)
    if plain is not None:
        return plain, []
    encoder = Encoder(context, snapshot)
    try:
        body = _to_json(encoder.value(value, 1))
    except RecursionError:
        raise _too_deep() from None
    if _SURROGATE.search(body):  # half a character has no UTF-8 form, but a JSON escape
        body = _SURROGATE.sub(lambda match: f"\\u{ord(match.group()):04x}", body)
    check_size(body, encoder.buffers)
    return body, encoder.buffers


def encode_plain(value: Any, depth: int = 4) -> Optional[str]:
    """The body for a short value in which nothing needs a tag; None when it is any other value.

    So most calls need no context and no walk through their values.
    """
    write, kind = _PLAIN.get(type(value)), type(value)
    if write is not None:
        return write(value)
    if (kind is not list and kind is not dict) or len(value) > PLAIN_ITEMS or depth == 0:
        return None
    texts: List[str] = []
    if kind is dict and not _add_names(value, texts):
        return None
    for number, item in enumerate(value if kind is list else value.values()):
        write = _PLAIN.get(type(item))
        text = encode_plain(item, depth - 1) if write is None else write(item)
        if text is None:
            return None
        if kind is list:
            texts.append(text)
        else:
            texts[number] += text
    return f"[{','.join(texts)}]" if kind is list else f"{{{','.join(texts)}}}"


def _add_names(value: Dict[Any, Any], texts: List[str]) -> bool:
    """The names in an object, each with its colon; False when one is not plain."""
    for name in value:
        text = _plain_text(name) if type(name) is str and name != "$" else None
        if text is None:
            return False
        texts.append(f"{text}:")
    return True


def _plain_int(value: int) -> Optional[str]:
    return int.__repr__(value) if -LARGEST_INT <= value <= LARGEST_INT else None


def _plain_float(value: float) -> Optional[str]:
    return float.__repr__(value) if value - value == 0.0 and value != 0.0 else None


def _plain_text(value: str) -> Optional[str]:
    return encode_basestring(value) if len(value) <= PLAIN_LETTERS and value.isascii() else None


_PLAIN: Dict[type, Callable[[Any], Optional[str]]] = {
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: _plain_int,
    float: _plain_float,
    str: _plain_text,
}


class Encoder:
    """Turns one value into what json can write; every container counts and checks its parts."""

    def __init__(self, context: ValueContext, snapshot: bool) -> None:
        self.context, self.snapshot = context, snapshot
        self.buffers: List[Any] = []
        self.nodes = 1

    def value(self, value: Any, depth: int) -> Any:
        write = _WRITERS.get(type(value))
        return self.other(value, depth) if write is None else write(self, value, depth)

    def enter(self, depth: int, count: int) -> int:
        """The depth of the `count` parts of a value. Raises ProtocolError over the limits."""
        if count and depth >= _MAX_DEPTH:
            raise _too_deep()
        self.nodes += count
        if self.nodes > _MAX_NODES:
            message = f"A value has more than {_MAX_NODES} parts. Send large data as arrays."
            raise ProtocolError(message, code="protocol.too_many_nodes")
        return depth + 1

    def buffer(self, data: Any) -> int:
        self.buffers.append(data)
        return len(self.buffers) - 1

    def other(self, value: Any, depth: int) -> Any:
        """Values of any class that has no writer of its own."""
        codec = (self.context.codecs and self.context.codecs.of(value)) or lazy_codec(value)
        if codec and codec.encoder:
            below = self.enter(depth, 1)
            return {"$": "codec", "n": codec.name, "v": self.value(codec.encoder(value), below)}
        name = noted_codec(value)
        if name is not None:
            return {"$": "codec", "n": name, "v": self.uncoded(value, self.enter(depth, 1))}
        return self.uncoded(value, depth)

    def uncoded(self, value: Any, depth: int) -> Any:
        """As it is without a codec."""
        for kinds, write in _FALLBACKS:
            if isinstance(value, kinds):
                return write(self, value, depth)
        np = loaded_numpy()
        if np is not None and isinstance(value, np.generic):
            return self.value(_plain_number(np, value), depth)
        if hasattr(type(value), "__array__") or hasattr(type(value), "__array_interface__"):
            np = np or numpy()
            if np is not None:
                return self.ndarray(*encode_array(np, value, self.snapshot, self.context.allocate))
        if callable(value):
            return self.function(value)
        return self.items(public_members(value), depth)

    def items(self, value: Dict[Any, Any], depth: int) -> Any:
        below, entries = self.enter(depth, len(value)), _entries(value)
        if all(type(key) is str for key in value):
            if "$" not in value:
                return {key: self.value(item, below) for key, item in entries}
            return {"$": "dict", "v": [[k, self.value(item, below)] for k, item in entries]}
        if all(isinstance(key, str) for key in value):
            return self.items({str(key): item for key, item in entries}, depth)
        self.enter(depth, len(value))
        pairs = [[self.value(k, below), self.value(item, below)] for k, item in entries]
        return {"$": "map", "v": pairs}

    def list(self, value: Any, depth: int) -> List[Any]:
        below = self.enter(depth, len(value))
        if len(value) > PLAIN_ITEMS and type(value) in _SEQUENCES and _needs_no_tags(value):
            return value  # type: ignore[no-any-return]
        write = self.value
        return [write(item, below) for item in value]

    def ndarray(self, code: str, shape: Tuple[int, ...], data: Any) -> Dict[str, Any]:
        return {"$": "ndarray", "d": code, "s": list(shape), "b": self.buffer(data)}

    def function(self, value: Callable[..., Any]) -> Dict[str, str]:
        peer, target = self.context.encode_function(value)
        return {"$": "ref", "p": peer, "t": target}

    def stream(self, value: Any, _: int) -> Dict[str, str]:
        peer, target = self.context.encode_stream(value)
        return {"$": "stream", "p": peer, "t": target}


# A dictionary of a plugin may show a function of another peer under the name of its own method.
_entries: Callable[[Dict[Any, Any]], ItemsView[Any, Any]] = dict.items


def _needs_no_tags(value: Any) -> bool:
    """Whether a list holds only numbers, or only texts and the like, that JSON has too."""
    kinds = set(map(type, value))
    if kinds == _INTS:
        return bool(min(value) >= -LARGEST_INT and max(value) <= LARGEST_INT)
    if kinds == _FLOATS:
        return all(map(math.isfinite, value)) and 0.0 not in value
    return kinds <= _AS_THEY_ARE


_SEQUENCES = frozenset({list, tuple})
_INTS, _FLOATS, _AS_THEY_ARE = {int}, {float}, {str, bool, type(None)}


def _too_deep() -> ProtocolError:
    message = f"A value is nested more than {_MAX_DEPTH} levels deep, or contains itself."
    return ProtocolError(message, code="protocol.too_deep")


def _plain(_: Encoder, value: Any, __: int) -> Any:
    return value


def _int(_: Encoder, value: int, __: int) -> Any:
    if -LARGEST_INT <= value <= LARGEST_INT:
        return int(value)
    try:
        return {"$": "int", "v": str(int(value))}
    except ValueError:  # Python limits the length of numbers as text
        raise Unserializable("An integer has too many digits to be sent.") from None


def _float(_: Encoder, value: float, __: int) -> Any:
    if value - value == 0.0 and (value != 0.0 or math.copysign(1.0, value) > 0):
        return float(value)
    name = "nan" if value != value else "-0" if value == 0.0 else "inf" if value > 0 else "-inf"
    return {"$": "float", "v": name}


def _complex(encoder: Encoder, value: complex, _: int) -> Any:
    return {"$": "complex", "v": [_float(encoder, value.real, 0), _float(encoder, value.imag, 0)]}


def _bytes(encoder: Encoder, value: Any, _: int) -> Any:
    data = bytes(value) if encoder.snapshot else value
    return {"$": "bytes", "b": encoder.buffer(data)}


def _memory(encoder: Encoder, value: memoryview, _: int) -> Any:
    code, data = encode_memory(value, encoder.snapshot and not value.readonly)
    if value.ndim == 1:
        return {"$": "typedarray", "d": code, "b": encoder.buffer(data)}
    return encoder.ndarray(code, value.shape or (), data)


def _own_array(encoder: Encoder, value: NdArray, _: int) -> Any:
    data = value.data if not encoder.snapshot or value.data.readonly else value.data.tobytes()
    return encoder.ndarray(value.code, value.shape, data)


def _set(encoder: Encoder, value: Any, depth: int) -> Any:
    return {"$": "set", "v": encoder.list(value, depth)}


def _date(_: Encoder, value: datetime.date, __: int) -> Any:
    if not isinstance(value, datetime.datetime):
        value = datetime.datetime(value.year, value.month, value.day, tzinfo=datetime.timezone.utc)
    microseconds = (value.astimezone(datetime.timezone.utc) - _EPOCH) // _MICROSECOND
    whole, rest = divmod(microseconds, 1000)
    return {"$": "date", "v": min(microseconds / 1000, _LATEST) if rest else whole}


def _blob(encoder: Encoder, value: io.BytesIO, _: int) -> Any:
    mime = getattr(value, "type", "")
    tag = {"$": "blob", "b": encoder.buffer(value.getvalue()), "m": str(mime or "")}
    if isinstance(getattr(value, "name", None), str):
        tag["n"] = value.name
    if isinstance(getattr(value, "last_modified", None), (int, float)):
        tag["t"] = value.last_modified  # type: ignore[attr-defined]
    return tag


def _error(encoder: Encoder, value: BaseException, depth: int) -> Any:
    return {"$": "error", "v": encoder.items(error_record(value), encoder.enter(depth, 1))}


def _plain_number(np: Any, value: Any) -> Any:
    item = value.item()
    return float(item) if isinstance(item, np.generic) else item


def _refuse(what: str) -> Callable[[Encoder, Any, int], Any]:
    def refuse(_: Encoder, value: Any, __: int) -> Any:
        kind = type(value).__name__
        raise Unserializable(f"This cannot be sent to another plugin: {what} ({kind}).")

    return refuse


_WRITERS: Dict[type, Callable[[Encoder, Any, int], Any]] = {
    type(None): _plain,
    bool: _plain,
    str: _plain,
    int: _int,
    float: _float,
    list: Encoder.list,
    tuple: Encoder.list,
    dict: Encoder.items,
    bytes: _bytes,
    complex: _complex,
    NdArray: _own_array,
}
_FALLBACKS: List[Tuple[Any, Callable[[Encoder, Any, int], Any]]] = [
    (enum.Enum, lambda encoder, value, depth: encoder.value(value.value, depth)),
    (str, lambda _, value, __: str(value)),
    (int, _int),
    (float, _float),
    (complex, _complex),
    (dict, Encoder.items),
    ((bytes, bytearray), _bytes),
    (memoryview, _memory),
    (_LISTS, Encoder.list),
    ((set, frozenset), _set),
    (datetime.date, _date),
    (io.BytesIO, _blob),
    (BaseException, _error),
    (os.PathLike, lambda _, value, __: os.fsdecode(value)),
    (abc.Awaitable, _refuse("a result that is not there yet; wait for it with await")),
    (io.IOBase, _refuse("an open file; read it and send its bytes")),
    ((abc.Iterator, abc.AsyncIterator), Encoder.stream),
]
