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
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
ROWS, COLUMNS = 100, 200
CHUNK = 64 * 1024
END_OF_OUTPUT_SECONDS = 1.0
LONGEST_LINE = 64 * 1024 * 1024
ERRORS_KEPT = 64 * 1024  # the last of what a program says about its errors, which may be endless


def _die_with_parent_call() -> Callable[[], object] | None:
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))


die_with_parent = _die_with_parent_call()


async def run_quietly(
    command: Sequence[str], env: Mapping[str, str], cwd: Path, text: str = ""
) -> tuple[int, str, str]:
    """Run a command with `text` on its standard input; returns exit code, output, error output.

    Of each output the last 64 MB and 64 KB are kept.
    """
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
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    try:
        _, out, err = await asyncio.gather(
            _give(process.stdin, text),
            _last_of(process.stdout, LONGEST_LINE),
            _last_of(process.stderr, ERRORS_KEPT),
        )
        return await process.wait(), out, err
    except BaseException:
        await _kill(process)
        raise


async def run_by_lines(
    command: Sequence[str],
    env: Mapping[str, str],
    cwd: Path,
    text: str,
    on_line: Callable[[str], None],
    keep: Sequence[int] = (),
    longest: int = LONGEST_LINE,
) -> tuple[int, str]:
    """Run a command and hand each line of its output on as it comes; returns exit code, errors.

    A line that is longer than `longest` bytes is handed on in pieces, and of the errors the last
    64 KB are kept.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=env,
        cwd=cwd,
        start_new_session=True,
        preexec_fn=die_with_parent,
        pass_fds=tuple(keep),
    )
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    errors = asyncio.ensure_future(_last_of(process.stderr, ERRORS_KEPT))
    try:
        await _give(process.stdin, text)
        async for line in _lines_of(process.stdout, longest):
            on_line(line.decode(errors="replace"))
        return await process.wait(), await errors
    except BaseException:
        errors.cancel()
        await asyncio.wait([errors])
        await _kill(process)
        raise


async def _give(stream: asyncio.StreamWriter, text: str) -> None:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        stream.write(text.encode())
        await stream.drain()
    stream.close()


async def _last_of(stream: asyncio.StreamReader, size: int) -> str:
    """The end of an output, which may be endless."""
    kept = bytearray()
    while data := await stream.read(CHUNK):
        kept += data
        if len(kept) > 2 * size:
            del kept[:-size]
    return bytes(kept[-size:]).decode(errors="replace")


async def _lines_of(stream: asyncio.StreamReader, longest: int) -> AsyncIterator[bytes]:
    waiting = bytearray()
    while data := await stream.read(CHUNK):
        waiting += data
        *lines, rest = data.split(b"\n")
        if lines:
            lines[0] = bytes(waiting[: len(waiting) - len(data)]) + lines[0]
            waiting[:] = rest
            for line in lines:
                yield line + b"\n"
        elif len(waiting) > longest:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


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
    # It counts as ended only when its outputs are at their ends, so what is in them is taken out.
    outputs = [stream for stream in (process.stdout, process.stderr) if stream is not None]
    drains = [asyncio.ensure_future(_last_of(stream, 1)) for stream in outputs]
    ended = asyncio.ensure_future(process.wait())
    await asyncio.shield(asyncio.wait([ended], timeout=END_OF_OUTPUT_SECONDS))
    for future in (ended, *drains):
        future.cancel()


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
