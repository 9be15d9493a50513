"""Worker processes: their environment and their end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from imjoy.engine.process import (
    MARK,
    OUT_OF_MEMORY,
    ProcessEnd,
    WorkerProcess,
    worker_environment,
)


def test_the_environment_of_a_worker() -> None:
    base = {
        "PATH": "/bin",
        "HOME": "/h",
        "PYTHONPATH": "x",
        "PYTHONHOME": "x",
        "PYTHONDONTWRITEBYTECODE": "1",
        "VIRTUAL_ENV": "x",
        "IMJOY_TOKEN": "secret",
        "IMJOY_BUSY_POLL": "0",
    }
    env = worker_environment(Path("/env/bin/python"), {"OMP_NUM_THREADS": "1"}, base)
    assert env["PATH"] == "/env/bin:/bin"
    assert env["HOME"] == "/h"
    assert env["OMP_NUM_THREADS"] == "1"
    assert env["IMJOY_BUSY_POLL"] == "0"
    assert "secret" not in str(env)
    assert not {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"} & set(env)


def test_reasons_say_what_happened() -> None:
    assert "exit code 3" in ProcessEnd(3, None).reason
    assert "SIGSEGV" in ProcessEnd(None, "SIGSEGV").reason
    assert "killed by another program or by the system" in ProcessEnd(None, "SIGKILL").reason
    assert "memory" in ProcessEnd(None, "SIGKILL", why=OUT_OF_MEMORY).reason


def spawn(folder: Path) -> tuple[list[tuple[str, bytes]], asyncio.Future[WorkerProcess]]:
    output: list[tuple[str, bytes]] = []
    process = WorkerProcess.spawn(
        Path(sys.executable),
        folder,
        dict(os.environ),
        on_frame=lambda frame: None,
        on_output=lambda stream, data: output.append((stream, data)),
    )
    return output, asyncio.ensure_future(process)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_process_is_noticed(tmp_path: Path, number: signal.Signals) -> None:
    async def main() -> None:
        _, starting = spawn(tmp_path)
        process = await starting
        await asyncio.sleep(0.3)
        os.kill(process.pid, number)
        end = await asyncio.wait_for(asyncio.shield(process.ended), 5)
        assert end == ProcessEnd(None, number.name, "signal")
        assert not Path(f"/proc/{process.pid}").exists()

    asyncio.run(main())


def test_stop(tmp_path: Path) -> None:
    async def main() -> None:
        _, starting = spawn(tmp_path)
        process = await starting
        end = await asyncio.wait_for(process.stop(), 5)
        assert end.signal == "SIGTERM"
        assert await process.stop() == end

    asyncio.run(main())


def test_a_python_that_cannot_start(tmp_path: Path) -> None:
    async def main() -> None:
        descriptors = len(os.listdir("/proc/self/fd"))
        with pytest.raises(OSError, match="nosuch"):
            await WorkerProcess.spawn(
                tmp_path / "nosuch", tmp_path, {}, lambda frame: None, lambda stream, data: None
            )
        assert len(os.listdir("/proc/self/fd")) == descriptors

    asyncio.run(main())


def test_the_output_of_a_process_that_fails_early(tmp_path: Path) -> None:
    async def main() -> None:
        output: list[tuple[str, bytes]] = []
        process = await WorkerProcess.spawn(
            Path(sys.executable),
            tmp_path,
            dict(os.environ, PYTHONHOME="/nonsense"),
            on_frame=lambda frame: None,
            on_output=lambda stream, data: output.append((stream, data)),
        )
        end = await asyncio.wait_for(process.ended, 10)
        assert end.code == 1
        assert b"encodings" in b"".join(data for _, data in output)

    asyncio.run(main())


def test_a_plugin_cannot_take_its_mark_away() -> None:
    variables = {MARK: "", "PATH": "/mine"}
    env = worker_environment(Path("/env/bin/python"), variables, {}, "mark of this worker")
    assert (env[MARK], env["PATH"]) == ("mark of this worker", "/mine")
