"""A worker over a limit is told once, quickly, and no other is."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

from imjoy.engine.limits import Limits
from imjoy.engine.watch import Watch

HOG = "import time; data = bytearray(300 << 20); time.sleep(30)"
BOMB = "import subprocess, sys, time\nfor _ in range(20): subprocess.Popen(['sleep', '30'])\ntime.sleep(30)"


def start(script: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", script], start_new_session=True)


async def test_memory_and_processes() -> None:
    watch, found, families = Watch(), asyncio.Queue[tuple[str, str, str]](), []
    limits = Limits(memory=200 << 20, processes=10)
    for name, script in (("hog", HOG), ("bomb", BOMB), ("quiet", "import time; time.sleep(30)")):
        family = start(script)
        families.append(family)
        watch.add(family.pid, limits, lambda *told, name=name: found.put_nowait((name, *told)))
    try:
        told = {(await asyncio.wait_for(found.get(), 10)) for _ in range(2)}
        assert {(name, cause) for name, cause, _ in told} == {
            ("hog", "memory"),
            ("bomb", "processes"),
        }
        texts = " ".join(text for _, _, text in told)
        assert "0.2 GB are allowed" in texts and "10 are allowed" in texts
        await asyncio.sleep(0.5)
        assert found.empty()
    finally:
        watch.close()
        for family in families:
            os.killpg(family.pid, 9)
            family.wait()


async def test_the_share_of_a_processor_is_measured() -> None:
    watch, family = Watch(), start("while True: pass")
    try:
        watched = watch.add(family.pid, Limits(), lambda cause, text: None)
        for _ in range(100):
            await asyncio.sleep(0.1)
            if watched.cpu > 20:
                break
        assert 20 < watched.cpu < 130 and watched.usage.processes == 1 and watched.peak > 0
        watch.remove(family.pid)
    finally:
        watch.close()
        os.killpg(family.pid, 9)
        family.wait()


async def test_without_workers_nothing_goes_on() -> None:
    watch = Watch()
    family = start("pass")
    watch.add(family.pid, Limits(), lambda cause, text: None)
    watch.remove(family.pid)
    family.wait()
    await asyncio.wait_for(watch._task, 2)
    assert watch.memory_ran_out() is False
