"""Reads the test vectors and checks them; runs on Python 3.7 and without numpy as a script too.

Usage: python vectors.py [FOLDER_OF_IMJOY]
"""

from __future__ import annotations

import datetime
import json
import math
import struct
import sys
import types
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
OWN = "a" * 32
FORMATS = {
    "bool": "?",
    "int8": "b",
    "uint8": "B",
    "int16": "h",
    "uint16": "H",
    "int32": "i",
    "uint32": "I",
    "int64": "q",
    "uint64": "Q",
    "float16": "e",
    "float32": "f",
    "float64": "d",
    "complex64": "ff",
    "complex128": "dd",
}


def load(name: str) -> list[dict[str, Any]]:
    cases = json.loads((ROOT / "protocol/vectors" / name).read_text(encoding="utf-8"))
    assert len({case["name"] for case in cases}) == len(cases)
    return list(cases)


def expand(rule: Any) -> str:
    """The text of a rule: parts that are joined, some of them repeated."""
    if isinstance(rule, str):
        return rule
    return "".join(
        part if isinstance(part, str) else part["repeat"] * part["times"]
        for part in (rule if isinstance(rule, list) else [rule])
    )


def check_value(case: dict[str, Any]) -> None:
    from imjoy.protocol.values import decode, encode

    context = make_context()
    body, buffers = expand(case["body"]), [bytes.fromhex(item) for item in case["buffers"]]
    value = decode(body, buffers, context)
    assert normal(describe(value)) == normal(case["value"])
    again, parts = encode(value, context)
    if case["canonical"]:
        assert (again, [bytes(part) for part in parts]) == (body, buffers)
    # Whatever form it had, it is the same value after another round.
    assert normal(describe(decode(again, parts, context))) == normal(case["value"])


def check_error(case: dict[str, Any]) -> None:
    from imjoy.errors import ProtocolError
    from imjoy.protocol.values import decode

    try:
        decode(
            expand(case["body"]), [bytes.fromhex(item) for item in case["buffers"]], make_context()
        )
    except ProtocolError as error:
        assert error.code == case["error"], error.code
    else:
        raise AssertionError("the value was accepted")


def check_frame(case: dict[str, Any]) -> None:
    from imjoy.errors import ProtocolError
    from imjoy.protocol.messages import check_header

    try:
        assert check_header(case["header"]) == case["header"]
    except ProtocolError as error:
        assert error.code == case.get("error"), error
    else:
        assert "error" not in case, "the header was accepted"


def check_stream(case: dict[str, Any], step: int = 1 << 30) -> None:
    """Feeds the bytes of a case in pieces of `step` bytes."""
    from imjoy.errors import ProtocolError
    from imjoy.protocol.frame import Frame
    from imjoy.protocol.stream import StreamDecoder, pack

    data = bytes.fromhex(expand(case["bytes"]))
    refused: list[str] = []
    decoder = StreamDecoder(lambda _, error: refused.append(error.code))
    frames: list[Any] = []
    code = None
    try:
        for start in range(0, len(data), step):
            frames += decoder.feed(data[start : start + step])
    except ProtocolError as error:
        code = error.code
        frames += decoder.completed()
    wanted = [
        Frame(one["header"], one["body"], [bytes.fromhex(expand(item)) for item in one["buffers"]])
        for one in case["frames"]
    ]
    found = [Frame(one.header, one.body, [bytes(item) for item in one.buffers]) for one in frames]
    assert found == wanted
    assert (code, refused) == (case.get("error"), case.get("refused", []))
    if code is None:
        assert decoder.is_between_frames != case.get("incomplete", False)
    if case.get("canonical"):
        assert b"".join(bytes(part) for frame in wanted for part in pack(frame)) == data


def make_context() -> Any:
    """A context in which functions are their descriptions."""
    from imjoy.protocol.values import ValueContext

    class Context(ValueContext):
        def encode_function(self, function: Any) -> Any:
            return function.peer, function.target

        def decode_ref(self, peer: str, target: str) -> Any:
            return Reference(peer, target)

    return Context()


class Reference:
    def __init__(self, peer: str, target: str) -> None:
        self.peer, self.target = peer, target

    def __call__(self) -> None:
        raise AssertionError("nobody calls it here")


def normal(described: Any) -> Any:
    """A description in the form in which those of Python compare: what Python does not tell apart
    is the same, numbers are texts, sets are sorted."""
    if isinstance(described, list):
        return [normal(item) for item in described]
    if isinstance(described, bool) or not isinstance(described, (int, float, dict)):
        return described
    if isinstance(described, int):
        return {"type": "int", "text": str(described)}
    if isinstance(described, float):
        return {"type": "float", "text": repr(described)}
    kind = described["type"]
    if kind == "nested":
        value = described["value"]
        for _ in range(described["times"]):
            value = [value]
        return normal(value)
    if kind == "typedarray":
        return dict(described, type="ndarray", shape=[len(described["items"])])
    if kind in ("dict", "map"):
        return {"type": "map", "items": normal(described["items"])}
    if kind == "set":
        return {"type": "set", "items": sorted(map(str, normal(described["items"])))}
    return {
        key: normal(item) if key not in ("text", "shape") else item
        for key, item in described.items()
    }


def describe(value: Any) -> Any:
    """The description of a decoded value."""
    from imjoy.errors import ImJoyError
    from imjoy.protocol.values import Blob

    if value is None or isinstance(value, (bool, str, int)):
        return value
    if isinstance(value, float):
        return describe_float(value)
    if isinstance(value, list):
        return [describe(item) for item in value]
    if isinstance(value, tuple):
        return [describe(item) for item in value]
    if isinstance(value, dict):
        return {"type": "dict", "items": [[describe(k), describe(v)] for k, v in value.items()]}
    if isinstance(value, complex):
        parts = {"re": describe_float(value.real), "im": describe_float(value.imag)}
        return dict(parts, type="complex")
    if isinstance(value, bytes):
        return {"type": "bytes", "hex": value.hex()}
    if isinstance(value, (set, frozenset)):
        return {"type": "set", "items": [describe(item) for item in value]}
    if isinstance(value, datetime.datetime):
        return {"type": "date", "ms": int(round(value.timestamp() * 1000))}
    if isinstance(value, Blob):
        return describe_blob(value)
    if isinstance(value, ImJoyError):
        facts = {name: getattr(value, name) for name in ("code", "name", "message", "traceback")}
        return dict(facts, type="error", data=describe(value.data))
    if isinstance(value, Reference):
        return {"type": "ref", "peer": value.peer, "target": value.target}
    return describe_array(value)


def describe_float(value: float) -> Any:
    if math.isnan(value):
        return {"type": "float", "text": "nan"}
    if math.isinf(value):
        return {"type": "float", "text": "inf" if value > 0 else "-inf"}
    if value == 0 and math.copysign(1, value) < 0:
        return {"type": "float", "text": "-0"}
    return value


def describe_blob(value: Any) -> Any:
    blob = {"type": "blob", "hex": value.getvalue().hex(), "mime": value.type}
    if value.name is not None:
        blob["name"] = value.name
    if value.last_modified is not None:
        blob["ms"] = value.last_modified
    return blob


def describe_array(value: Any) -> Any:
    from imjoy.protocol.values import NdArray

    if isinstance(value, memoryview):
        assert not value.readonly or value.nbytes == 0
        names = {form: name for name, form in FORMATS.items()}
        dtype, shape, data = names[value.format], list(value.shape or ()), value.tobytes()
    elif isinstance(value, NdArray):
        dtype, shape, data = value.dtype, list(value.shape), value.data.tobytes()
    else:
        assert value.flags.writeable or value.size == 0
        dtype, shape = value.dtype.newbyteorder("<").name, list(value.shape)
        data = value.astype(value.dtype.newbyteorder("<")).tobytes()
    form = FORMATS[dtype]
    items = [describe_item(item) for item in struct.iter_unpack("<" + form, data)]
    return {"type": "ndarray", "dtype": dtype, "shape": shape, "items": items}


def describe_item(numbers: Any) -> str:
    texts = []
    for number in numbers:
        found = describe_float(number) if isinstance(number, float) else number
        if isinstance(found, bool):
            found = str(found).lower()
        elif isinstance(found, float) and found == int(found):
            found = int(found)
        texts.append(found["text"] if isinstance(found, dict) else str(found))
    return ",".join(texts)


CHECKS = {
    "values.json": check_value,
    "errors.json": check_error,
    "frames.json": check_frame,
    "stream.json": check_stream,
}


def main(folder: str) -> int:
    """Checks all vectors with the modules in a folder, whose own __init__ is not run."""
    package = types.ModuleType("imjoy")
    package.__path__ = [folder]  # type: ignore[attr-defined]
    sys.modules["imjoy"] = package
    failed = 0
    for name, check in CHECKS.items():
        for case in load(name):
            try:
                check(case)
            except Exception as error:  # noqa: BLE001  # every case is reported
                failed += 1
                print(f"{name}: {case['name']}: {type(error).__name__}: {error}")
    print(f"{sum(len(load(name)) for name in CHECKS)} cases, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "src/imjoy")))
