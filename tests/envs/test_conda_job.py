"""The child process for conda packages, run as the engine runs it."""

from __future__ import annotations

import json
import subprocess
import sys

from imjoy.envs.conda import JOB, RUN_JOB


def do(job: dict[str, object]) -> tuple[int, list[list[object]]]:
    command = [sys.executable, "-c", RUN_JOB, str(JOB)]
    done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_it_tells_what_the_machine_offers() -> None:
    code, events = do({"do": "machine"})
    assert code == 0 and events[-1][0] == "machine"
    assert any(name in ("__glibc", "__osx") for name, _ in events[-1][1])  # type: ignore[attr-defined]


def test_a_failure_is_an_event() -> None:
    code, [[kind, name, _]] = do({"do": "read", "lock": "not a lock"})
    assert (code, kind) == (1, "failed") and name
