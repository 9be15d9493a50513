"""Memory for large messages: of the size asked for, writable, and whole after it grew."""

from __future__ import annotations

import pytest

from imjoy.wire.memory import HUGE, Growing, allocate


@pytest.mark.parametrize("size", [0, 1, HUGE - 1, HUGE, 5 * HUGE + 3])
def test_memory_can_be_written_to(size: int) -> None:
    view = memoryview(allocate(size))
    assert view.nbytes == size and not view.readonly
    if size:
        view[0] = view[-1] = 5


def test_too_much_is_an_error_that_can_be_handled() -> None:
    with pytest.raises(MemoryError):
        allocate(1 << 60)


@pytest.mark.parametrize("expected", [0, 10, 4 * HUGE])
def test_a_message_grows(expected: int) -> None:
    message = Growing(expected)
    for number in range(50):
        message.reserve(70_000)[:] = bytes([number]) * 70_000
    message.reserve(0)
    assert bytes(message.take()) == b"".join(bytes([n]) * 70_000 for n in range(50))
