"""The functions of `api.utils` that need no page."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import numpy as np

from imjoy.worker.local_utils import debounce, kill, ndarray, set_interval


def test_kill() -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    kill(process)
    assert process.returncode is not None


def test_ndarray() -> None:
    array = ndarray([1, 2, 3, 4], (2, 2), "uint8")
    assert array.dtype == np.uint8
    assert array.tolist() == [[1, 2], [3, 4]]
    assert ndarray([1.5]).shape == (1,)


def test_debounce_and_interval() -> None:
    seen: list[int] = []

    async def main() -> None:
        @debounce(0.02)
        def note(value: int) -> None:
            seen.append(value)

        for value in range(5):
            note(value)
        await asyncio.sleep(0.06)
        assert seen == [4]
        ticks = asyncio.Event()

        async def tick() -> None:
            ticks.set()

        task = set_interval(tick, 0.001)
        await asyncio.wait_for(ticks.wait(), 5)
        task.cancel()

    asyncio.run(main())
