"""The process that ends what a killed engine leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from imjoy.engine import guardian as guardian_module
from imjoy.engine.guardian import Guardian


def sleeper() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    return subprocess.Popen(command, start_new_session=True)


def test_it_kills_the_groups_that_are_left_when_its_input_ends() -> None:
    left, ended, other = sleeper(), sleeper(), sleeper()
    guardian = Guardian()
    try:
        guardian.add(left.pid)
        guardian.add(ended.pid)
        guardian.remove(ended.pid)
        process = guardian._process
        assert process is not None
        assert process.stdin is not None
        process.stdin.close()  # as when the engine is killed
        assert process.wait(5) == 0
        assert left.wait(5) == -signal.SIGKILL
        assert ended.poll() is None
        assert other.poll() is None
    finally:
        for child in (left, ended, other):
            child.kill()
            child.wait()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
def test_it_finds_what_has_left_its_group_by_the_mark() -> None:
    guardian = Guardian()
    command = ["sleep", "60"]
    environment = {**os.environ, "IMJOY_WORKER": f"{guardian.mark}-1"}
    worker, other = sleeper(), subprocess.Popen(command, start_new_session=True)
    left = subprocess.Popen(command, start_new_session=True, env=environment)
    try:
        guardian.add(worker.pid)
        process = guardian._process
        assert process is not None and process.stdin is not None
        process.stdin.close()
        assert left.wait(5) == -signal.SIGKILL
        assert process.wait(5) == 0
        assert other.poll() is None
    finally:
        for child in (worker, left, other):
            child.kill()
            child.wait()


def test_closing_kills_nobody() -> None:
    child = sleeper()
    guardian = Guardian()
    guardian.add(child.pid)
    process = guardian._process
    guardian.close()
    guardian.close()
    assert process is not None
    assert process.returncode == 0
    time.sleep(0.05)
    assert child.poll() is None
    child.kill()
    child.wait()


def test_it_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guardian_module, "SHELL", "/nosuch/sh")
    guardian = Guardian()
    guardian.add(os.getpid())
    guardian.remove(os.getpid())
    guardian.close()


def test_it_may_go_first() -> None:
    guardian = Guardian()
    guardian.add(2**22 + 1)
    assert guardian._process is not None
    guardian._process.kill()
    guardian._process.wait()
    guardian.add(2**22 + 2)
    guardian.close()
