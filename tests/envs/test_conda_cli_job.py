"""Conda packages by the conda program of the user, when the engine has no part of its own for them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from imjoy.envs import conda as conda_module
from imjoy.envs.conda import CLI_JOB, RUN_JOB, find_program
from imjoy.envs.exported import read_lock_files, write_lock_files
from imjoy.envs.manager import EnvManager
from imjoy.envs.progress import Reporter
from imjoy.envs.store import Environment, EnvStore
from imjoy.errors import EnvError

from .conftest import LocalIndex

STAND_IN = Path(__file__).resolve().parents[1] / "conda_program.py"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `conda` on the path, and no library."""
    folder = tmp_path / "programs"
    folder.mkdir()
    conda = folder / "conda"
    conda.write_text(f'#!/bin/sh\nexec {sys.executable} {STAND_IN} "$@"\n')
    conda.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("STAND_IN_CACHE", str(tmp_path / "conda-cache"))
    for name in ("CONDA_EXE", "MAMBA_EXE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(conda_module, "find_spec", lambda name: None)
    return conda


def ensure(home: Path, channel: str, *requirements: str) -> Environment:
    store = EnvStore(home, [channel])
    return asyncio.run(store.ensure(store.parse(None, list(requirements))))


def test_an_environment_is_made_by_the_program_of_the_user(
    index: LocalIndex, home: Path, channel: str, program: Path, tmp_path: Path
) -> None:
    assert find_program() == str(program)
    index.add("tiny", "1.0")
    made = ensure(home, channel, "conda: measure-tool demo-lib<1.1", "tiny")
    folder = made.python.parents[1]
    out = subprocess.check_output([folder / "bin/measure-tool"], text=True)
    assert out == f"measured by {folder}/share/measure\n"
    code = "import demo_lib, tiny; print(demo_lib.answer(), tiny.version)"
    assert subprocess.check_output([made.python, "-c", code], text=True) == "41 1.0\n"
    assert os.listdir(home / "envs") == [made.key]
    assert ensure(home, channel, "conda: measure-tool demo-lib<1.1", "tiny").state == "reused"

    manager = EnvManager(EnvStore(home, [channel]))
    assert asyncio.run(manager.verify(made.key)).is_whole
    paths = write_lock_files(manager.store.envs.facts(made.key), tmp_path / "lock")
    assert "conda-packages.txt" in {path.name for path in paths}
    other = EnvStore(tmp_path / "other", [])

    async def install() -> str:
        lock = await read_lock_files(tmp_path / "lock", other.tools().conda)
        await other.install(lock, Reporter(None))
        return lock.key

    assert asyncio.run(install()) == made.key


@pytest.mark.parametrize(
    ("requirement", "code", "says"),
    [
        ("conda: no-such-package", "env.not_found", "no-such-package"),
        ("conda: demo-old demo-lib=1.1", "env.conflict", "demo-lib"),
    ],
)
def test_failures_of_the_program_are_explained(
    home: Path, channel: str, program: Path, requirement: str, code: str, says: str
) -> None:
    with pytest.raises(EnvError) as caught:
        ensure(home, channel, requirement)
    assert caught.value.code == code and says in caught.value.cause
    assert os.listdir(home / "envs") == []


def test_what_a_killed_program_left_is_swept_away(home: Path, channel: str, program: Path) -> None:
    made = ensure(home, channel, "conda: measure-tool")
    (made.python.parents[1] / "READY.json").unlink()
    assert EnvStore(home).envs.sweep() == 1
    assert os.listdir(home / "envs") == []
    assert ensure(home, channel, "conda: measure-tool").state == "built"


def test_the_program_dies_with_a_killed_job(tmp_path: Path) -> None:
    fake = tmp_path / "mamba"
    fake.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 60\n")
    fake.chmod(0o755)
    job = {"do": "solve", "program": str(fake), "specs": ["x"], "channels": [], "offline": False}
    process = subprocess.Popen(
        [sys.executable, "-c", RUN_JOB, str(CLI_JOB)], stdin=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(job))
    process.stdin.close()
    end = time.monotonic() + 20
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
        assert time.monotonic() < end
        time.sleep(0.01)
    program = psutil.Process(int((tmp_path / "pid").read_text()))
    process.kill()
    process.wait()
    with contextlib.suppress(psutil.NoSuchProcess):
        while program.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < end
            time.sleep(0.01)


def test_a_pixi_lock_needs_the_library(home: Path, program: Path) -> None:
    with pytest.raises(EnvError) as caught:
        asyncio.run(EnvStore(home).tools().conda.read("version: 6\n"))
    assert caught.value.code == "env.conda"


@pytest.mark.parametrize(
    ("said", "kind", "text"),
    [
        ('{"exception_name": "CondaHTTPError", "message": "HTTP 000"}', "CondaHTTPError", "failed"),
        (
            '{"success": false, "solver_problems": ["nothing provides x"]}',
            "SolverError",
            "provides",
        ),
        ("Segmentation fault", "Error", "Segmentation"),
    ],
)
def test_what_programs_say_is_understood(tmp_path: Path, said: str, kind: str, text: str) -> None:
    fake = tmp_path / "micromamba"
    fake.write_text(f"#!/bin/sh\necho '{said}'\nexit 1\n")
    fake.chmod(0o755)
    job = {"do": "solve", "program": str(fake), "specs": ["x"], "channels": [], "offline": False}
    done = subprocess.run(
        [sys.executable, "-c", RUN_JOB, str(CLI_JOB)],
        input=json.dumps(job), capture_output=True, text=True,
    )  # fmt: skip
    event = json.loads(done.stdout.splitlines()[-1])
    assert (event[0], event[1]) == ("failed", kind) and text in event[2]
