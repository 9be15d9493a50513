"""What each Python class becomes on the wire, and what is refused."""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import datetime
import enum
import io
import json
import pathlib
import re
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imjoy.errors import EnvError, Unserializable
from imjoy.protocol.decode import NOT_PLAIN, decode_plain
from imjoy.protocol.encode import Encoder, encode_plain
from imjoy.protocol.values import Codec, CodecRegistry, NdArray, ValueContext, decode, encode

UTC = datetime.timezone.utc


class Names(ValueContext):
    """Functions are sent by their name."""

    def __init__(self) -> None:
        self.sent: list = []

    def encode_function(self, function):
        self.sent.append(function)
        return "a" * 32, function.__name__


def tree(value, context=None):
    return json.loads(encode(value, context or Names())[0])


class Color(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    LOW = 1


Point = collections.namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ((1, "a"), [1, "a"]),
        (Point(1, 2), [1, 2]),
        (range(3), [0, 1, 2]),
        (collections.deque([1]), [1]),
        ({"a": 1}.keys(), ["a"]),
        ({"a": 1}.values(), [1]),
        (collections.OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (collections.defaultdict(int, a=1), {"a": 1}),
        ({1: "a"}, {"$": "map", "v": [[1, "a"]]}),
        ({1: "a", "b": 2}, {"$": "map", "v": [[1, "a"], ["b", 2]]}),
        ({None: 1}, {"$": "map", "v": [[None, 1]]}),
        ({(1, 2): 3}, {"$": "map", "v": [[[1, 2], 3]]}),
        ({np.str_("a"): 1}, {"a": 1}),
        (frozenset([1]), {"$": "set", "v": [1]}),
        (Color.RED, "red"),
        (Level.LOW, 1),
        (True, True),
        (pathlib.PurePosixPath("a/b"), "a/b"),
        (2**53 - 1, 2**53 - 1),
        (2**53, {"$": "int", "v": str(2**53)}),
        (-(2**53), {"$": "int", "v": str(-(2**53))}),
        (np.int64(-5), -5),
        (np.uint64(2**64 - 1), {"$": "int", "v": str(2**64 - 1)}),
        (np.float32(0.5), 0.5),
        (np.float64(2), 2.0),
        (np.longdouble(1.5), 1.5),
        (np.bool_(True), True),
        (np.complex64(1 + 2j), {"$": "complex", "v": [1, 2]}),
        (np.str_("text"), "text"),
        (complex(1, -0.0), {"$": "complex", "v": [1.0, {"$": "float", "v": "-0"}]}),
        (datetime.datetime(1970, 1, 1, tzinfo=UTC), {"$": "date", "v": 0}),
        (datetime.date(1970, 1, 2), {"$": "date", "v": 86400000}),
        (datetime.datetime.max.replace(tzinfo=UTC), {"$": "date", "v": 253402300799999}),
        (
            datetime.datetime(1970, 1, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
            {"$": "date", "v": 0},
        ),
    ],
)
def test_class(value, wanted):
    assert tree(value) == wanted
    assert tree([value]) == [wanted]


def test_a_naive_datetime_is_local_time():
    now = datetime.datetime.now().replace(microsecond=0)
    assert tree(now) == {"$": "date", "v": int(now.timestamp() * 1000)}


def test_bytes_keep_their_memory_unless_a_snapshot_is_asked_for():
    data = bytearray(b"abc")
    assert encode(data, Names())[1][0] is data
    copy = encode(data, Names(), snapshot=True)[1][0]
    data[0] = 0
    assert bytes(copy) == b"abc"


def test_files_in_memory_keep_name_and_type():
    plain, named = io.BytesIO(b"x"), io.BytesIO(b"yz")
    named.name, named.type, named.last_modified = "a.txt", "text/plain", 5
    assert tree([plain, named]) == [
        {"$": "blob", "b": 0, "m": ""},
        {"$": "blob", "b": 1, "m": "text/plain", "n": "a.txt", "t": 5},
    ]


def test_memory_without_numpy_is_an_array_of_its_format():
    assert tree(memoryview(b"ab")) == {"$": "typedarray", "d": "|u1", "b": 0}
    shorts = memoryview(bytearray(8)).cast("h", (2, 2))
    assert tree(shorts) == {"$": "ndarray", "d": "<i2", "s": [2, 2], "b": 0}
    assert encode(memoryview(b"abcdef")[::2], Names())[1] == [b"ace"]
    longs = tree(memoryview(bytearray(16)).cast("l"))
    assert longs["d"] in ("<i8", "<i4")
    assert tree(NdArray(b"abcdef", (3, 1), "uint16"))["s"] == [3, 1]


def test_arrays_of_other_libraries_are_arrays():
    class Tensor:
        def __array__(self, dtype=None, copy=None):
            return np.zeros((2, 3), np.float32)

    assert tree(Tensor()) == {"$": "ndarray", "d": "<f4", "s": [2, 3], "b": 0}


def test_an_error_has_its_record():
    record = tree(EnvError("Step", "Cause.", "Remedy.", {"$": 1}))["v"]
    assert (record["code"], record["name"]) == ("env.build_failed", "EnvError")
    assert record["data"]["$"] == "dict"


def test_functions_are_references():
    context = Names()
    tag = tree({"run": test_class}, context)["run"]
    assert tag == {"$": "ref", "p": "a" * 32, "t": "test_class"}
    assert context.sent == [test_class]
    assert tree(int)["t"] == "int"


def test_an_object_shows_public_fields_and_methods():
    class Base:
        def inherited(self):
            return 1

    class Tool(Base):
        def __init__(self):
            self.size, self._secret = 3, 4
            self.method_field = len

        def run(self):
            return self.size

        @staticmethod
        def static():
            return 2

        def _hidden(self):
            return 0

        @property
        def computed(self):
            raise AssertionError("a property is not read")

    context = Names()
    shown = tree(Tool(), context)
    assert list(shown) == ["size", "method_field", "run", "static", "inherited"]
    assert [function() for function in context.sent[1:]] == [3, 2, 1]


def test_objects_with_slots_and_dataclasses_show_their_fields():
    class Slots:
        __slots__ = ("_hidden", "empty", "x")

        def __init__(self):
            self.x, self._hidden = 1, 2

    @dataclasses.dataclass
    class Data:
        a: int
        b: str = "c"

    assert tree([Slots(), Data(1)]) == [{"x": 1}, {"a": 1, "b": "c"}]


async def promised():
    return 1


def test_what_lives_in_one_process_is_refused_with_a_reason():
    coroutine = promised()
    values = {
        "await": coroutine,
        "open file": io.StringIO(),
        "class lock": threading.Lock(),
        "class module": json,
        "class object": object(),
        "tolist()": np.array([object()]),
        "astype()": np.zeros(2, np.longdouble),
        "type <U1": np.array(["a"]),
        "datetime64": np.array(["2020-01-01"], "datetime64[D]"),
        "type [(": np.zeros(1, [("a", "i4")]),
        "format": memoryview(np.zeros(2, "f2")),
        "too many digits": 10**5000,
    }
    for reason, value in values.items():
        with pytest.raises(Unserializable, match=re.escape(reason)):
            encode([{"deep": value}], Names())
    coroutine.close()


def test_an_asyncio_future_is_refused():
    loop = asyncio.new_event_loop()
    with pytest.raises(Unserializable, match="await"):
        encode(loop.create_future(), Names())
    loop.close()


def test_codecs_of_users_come_before_anything_else():
    class Box(dict):
        pass

    context = Names()
    context.codecs = CodecRegistry()
    context.codecs.register(
        Codec("box", Box, lambda box: box["content"], lambda value: Box(content=value))
    )
    body, buffers = encode([Box(content=np.arange(2))], context)
    assert json.loads(body)[0]["n"] == "box"
    back = decode(body, buffers, context)[0]
    assert type(back) is Box
    assert back["content"].tolist() == [0, 1]


def test_arrays_of_libraries_that_only_describe_their_memory_are_arrays():
    class Image:
        def __init__(self):
            self._pixels = np.zeros((2, 2), np.uint8)

        @property
        def __array_interface__(self):
            return self._pixels.__array_interface__

    assert tree(Image())["s"] == [2, 2]


plain_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["$", -0.0, 2**53 - 1, 2**53]),
    lambda parts: (
        st.lists(parts, max_size=20)
        | st.dictionaries(st.text(max_size=3) | st.just("$"), parts, max_size=20)
    ),
    max_leaves=40,
)


@given(plain_values)
def test_the_short_way_writes_the_same_as_the_long_one(value):
    short = encode_plain(value)
    long = Encoder(Names(), False).value(value, 1)
    if short is not None:
        assert json.loads(short) == long
        assert decode_plain(short, True) in (long, NOT_PLAIN)
    # What comes back is the same value, whichever way it went (also nan and -0.0).
    assert repr(decode(*encode(value, Names()), Names())) == repr(value)


def test_only_what_needs_no_tag_goes_the_short_way():
    for value in (None, True, 5, 0.5, "x", [], [1, "a", [2, {"b": []}]], {"a": None}):
        assert encode_plain(value) is not None, value
    endless: list = []
    endless.append(endless)
    for value in (2**53, -(2**53), -0.0, 0.0, float("nan"), float("inf"), {"$": 1}, {1: 2}, b"",
                  "\ud800", [float("inf")], endless, [[[[[[1]]]]]], list(range(100)), np.float64(1),
                  Level.LOW, Color.RED, {"a": {"$": 1}}, print):  # fmt: skip
        assert encode_plain(value) is None, value


def test_long_lists_of_numbers_and_texts_travel_as_they_are_unless_one_needs_a_tag():
    for value in ([*range(100)], ["x"] * 100, [0.5] * 100, (1,) * 50, [None, "a"] * 30):
        assert tree(value) == list(value)
    for odd in (2**53, -(2**60), float("nan"), -0.0, b"x", True):
        for others in (1, 0.5, "x"):
            value = [others] * 50 + [odd]
            back = decode(*encode(value, Names()), Names())
            assert repr(back) == repr(value)


def test_an_array_with_masked_elements_is_refused_as_its_mask_would_be_lost():
    with pytest.raises(Unserializable, match="masked"):
        encode(np.ma.masked_array([1.0, 2.0], [False, True]), Names())
    body, _ = encode(np.ma.masked_array([1.0, 2.0], [False, False]), Names())
    assert "array" in body
