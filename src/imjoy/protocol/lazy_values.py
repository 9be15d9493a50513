"""Tables and arrays in chunks, which are sent as functions that read a part of them.

Nothing is imported for that: who holds such a value has loaded its library.
"""

from __future__ import annotations

import datetime
import decimal
from typing import Any, Callable, Dict, List, Optional, Sequence

from imjoy.protocol.context import Codec

__all__ = ["lazy_codec"]


def lazy_codec(value: Any) -> Optional[Codec]:
    """The codec for a table of pandas or pyarrow, or an array of zarr; None for other values."""
    for kind in type(value).__mro__:
        codec = _CODECS.get(f"{(kind.__module__ or '').partition('.')[0]}.{kind.__name__}")
        if codec is not None:
            return codec
    return None


def _table(
    columns: Sequence[Any], dtypes: Sequence[Any], rows: int, column: Callable[..., Any]
) -> Dict[str, Any]:
    """What is sent for a table; `column(index, start, stop)` gives a part of one of its columns."""
    names = _told_apart([str(name) for name in columns])

    def read(start: int = 0, stop: Optional[int] = None, only: Optional[List[str]] = None) -> Any:
        end = rows if stop is None else stop
        unknown = [name for name in only or () if name not in names]
        if unknown:
            raise ValueError(f"The table has no column {unknown[0]!r}; it has {', '.join(names)}.")
        wanted = [(i, name) for i, name in enumerate(names) if only is None or name in only]
        return {name: column(i, int(start), int(end)) for i, name in wanted}

    facts = [{"name": name, "dtype": str(dtype)} for name, dtype in zip(names, dtypes)]
    return {"columns": facts, "rows": rows, "read": read}


def _told_apart(names: List[str]) -> List[str]:
    """Each name once: the second `x` is `x (2)`, unless another one is called that."""
    used = set(names)
    different: Dict[str, None] = {}
    for name in names:
        own, number = name, 2
        while own in different or (own is not name and own in used):
            own, number = f"{name} ({number})", number + 1
        different[own] = None
    return list(different)


def _pandas_table(frame: Any) -> Dict[str, Any]:
    def column(index: int, start: int, stop: int) -> Any:
        whole = frame.iloc[:, index]
        part = whole.iloc[start:stop]
        # Of numpy itself, where a missing number is NaN; pandas' own kinds of numbers have None.
        own = getattr(whole.dtype, "numpy_dtype", None)
        kind = whole.dtype if own is None else own
        is_number = getattr(kind, "kind", "O") in "biufc" and hasattr(kind, "itemsize")
        if is_number and (own is None or not whole.hasnans):
            return part.to_numpy(kind)
        # Missing values have one form for all kinds.
        pairs = zip(part.isna().tolist(), part.tolist())
        return [None if is_missing else _plain(item) for is_missing, item in pairs]

    return _table(list(frame.columns), list(frame.dtypes), len(frame), column)


def _arrow_table(table: Any) -> Dict[str, Any]:
    def column(index: int, start: int, stop: int) -> Any:
        whole = table.column(index)
        part = whole.slice(start, max(0, stop - start))
        if whole.null_count == 0:
            numbers = part.to_numpy()
            if numbers.dtype.kind in "biufc":
                return numbers
        return [_plain(item) for item in part.to_pylist()]

    fields = list(table.schema)
    return _table([one.name for one in fields], [one.type for one in fields], len(table), column)


def _zarr_array(array: Any) -> Dict[str, Any]:
    def read(start: Optional[Sequence[int]] = None, stop: Optional[Sequence[int]] = None) -> Any:
        starts = _one_each(array.shape, [0] * array.ndim if start is None else start)
        stops = _one_each(array.shape, array.shape if stop is None else stop)
        return array[tuple(slice(a, b) for a, b in zip(starts, stops))]

    def chunk(index: Sequence[int]) -> Any:
        sizes = array.chunks
        starts = [i * size for i, size in zip(_one_each(array.shape, index), sizes)]
        if not all(0 <= a < n for a, n in zip(starts, array.shape)):
            raise ValueError(f"The array has no chunk {list(index)}.")
        return read(starts, [min(a + c, n) for a, c, n in zip(starts, sizes, array.shape)])

    facts = {"shape": list(array.shape), "chunks": list(array.chunks), "dtype": str(array.dtype)}
    return {**facts, "read": read, "chunk": chunk}


def _one_each(shape: Sequence[int], numbers: Sequence[int]) -> List[int]:
    """A number for each axis. Raises ValueError."""
    if len(numbers) != len(shape):
        raise ValueError(f"The array has {len(shape)} axes, and {len(numbers)} numbers were given.")
    return [int(number) for number in numbers]


def _plain(value: Any) -> Any:
    """A time of pandas as one of Python, a span in seconds; exact numbers and times of day as text."""
    if isinstance(value, (decimal.Decimal, datetime.time)):
        return str(value)
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    turn = getattr(value, "to_pydatetime", None)
    return value if turn is None else turn()


_CODECS = {
    "pandas.DataFrame": Codec("imjoy.table", None, _pandas_table),
    "pyarrow.Table": Codec("imjoy.table", None, _arrow_table),
    "zarr.Array": Codec("imjoy.array", None, _zarr_array),
}
