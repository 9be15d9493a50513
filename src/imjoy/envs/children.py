"""Runs a program in a process group of its own that ends with this process or when cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
ROWS, COLUMNS = 100, 200
END_OF_OUTPUT_SECONDS = 1.0
LONGEST_LINE = 64 * 1024 * 1024


def _die_with_parent_call() -> Callable[[], object] | None:
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))


die_with_parent = _die_with_parent_call()


async def run_quietly(
    command: Sequence[str], env: Mapping[str, str], cwd: Path, text: str = ""
) -> tuple[int, str, str]:
    """Run a command with `text` on its standard input; returns exit code, output, error output."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=env,
        cwd=cwd,
        start_new_session=True,
        preexec_fn=die_with_parent,
    )
    try:
        out, err = await process.communicate(text.encode())
    except BaseException:
        await _kill(process)
        raise
    code = process.returncode if process.returncode is not None else -1
    return code, out.decode(errors="replace"), err.decode(errors="replace")


async def run_by_lines(
    command: Sequence[str],
    env: Mapping[str, str],
    cwd: Path,
    text: str,
    on_line: Callable[[str], None],
    keep: Sequence[int] = (),
) -> tuple[int, str]:
    """Run a command and hand each line of its output on as it comes; returns exit code, errors."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=env,
        cwd=cwd,
        limit=LONGEST_LINE,
        start_new_session=True,
        preexec_fn=die_with_parent,
        pass_fds=tuple(keep),
    )
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    errors = asyncio.ensure_future(process.stderr.read())
    try:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            process.stdin.write(text.encode())
            await process.stdin.drain()
        process.stdin.close()
        async for line in process.stdout:
            on_line(line.decode(errors="replace"))
        return await process.wait(), (await errors).decode(errors="replace")
    except BaseException:
        await _kill(process)
        raise
    finally:
        errors.cancel()


async def run_on_screen(
    command: Sequence[str],
    env: Mapping[str, str],
    cwd: Path,
    on_output: Callable[[str], None],
    keep: Sequence[int] = (),
) -> int:
    """Run a command on a pseudo terminal and hand its output on as it comes; returns exit code.

    `keep` are file descriptors that the child keeps open, such as the one of a lock.
    """
    screen, child_side = _open_terminal()
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=child_side,
            stderr=child_side,
            env=env,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=die_with_parent,
            pass_fds=tuple(keep),
        )
    except BaseException:
        os.close(screen)
        raise
    finally:
        os.close(child_side)
    reader = _ScreenReader(screen, on_output)
    try:
        code = await process.wait()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(reader.ended, END_OF_OUTPUT_SECONDS)
        return code
    except BaseException:
        await _kill(process)
        raise
    finally:
        reader.close()


def _open_terminal() -> tuple[int, int]:
    screen, child_side = pty.openpty()
    fcntl.ioctl(child_side, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    os.set_blocking(screen, False)
    return screen, child_side


async def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await asyncio.shield(process.wait())


class _ScreenReader:
    def __init__(self, screen: int, on_output: Callable[[str], None]) -> None:
        self.screen = screen
        self.on_output = on_output
        self.loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[None] = self.loop.create_future()
        self.loop.add_reader(screen, self.read)

    def read(self) -> None:
        try:
            data = os.read(self.screen, 65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self.on_output(data.decode(errors="replace"))
        else:
            self.loop.remove_reader(self.screen)
            if not self.ended.done():
                self.ended.set_result(None)

    def close(self) -> None:
        self.loop.remove_reader(self.screen)
        self.ended.cancel()
        os.close(self.screen)
