"""Arrays go out without a copy where that is possible, and come in with numpy and without."""

from __future__ import annotations

import numpy as np
import pytest

from imjoy.errors import ProtocolError, Unserializable
from imjoy.protocol import arrays
from imjoy.protocol.arrays import NdArray, decode_array, decode_flat, encode_array, encode_memory


def shares_memory(buffer, array) -> bool:
    return np.shares_memory(np.frombuffer(buffer, np.uint8), array)


def test_contiguous_arrays_are_not_copied():
    for array in (np.arange(6).reshape(2, 3), np.arange(6)[2:4], np.array(5.0), np.zeros(3, ">f4")):
        code, shape, buffer = encode_array(np, array, snapshot=False)
        assert (code, shape) == (array.dtype.str, array.shape)
        assert shares_memory(buffer, array)
        assert bytes(buffer) == array.tobytes()


def test_other_arrays_are_put_in_order():
    base = np.arange(24, dtype="i2").reshape(2, 3, 4)
    for array in (
        base.T,
        base[:, ::2],
        base[::-1],
        np.asfortranarray(base),
        np.broadcast_to(base[0, 0], (5, 4)),
    ):
        code, shape, buffer = encode_array(np, array, snapshot=False)
        assert bytes(buffer) == array.tobytes()
        assert decode_array(code, list(shape), bytes(buffer)).tolist() == array.tolist()


def test_a_snapshot_does_not_change_with_the_array():
    array = np.arange(3)
    buffer = encode_array(np, array, snapshot=True)[2]
    array[:] = 9
    assert np.frombuffer(buffer, array.dtype).tolist() == [0, 1, 2]
    array.flags.writeable = False
    assert shares_memory(encode_array(np, array, snapshot=True)[2], array)


def test_subclasses_of_arrays_are_arrays():
    masked = np.ma.masked_array([[1, 2]])
    assert encode_array(np, masked, snapshot=False)[1] == (1, 2)
    records = np.zeros(2, "f4").view(np.recarray)
    assert encode_array(np, records, snapshot=False)[0] == "<f4"


def test_element_types_without_a_place_in_the_protocol_are_refused():
    for array in (np.array([None]), np.array(["a"]), np.zeros(1, "V4"), np.zeros(1, "m8[s]")):
        with pytest.raises(Unserializable, match="astype"):
            encode_array(np, array, snapshot=False)


def test_memory_of_an_unknown_format_is_refused():
    with pytest.raises(Unserializable):
        encode_memory(memoryview(np.zeros(1, "c8")), snapshot=False)


def test_numpy_is_not_loaded_to_send(monkeypatch):
    monkeypatch.delitem(arrays.sys.modules, "numpy")
    assert arrays.loaded_numpy() is None
    monkeypatch.setitem(arrays.sys.modules, "numpy", None)
    assert arrays.loaded_numpy() is None


def test_a_numpy_that_cannot_be_loaded_is_tried_once(monkeypatch):
    monkeypatch.setitem(arrays.sys.modules, "numpy", None)
    monkeypatch.setattr(arrays, "_missing", False)
    assert arrays.numpy() is None
    assert arrays._missing


@pytest.fixture
def no_numpy(monkeypatch):
    monkeypatch.setattr(arrays, "numpy", lambda: None)


@pytest.mark.usefixtures("no_numpy")
class TestWithoutNumpy:
    def test_an_array_keeps_shape_type_and_bytes(self):
        array = decode_array("<i2", [2, 1], bytearray(b"\1\0\2\0"))
        assert isinstance(array, NdArray)
        assert (array.shape, array.dtype, array.size, array.code) == ((2, 1), "int16", 2, "<i2")
        assert array.data.tobytes() == b"\1\0\2\0"
        assert not array.data.readonly
        assert repr(array) == "NdArray(shape=(2, 1), dtype='int16')"

    def test_big_endian_bytes_are_turned_around(self):
        assert decode_array(">i4", [1], b"\0\0\0\1").data.tobytes() == b"\1\0\0\0"
        # Each half of a complex number by itself.
        assert decode_array(">c8", [1], b"\1\2\3\4\5\6\7\x08").data.tobytes() == (
            b"\4\3\2\1\x08\7\6\5"
        )

    def test_one_dimension_is_memory_of_numbers(self):
        view = decode_flat(">u2", b"\1\0\0\2")
        assert view.tolist() == [256, 2]
        view[0] = 5
        assert decode_flat("|b1", b"\1\0").tolist() == [True, False]
        assert isinstance(decode_flat("<f2", b"\0\0"), NdArray)
        assert isinstance(decode_flat("<f8", b""), NdArray)


@pytest.mark.parametrize(
    ("shape", "dtype", "data"),
    [((2,), "uint8", b"x"), ((-1, -1), "uint8", b"x"), ((1,), "object", b"x"), ((1,), "u1", b"x")],
)
def test_an_array_that_does_not_fit_together_is_refused(shape, dtype, data):
    with pytest.raises(ValueError, match="shape"):
        NdArray(data, shape, dtype)


def test_bytes_that_do_not_fill_the_shape_are_malformed():
    with pytest.raises(ProtocolError):
        decode_array("<f4", [2], b"\0" * 7)
    with pytest.raises(ProtocolError):
        decode_flat("<f4", b"\0" * 7)
