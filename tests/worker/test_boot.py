"""What a plugin finds when its Python starts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from .harness import BOOT, RunningWorker, with_worker

LOOK = """
    import sys
    def run():
        return {"path": sys.path, "argv": sys.argv, "modules": sorted(sys.modules)}
    api.export(run)
"""


def test_the_workers_own_files_hide_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("value = 5")

    async def use(worker: RunningWorker) -> None:
        await worker.load(LOOK)
        seen = await worker.call("run")
        assert str(BOOT.parent) not in seen["path"]
        assert str(BOOT.parent.parent.parent) not in seen["path"]
        assert seen["path"][-1] == str(tmp_path)
        assert seen["argv"] == [""]
        for name in ("numpy", "psutil", "imjoy.engine", "imjoy.envs", "main", "api"):
            assert name not in seen["modules"]

    with_worker(tmp_path, use, os.path.realpath(sys.executable))


def test_files_of_the_working_folder_can_be_imported(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("value = 5")

    async def use(worker: RunningWorker) -> None:
        await worker.load("import mine\napi.export({'run': lambda: mine.value})")
        assert await worker.call("run") == 5

    with_worker(tmp_path, use)


def test_it_ends_with_a_killed_engine_even_when_python_cannot_run(tmp_path: Path) -> None:
    """The parent here is killed; the end of the socket that it held stays open in this test."""
    program = f"""
import os, socket, subprocess, sys
one, two = socket.socketpair()
child = subprocess.Popen([sys.executable, "-u", {str(BOOT)!r}, "--fd", str(two.fileno())],
                         pass_fds=[two.fileno()], start_new_session=True)
keeper = subprocess.Popen(["sleep", "20"], pass_fds=[one.fileno(), two.fileno()])
print(child.pid, keeper.pid, flush=True)
import time
time.sleep(60)
"""
    engine = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert engine.stdout is not None
    pid, keeper = map(int, engine.stdout.readline().split())
    time.sleep(0.3)  # long enough for its first lines; nothing tells when they have run
    engine.kill()
    engine.wait()
    engine.stdout.close()
    until = time.monotonic() + 5
    try:
        while _runs(pid):
            assert time.monotonic() < until
            time.sleep(0.01)
    finally:
        os.kill(keeper, signal.SIGKILL)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
