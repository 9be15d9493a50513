"""Takes the mask off what a client sent."""

from __future__ import annotations

import importlib
from typing import Any, Callable

__all__ = ["Xor", "fast_xor", "unmask", "xor"]

# Gives `data` combined with a key of four bytes that begins at the first byte of `data`.
Xor = Callable[[Any, bytes], bytes]
NO_KEY = b"\0\0\0\0"
# What fits into the processor's cache is masked faster; a multiple of four.
PIECE = 1 << 16


def xor(data: Any, key: bytes) -> bytes:
    """The masking of RFC 6455 with nothing but whole numbers of any size."""
    size = len(data)
    mask = int.from_bytes((key * (size // 4 + 1))[:size], "little")
    return (int.from_bytes(data, "little") ^ mask).to_bytes(size, "little")


def fast_xor() -> Xor:
    """The same in C, where the package `websockets` is there and was built with it."""
    try:
        found: Xor = importlib.import_module("websockets.speedups").apply_mask
    except ImportError:
        return xor
    return found


def unmask(view: memoryview, key: bytes, one: Xor) -> None:
    """Takes the mask off a large payload where it is."""
    if key != NO_KEY:
        for begin in range(0, len(view), PIECE):
            view[begin : begin + PIECE] = one(view[begin : begin + PIECE], key)
