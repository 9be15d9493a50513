"""Arrays are packed on a slow connection, both ways, and never on a quick one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np
import pytest
from chaos_proxy import ChaosProxy
from server_harness import TOKEN, RunningServer

import imjoy

SIZE = 8_000_000
# Like what a camera gives: light with a little noise.
IMAGE = (np.random.default_rng(1).poisson(9, SIZE)).astype(np.uint8)
NOISE = np.random.default_rng(2).integers(0, 256, SIZE, np.uint8)


async def moved(server: RunningServer, rate: int, array: np.ndarray) -> int:
    """Bytes that went over a connection of this rate for an array that is sent, and one that is got."""
    proxy = ChaosProxy(server.port)
    try:
        async with imjoy.connect(f"http://127.0.0.1:{proxy.port}", TOKEN, near=False) as engine:
            proxy.rate = rate
            before = proxy.passed
            back = await engine.call("echo", array)
            np.testing.assert_array_equal(back, array)
            return proxy.passed - before
    finally:
        proxy.close()


@pytest.fixture
def run(engine_server: RunningServer) -> Callable[[int, np.ndarray], int]:
    server = engine_server
    server.loop.call_soon_threadsafe(server.host.peer.export, "echo", lambda array: array)
    return lambda rate, array: asyncio.run(moved(server, rate, array))


def test_a_slow_connection_carries_less_than_the_array(
    run: Callable[[int, np.ndarray], int],
) -> None:
    assert run(3_000_000, IMAGE) < 1.8 * SIZE


def test_what_does_not_shrink_goes_as_it_is(run: Callable[[int, np.ndarray], int]) -> None:
    assert 2 * SIZE <= run(3_000_000, NOISE) < 2.1 * SIZE


def test_a_quick_connection_carries_the_array_as_it_is(
    run: Callable[[int, np.ndarray], int],
) -> None:
    assert 2 * SIZE <= run(0, IMAGE) < 2.1 * SIZE
