"""Two Python plugins on one engine exchange arrays through memory that both see."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import numpy as np
import psutil
import pytest
from supervisor_harness import Page, with_page

from imjoy.rpc.transports.shared_memory import is_available

pytestmark = pytest.mark.skipif(not is_available(), reason="this system has no such memory")

TAKER = """
    kept = []
    def total(data):
        return memoryview(data.data).cast("B")[:1000].tolist(), memoryview(data.data).nbytes
    def keep(data):
        kept.append(data)
    def back(data):
        return data
    api.export({"total": total, "keep": keep, "back": back})
"""
# Without numpy in it: the transport needs nothing but the standard library.
GIVER = """
    import os
    data = memoryview(bytearray(os.urandom(1000) + bytes(64 << 20))).cast("B")
    async def give(function, times):
        for _ in range(times):
            first, size = await function(data)
            assert bytes(first) == bytes(data[:1000]) and size == len(data)
        return True
    async def fill(function, times):
        for _ in range(times):
            await function(data[: 8 << 20])
    api.export({"give": give, "fill": fill})
"""


def maps_of_memory(pid: int) -> int:
    with open(f"/proc/{pid}/maps") as file:
        return sum("memfd:imjoy" in line for line in file)


@pytest.fixture
def pair(tmp_path):
    async def start(page: Page):
        return await page.start(TAKER.replace("data.data", "data"), "taker"), await page.start(
            GIVER, "giver"
        )

    return start


def test_arrays_go_through_memory_that_the_engine_never_maps(tmp_path, pair):
    async def use(page: Page) -> None:
        taker, giver = await pair(page)
        function = page.peer.remote(taker["peer"], "total")
        assert await page.peer.call(giver["peer"], "give", function, 5)
        assert maps_of_memory(taker["pid"]) >= 1
        assert maps_of_memory(os.getpid()) == 0

    with_page(tmp_path, use)


def test_the_page_and_the_engine_get_the_bytes(tmp_path, pair):
    async def use(page: Page) -> None:
        taker, _ = await pair(page)
        array = np.arange(3 << 20, dtype=np.uint8).reshape(1024, -1)
        for _ in range(3):
            back = await page.peer.call(taker["peer"], "back", array.tobytes())
            assert back == array.tobytes()
            view = await page.peer.call(taker["peer"], "back", memoryview(array))
            assert np.array_equal(view, array)

    with_page(tmp_path, use)


def test_a_receiver_that_is_killed_gives_all_memory_back(tmp_path, pair):
    async def use(page: Page) -> None:
        taker, giver = await pair(page)
        keep = page.peer.remote(taker["peer"], "keep")
        await page.peer.call(giver["peer"], "fill", keep, 10)
        held = psutil.Process(giver["pid"]).num_fds()
        descriptors = psutil.Process().num_fds()
        os.kill(taker["pid"], signal.SIGKILL)
        await asyncio.wait_for(page.exited.wait(), 5)
        await page.until(lambda: psutil.Process().num_fds() <= descriptors - 3)
        again = await page.start(TAKER.replace("data.data", "data"), "another")
        total = page.peer.remote(again["peer"], "total")
        assert await page.peer.call(giver["peer"], "give", total, 3)
        assert psutil.Process(giver["pid"]).num_fds() <= held + 3

    with_page(tmp_path, use)


def test_a_receiver_that_keeps_very_many_arrays_goes_on(tmp_path, pair):
    async def use(page: Page) -> None:
        taker, giver = await pair(page)
        keep = page.peer.remote(taker["peer"], "keep")
        await page.peer.call(giver["peer"], "fill", keep, 100)
        assert psutil.Process(taker["pid"]).num_fds() < 150

    with_page(tmp_path, use)


@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
def test_a_sender_that_is_killed_takes_nothing_along(tmp_path, pair):
    async def use(page: Page) -> None:
        taker, giver = await pair(page)
        await page.peer.call(giver["peer"], "fill", page.peer.remote(taker["peer"], "keep"), 3)
        os.kill(giver["pid"], signal.SIGKILL)
        await asyncio.wait_for(page.exited.wait(), 5)
        call = page.peer.call(taker["peer"], "total", bytes(1 << 20))
        assert (await call)[1] == 1 << 20

    with_page(tmp_path, use)
