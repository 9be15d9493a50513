"""What workers use, children included."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from imjoy.engine.usage import Usage, memory_of, oom_kills, usage_of

FAMILY = """
import subprocess, sys
data = bytearray(50 << 20)
child = subprocess.Popen([sys.executable, "-c", "x = bytearray(80 << 20); print(1, flush=True); input()"],
                         stdin=subprocess.PIPE, start_new_session={apart})
print("ready", flush=True)
input()
"""


@pytest.mark.parametrize("apart", [False, True], ids=["in its session", "in one of its own"])
def test_a_session_is_counted_with_its_children_and_no_other(apart: bool) -> None:
    family = subprocess.Popen(
        [sys.executable, "-c", FAMILY.format(apart=apart)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert {family.stdout.readline().strip() for _ in range(2)} == {b"1", b"ready"}
        usage = usage_of([family.pid, 999_999_999])
        assert usage[999_999_999] == Usage()
        assert usage[family.pid].processes == 2 and family.pid in usage[family.pid].pids
        assert 130 << 20 < usage[family.pid].memory < 200 << 20
        assert usage[family.pid].cpu_seconds > 0 and usage[family.pid].threads >= 2
        assert 50 << 20 < memory_of(family.pid) < 80 << 20
    finally:
        os.killpg(family.pid, 9)
        family.communicate()
    until = time.monotonic() + 5
    while usage_of([family.pid])[family.pid] != Usage():
        assert time.monotonic() < until
    assert memory_of(family.pid) == 0


def test_the_count_of_the_system_is_a_number() -> None:
    assert oom_kills() >= 0
