"""Locks between processes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from imjoy.envs.folder_lock import FolderLock

HOLD = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print('held', flush=True); sys.stdin.read()"


def hold(path: Path) -> subprocess.Popen[bytes]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    return holder


def test_only_one_holds_it(tmp_path: Path) -> None:
    one, two = FolderLock(tmp_path / "a"), FolderLock(tmp_path / "a")
    assert one.try_acquire()
    assert not two.try_acquire()
    one.release()
    one.release()
    assert two.try_acquire()
    two.release()


def test_it_is_free_when_its_holder_is_killed(tmp_path: Path) -> None:
    holder = hold(tmp_path / "a")
    waits = []

    async def take() -> None:
        def on_wait() -> None:
            waits.append(1)
            holder.kill()

        async with FolderLock(tmp_path / "a", on_wait) as held:
            os.fstat(held.descriptor)

    asyncio.run(asyncio.wait_for(take(), 10))
    assert waits
    holder.communicate()
