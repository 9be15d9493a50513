"""Masking gives the same as the definition, in Python and in C, for every size and place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.speedups import apply_mask

from imjoy.wire.masking import PIECE, unmask, xor


@given(st.binary(max_size=300), st.binary(min_size=4, max_size=4))
def test_it_is_the_definition(data: bytes, key: bytes) -> None:
    expected = bytes(byte ^ key[i % 4] for i, byte in enumerate(data))
    assert xor(data, key) == xor(memoryview(data), key) == apply_mask(data, key) == expected


@pytest.mark.parametrize("one", [xor, apply_mask])
@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, 3 * PIECE + 3])
def test_large_payloads_are_unmasked_where_they_are(one: object, size: int) -> None:
    data = bytearray((b"0123456789" * (size // 10 + 1))[:size])
    masked = bytearray(xor(data, b"abcd"))
    unmask(memoryview(masked), b"abcd", one)  # type: ignore[arg-type]
    assert masked == data
    unmask(memoryview(masked), b"\0\0\0\0", one)  # type: ignore[arg-type]
    assert masked == data
