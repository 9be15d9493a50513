"""Names and bytes with which somebody might try to reach what was not exported."""

from __future__ import annotations

import asyncio
import types
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imjoy.errors import ImJoyError, MethodNotFound, ProtocolError
from imjoy.protocol.context import ValueContext
from imjoy.protocol.decode import decode
from imjoy.protocol.encode import encode
from imjoy.protocol.frame import Frame
from imjoy.protocol.session import Session
from rpc.memory import Pair


class Exported:
    def run(self) -> str:
        return "ran"


def names() -> list[str]:
    things: list[Any] = [object, type, Exported, Exported().run, types, asyncio, [], {}, "", 0]
    frame = types.FrameType
    found = {name for thing in [*things, frame, types.CodeType] for name in dir(thing)}
    found |= {f"run.{name}" for name in found} | {f"__class__.{name}" for name in found}
    found |= {"constructor", "prototype", "__proto__", "constructor.constructor", "toString"}
    return sorted([*found, "", ".", "..", "run.", ".run", "run.run", "RUN", "run\0", "fn:", " run"])


async def test_only_the_exact_name_of_an_export_is_called() -> None:
    pair, tried = Pair(), names()
    pair.b.export("run", Exported().run)
    assert len(tried) > 1000
    for name in tried:
        if name == "run":
            continue
        with pytest.raises(MethodNotFound):
            await pair.a.call(pair.b.address, name)
    assert await pair.a.call(pair.b.address, "run") == "ran"


class Refs(ValueContext):
    def encode_function(self, function: Any) -> tuple[str, str]:
        return "a" * 32, "fn:" + "1" * 32

    def decode_ref(self, peer: str, target: str) -> Any:
        return len

    def decode_stream(self, peer: str, target: str) -> Any:
        return iter(())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["$", "v", "b", "d", "s", "n", "p", "t", "m", "x"]), inner
        )
    ),
    max_leaves=12,
)
TAGS = st.sampled_from(
    [
        *("int", "float", "complex", "bytes", "typedarray", "ndarray", "dict", "map", "set"),
        *("date", "blob", "error", "ref", "stream", "codec"),
    ]
)
TAGGED = st.builds(
    lambda tag, fields: {**fields, "$": tag},
    TAGS,
    st.dictionaries(
        st.sampled_from(["v", "b", "d", "s", "n", "p", "t", "m"]),
        JSON | st.sampled_from(["<f4", "|u1", 0, 1, [2, 2], [0], "a" * 32]),
    ),
)


@settings(max_examples=400, deadline=1000, suppress_health_check=list(HealthCheck))
@given(JSON | TAGGED | st.lists(TAGGED, max_size=3), st.lists(st.binary(max_size=32), max_size=3))
def test_a_decoder_gives_a_value_or_a_protocol_error(tree: Any, buffers: list[bytes]) -> None:
    import json

    try:
        decode(json.dumps(tree), list(buffers), Refs())
    except ProtocolError:
        pass


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | st.text(max_size=20)
    | st.binary(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text(max_size=6), inner, max_size=5)
        | st.dictionaries(st.integers(), inner, max_size=3)
        | st.sets(st.integers() | st.text(max_size=5), max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=1000, suppress_health_check=list(HealthCheck))
@given(VALUES)
def test_what_is_encoded_is_decoded_the_same(value: Any) -> None:
    body, buffers = encode(value, Refs())
    assert decode(body, buffers, Refs()) == value


HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(
            ["call", "result", "piece", "drop", "ack", "ping", "cancel", "x", 1]
        ),
        "seq": st.integers(-2, 6) | st.text(max_size=2) | st.none(),
        "ack": st.integers(-2, 6) | st.none(),
        "of": st.integers(-1, 3) | st.text(max_size=1),
        "pieces": st.integers(-1, 3) | st.none(),
        "sizes": st.lists(st.integers(-1, 2**40) | st.none(), max_size=3) | st.none(),
        "id": st.just("1" * 32) | st.integers(),
        "to": st.just("b" * 32) | st.none(),
        "from": st.just("a" * 32),
        "frame": JSON,
    },
)


@settings(max_examples=400, deadline=1000, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(HEADERS, st.lists(st.binary(max_size=8), max_size=2)), max_size=12))
def test_a_session_takes_a_frame_or_ends_its_socket(frames: list[Any]) -> None:
    delivered: list[Frame] = []
    session = Session(lambda frame: None, delivered.append, 0.0, piece=4)
    session.opened(0, 0.0)
    for header, buffers in frames:
        try:
            session.receive(Frame(dict(header), "", list(buffers)), 0.0)
        except ImJoyError:
            session.closed()
            session.opened(0, 0.0)
    assert len(delivered) <= len(frames)
