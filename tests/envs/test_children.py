"""Child processes in groups of their own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from imjoy.envs.children import run_on_screen, run_quietly

SLEEPER = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def ends(pid: int, seconds: float) -> bool:
    """Whether the process ends in time; one that only waits to be collected has ended."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.01)
    return False


def test_output_and_exit_code(tmp_path: Path) -> None:
    code = "import sys; print(sys.stdin.read().upper()); sys.stderr.write('e'); sys.exit(3)"
    result = asyncio.run(
        run_quietly([sys.executable, "-c", code], dict(os.environ), tmp_path, "hello")
    )
    assert result == (3, "HELLO\n", "e")


def test_a_screen_is_a_terminal_and_its_output_is_complete(tmp_path: Path) -> None:
    code = "import sys; assert sys.stderr.isatty(); print('x' * 200_000 + 'end'); sys.exit(4)"
    seen: list[str] = []
    command = [sys.executable, "-c", code]
    result = asyncio.run(run_on_screen(command, dict(os.environ), tmp_path, seen.append))
    assert result == 4
    assert "".join(seen).strip().endswith("xend")
    assert len("".join(seen)) > 200_000


@pytest.mark.parametrize("on_screen", [True, False])
def test_cancelling_ends_the_whole_group(tmp_path: Path, on_screen: bool) -> None:
    pids: list[int] = []
    known = set(psutil.Process().children(recursive=True))
    before = set(os.listdir("/proc/self/fd"))

    async def main() -> None:
        started = asyncio.Event()

        def on_output(text: str) -> None:
            pids.append(int(text))
            started.set()

        command = [sys.executable, "-c", SLEEPER]
        env = dict(os.environ)
        if on_screen:
            task = asyncio.create_task(run_on_screen(command, env, tmp_path, on_output))
            await started.wait()
        else:
            task = asyncio.create_task(run_quietly(command, env, tmp_path))  # type: ignore[arg-type]
            while len(family := set(psutil.Process().children(recursive=True)) - known) < 2:
                await asyncio.sleep(0.01)
            pids.extend(child.pid for child in family)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 10)

    asyncio.run(main())
    for pid in pids:
        assert ends(pid, 1)
    assert set(os.listdir("/proc/self/fd")) <= before


def test_children_die_with_a_killed_parent(tmp_path: Path) -> None:
    program = f"""
import asyncio, os, pathlib, sys
from imjoy.envs.children import run_on_screen
command = [sys.executable, "-c", "import os, time; print(os.getpid()); time.sleep(60)"]
def say(text): print(text.strip(), flush=True)
asyncio.run(run_on_screen(command, dict(os.environ), pathlib.Path({str(tmp_path)!r}), say))
"""
    env = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=env)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    assert ends(child, 5)
