"""Any value that Python can send comes back as it was."""

from __future__ import annotations

import datetime
import json
import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from imjoy.errors import ImJoyError, ProtocolError
from imjoy.protocol.values import ValueContext, decode, encode

CONTEXT = ValueContext()
KEYS = st.one_of(st.text(), st.sampled_from(["$", "__proto__", "_rtype", "v", "b", "constructor"]))
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters()),  # with halves of surrogate pairs
    st.binary(),
    st.complex_numbers(),
    # Later dates have less than a microsecond's precision as a number of milliseconds.
    st.datetimes(
        datetime.datetime(1700, 1, 1),
        datetime.datetime(2240, 1, 1),
        timezones=st.just(datetime.timezone.utc),
    ),
)
PLAIN = st.one_of(st.integers(), st.text(), st.booleans(), st.none())
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(KEYS, inner, max_size=5),
        st.dictionaries(st.integers(), inner, max_size=3),
        st.sets(PLAIN, max_size=3),
    ),
    max_leaves=30,
)
ARRAYS = arrays.arrays(
    dtype=st.one_of(
        arrays.boolean_dtypes(),
        arrays.integer_dtypes(endianness="?"),
        arrays.unsigned_integer_dtypes(endianness="?"),
        arrays.floating_dtypes(endianness="?", sizes=(16, 32, 64)),
        arrays.complex_number_dtypes(endianness="?", sizes=(64, 128)),
    ),
    shape=arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)


def round_trip(value, snapshot=False):
    body, buffers = encode(value, CONTEXT, snapshot)
    return decode(body, [bytes(buffer) for buffer in buffers], CONTEXT)


def same(left, right) -> bool:
    if isinstance(left, (float, complex)) and type(left) is type(right):
        return repr(left) == repr(right)
    if isinstance(left, dict):
        pairs = zip(left.items(), right.items(), strict=True)
        return all(same(a, c) and same(b, d) for (a, b), (c, d) in pairs)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right


@given(VALUES, st.booleans())
def test_values_come_back_the_same(value, snapshot):
    assert same(round_trip(value, snapshot), value)


@given(ARRAYS, st.booleans())
def test_arrays_come_back_the_same(array, snapshot):
    back = round_trip([array], snapshot)[0]
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert back.tobytes() == array.tobytes()
    assert back.flags.writeable


@given(
    st.one_of(st.text(), st.text(alphabet='[]{}",:$vbds0123456789 ')),
    st.lists(st.binary(max_size=16), max_size=3),
)
def test_any_text_is_a_value_or_a_protocol_error(body, buffers):
    try:
        decode(body, buffers, CONTEXT)
    except ProtocolError as error:
        assert error.code.startswith("protocol.")


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-2, 3), st.floats(), st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner)),
    max_leaves=5,
)
NAMES = "int float complex bytes typedarray ndarray dict map set date blob error codec x"
TAGS = st.sampled_from(NAMES.split(" "))
TAGGED = st.fixed_dictionaries(
    {"$": TAGS},
    optional={
        "v": st.one_of(JSON, st.lists(st.lists(JSON, min_size=2, max_size=2))),
        "b": st.one_of(st.integers(-1, 2), JSON),
        "d": st.one_of(st.sampled_from(["|u1", "<f8", ">c16", "|O", "<U1"]), st.text()),
        "s": st.one_of(st.lists(st.integers(-1, 9)), JSON),
        "m": st.one_of(st.text(), JSON),
        "n": st.one_of(st.text(), JSON),
        "t": st.one_of(st.integers(), JSON),
    },
)


@given(TAGGED, st.lists(st.binary(max_size=16), max_size=2))
def test_any_tag_is_a_value_or_a_protocol_error(tag, buffers):
    body = json.dumps(tag, allow_nan=True)
    try:
        decode(body, buffers, CONTEXT)
    except ProtocolError as error:
        assert error.code.startswith("protocol.")


def test_a_value_that_contains_itself_is_too_deep():
    circle: list = []
    circle.append(circle)
    table: dict = {}
    table["again"] = [table]
    for value in (circle, table):
        with pytest.raises(ProtocolError) as caught:
            encode(value, CONTEXT)
        assert caught.value.code == "protocol.too_deep"


def test_the_depth_that_is_sent_is_the_depth_that_is_received():
    value: object = 1
    for _ in range(63):
        value = [value]
    assert round_trip(value) == value
    with pytest.raises(ProtocolError):
        encode([value], CONTEXT)


@pytest.mark.parametrize(
    "wrap", [lambda v: {1: v}, lambda v: {"$": v}, lambda v: [v], lambda v: {"a": v}]
)
def test_every_container_stops_at_the_same_depth(wrap):
    value: object = 1
    for _ in range(63):
        value = wrap(value)
    assert round_trip(value) == value
    with pytest.raises(ProtocolError):
        encode(wrap(value), CONTEXT)


def test_deep_recursion_of_the_caller_gives_an_error_of_ours():
    def dive(levels: int):
        return dive(levels - 1) if levels else encode([[[[[[[[[[1]]]]]]]]]], CONTEXT)

    for levels in range(sys.getrecursionlimit() - 150, sys.getrecursionlimit(), 1):
        try:
            dive(levels)
        except ImJoyError as error:
            assert error.code == "protocol.too_deep"
            break
        except RecursionError:
            continue
    else:
        pytest.skip("this Python does not count these calls")


def test_too_many_parts_are_refused_on_both_sides():
    for value in ([0] * 1_000_000, dict.fromkeys(range(500_000)), [[0] * 10] * 100_000):
        with pytest.raises(ProtocolError) as caught:
            encode(value, CONTEXT)
        assert caught.value.code == "protocol.too_many_nodes"
    assert round_trip([0] * 999_999) == [0] * 999_999


def test_text_over_the_limit_is_refused():
    with pytest.raises(ProtocolError) as caught:
        encode("x" * (64 << 20), CONTEXT)
    assert caught.value.code == "protocol.too_large"


def test_special_floats_of_all_kinds():
    back = round_trip([math.nan, math.inf, -math.inf, -0.0, np.float64("nan"), np.float32(-0.0)])
    assert [repr(item) for item in back] == ["nan", "inf", "-inf", "-0.0", "nan", "-0.0"]
