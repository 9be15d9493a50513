"""Arrays and their bytes: numpy's where numpy is, plain memory elsewhere."""

from __future__ import annotations

import sys
from typing import Any, Callable, Dict, Optional, Sequence, Tuple

from imjoy.errors import Unserializable
from imjoy.protocol.frame import malformed

__all__ = ["NdArray", "decode_array", "decode_flat", "encode_array", "loaded_numpy", "numpy"]

# Kind and size as numpy writes them: name, bytes of an element, bytes of a number, struct format.
DTYPES: Dict[str, Tuple[str, int, int, Optional[str]]] = {
    "b1": ("bool", 1, 1, "?"),
    "i1": ("int8", 1, 1, "b"),
    "u1": ("uint8", 1, 1, "B"),
    "i2": ("int16", 2, 2, "h"),
    "u2": ("uint16", 2, 2, "H"),
    "i4": ("int32", 4, 4, "i"),
    "u4": ("uint32", 4, 4, "I"),
    "i8": ("int64", 8, 8, "q"),
    "u8": ("uint64", 8, 8, "Q"),
    "f2": ("float16", 2, 2, None),
    "f4": ("float32", 4, 4, "f"),
    "f8": ("float64", 8, 8, "d"),
    "c8": ("complex64", 8, 4, None),
    "c16": ("complex128", 16, 8, None),
}
_CODES = {name: code for code, (name, _, _, _) in DTYPES.items()}
_FORMATS = {form: code for code, (_, _, _, form) in DTYPES.items() if form}
# `long` has the size of int or of long long, depending on the system.
_FORMATS.update({"l": f"i{memoryview(bytes(8)).cast('l').itemsize}", "c": "u1"})
_FORMATS["L"] = _FORMATS["l"].replace("i", "u")


class NdArray:
    """An array where there is no numpy.

    `data` is a memoryview of bytes in C order and little-endian, `shape` a tuple of sizes and
    `dtype` a name such as "uint8", "float32", "bool" or "complex64". Raises ValueError when they do
    not fit together.
    """

    def __init__(self, data: Any, shape: Sequence[int], dtype: str) -> None:
        code = _CODES.get(dtype)
        self.data = memoryview(data).cast("B")
        self.shape, self.dtype = tuple(shape), dtype
        if code is None or min(self.shape, default=0) < 0:
            raise ValueError(f"an array cannot have the shape {self.shape} and type {dtype}")
        if self.data.nbytes != self.size * DTYPES[code][1]:
            raise ValueError(f"{self.data.nbytes} bytes do not fill the shape {self.shape}")
        self.code = ("|" if code.endswith("1") else "<") + code

    @property
    def size(self) -> int:
        """Number of elements."""
        return _product(self.shape)

    def __repr__(self) -> str:
        return f"NdArray(shape={self.shape}, dtype={self.dtype!r})"


_missing = False


def loaded_numpy() -> Any:
    """The numpy module if this program has loaded it, else None."""
    module = sys.modules.get("numpy")
    return module if hasattr(module, "frombuffer") else None


def numpy() -> Any:
    """The numpy module, loaded now if need be; None where there is none."""
    global _missing
    module = loaded_numpy()
    if module is None and not _missing:
        try:
            import numpy as module
        except (ImportError, AttributeError, OSError, RuntimeError):
            _missing = True
            module = None
    return module


def encode_array(
    np: Any, value: Any, snapshot: bool, allocate: Callable[[int], Any] = lambda size: None
) -> Tuple[str, Tuple[int, ...], Any]:
    """Element type, shape and bytes of a numpy array; not copied when it is contiguous.

    With `snapshot`, memory that could change is copied, if possible to where the receiver sees it:
    `allocate` is that of ValueContext. Raises Unserializable for element types
    that have no place in the protocol, and for what is masked.
    """
    if type(value) is not np.ndarray and np.ma.is_masked(value):
        raise Unserializable(
            "An array with masked elements cannot be sent. Fill them with filled(), or send "
            "its data and its mask."
        )
    array = np.asarray(value)
    code = array.dtype.str
    if code[1:] not in DTYPES:
        raise Unserializable(
            f"An array of the type {array.dtype} cannot be sent. Turn it into numbers with "
            "astype(), or send it as a list with tolist()."
        )
    if array.flags.c_contiguous and not (snapshot and array.flags.writeable):
        return code, array.shape, _bytes_of(np, array)
    shared = allocate(array.nbytes)
    if shared is None:
        return code, array.shape, _bytes_of(np, array.copy(order="C"))
    if array.flags.c_contiguous:
        shared.fill(_bytes_of(np, array))
    else:
        np.copyto(np.frombuffer(shared.view(), array.dtype).reshape(array.shape), array)
    return code, array.shape, shared


def _bytes_of(np: Any, array: Any) -> memoryview:
    return memoryview(array.reshape(-1).view(np.uint8))


def encode_memory(view: memoryview, snapshot: bool) -> Tuple[str, Any]:
    """Element type and bytes of a memoryview. Raises Unserializable as encode_array does."""
    code = _FORMATS.get(view.format.lstrip("@"))
    if code is None:
        raise Unserializable(f"Memory of the format {view.format} cannot be sent. Send bytes.")
    data = view if view.c_contiguous and not snapshot else memoryview(view.tobytes())
    whole = data.cast("B") if data.nbytes else b""
    return ("|" if code.endswith("1") else "<") + code, whole


def decode_array(code: str, shape: Sequence[int], buffer: Any) -> Any:
    """A writable numpy array, or NdArray without numpy. Raises ProtocolError."""
    kind = _check(code, shape, buffer)
    np = numpy()
    if np is not None:
        return _from_buffer(np, code, buffer).reshape(shape)
    return NdArray(_native(code, buffer), shape, DTYPES[kind][0])


def decode_flat(code: str, buffer: Any) -> Any:
    """Array of one dimension: numpy's, else a memoryview, or NdArray where Python has no format."""
    known = DTYPES.get(code[1:])
    if known is None or memoryview(buffer).nbytes % known[1]:
        raise malformed("an array does not have a whole number of elements of a known type")
    name, item_size, _, form = known
    shape = (memoryview(buffer).nbytes // item_size,)
    np = numpy()
    if np is not None or form is None or shape == (0,):
        return decode_array(code, shape, buffer)
    _check(code, shape, buffer)
    whole = memoryview(_native(code, buffer)).cast("B")
    return whole.cast(form)  # type: ignore[call-overload]  # one of the formats of the table


def _check(code: str, shape: Sequence[int], buffer: Any) -> str:
    kind, order = code[1:], code[:1]
    if kind not in DTYPES or order not in ("<", ">", "|"):
        raise malformed("an array has an unknown element type")
    if order == "|" and not kind.endswith("1"):
        raise malformed("an array does not say in which order its bytes are")
    if _product(shape) * DTYPES[kind][1] != memoryview(buffer).nbytes:
        raise malformed("an array does not fill its shape")
    return kind


def _product(shape: Sequence[int]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size


def _from_buffer(np: Any, code: str, buffer: Any) -> Any:
    if memoryview(buffer).nbytes == 0:
        return np.empty(0, code)
    array = np.frombuffer(buffer, code)
    return array if array.flags.writeable else array.copy()


def _native(code: str, buffer: Any) -> Any:
    """The bytes in little-endian order, in memory that may be written."""
    unit = DTYPES[code[1:]][2]
    if code[0] != ">" or unit == 1:
        return bytearray(buffer) if memoryview(buffer).readonly else buffer
    swapped, given = bytearray(buffer), bytes(buffer)
    for place in range(unit):
        swapped[place::unit] = given[unit - 1 - place :: unit]
    return swapped
