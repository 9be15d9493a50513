"""One worker process: starts it, carries frames and output, notices its end, and ends it."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from imjoy import worker
from imjoy.engine.limits import Limits
from imjoy.protocol.frame import Frame
from imjoy.rpc.transports import busy_poll
from imjoy.rpc.transports.stream import StreamTransport

logger = logging.getLogger(__name__)

BOOT = Path(worker.__file__).with_name("boot.py")
PIPE_BYTES = 256 * 1024
END_OF_OUTPUT_SECONDS = 0.1
TERMINATE_SECONDS = 1.0
REMOVED = frozenset({"VIRTUAL_ENV", "CONDA_PREFIX", "__PYVENV_LAUNCHER__"})
REMOVED_PREFIXES = ("PYTHON", "IMJOY_")
F_SETPIPE_SZ = getattr(fcntl, "F_SETPIPE_SZ", None)

# The variable by which the processes of a worker are known, wherever they went.
MARK = "IMJOY_WORKER"

OnOutput = Callable[[str, bytes], None]


# What a signal says about its cause, in words.
MEANINGS = {
    "SIGKILL": "was killed by another program or by the system (SIGKILL)",
    "SIGSEGV": "crashed in compiled code (SIGSEGV)",
    "SIGBUS": "crashed in compiled code (SIGBUS)",
    "SIGILL": "used an instruction that this processor does not have (SIGILL)",
    "SIGFPE": "crashed in an arithmetic error of compiled code (SIGFPE)",
    "SIGABRT": "was aborted by one of its libraries (SIGABRT)",
    "SIGXCPU": "used all the time of processors that it is allowed (SIGXCPU)",
}
OUT_OF_MEMORY = (
    "The system ended its process (SIGKILL), because the memory of the computer ran out."
)


@dataclass(frozen=True)
class ProcessEnd:
    """How a process ended: its exit code, or the name of the signal that ended it.

    `cause` is one of exit, signal, memory, processes, cpu_time, stopped; `why` a sentence of who
    ended it.
    """

    code: int | None
    signal: str | None
    cause: str = ""
    why: str = ""

    @property
    def reason(self) -> str:
        if self.why:
            return self.why
        if self.signal:
            meaning = MEANINGS.get(self.signal, f"was ended by the signal {self.signal}")
            return f"Its process {meaning}."
        return f"Its process ended with exit code {self.code}."


def worker_environment(
    python: Path, variables: Mapping[str, str], base: Mapping[str, str], mark: str = ""
) -> dict[str, str]:
    """The engine's variables without what would bend the plugin's Python, or tell a secret.

    All processes that the worker starts can be told by the `mark`.
    """
    env = {
        key: value
        for key, value in base.items()
        if key == busy_poll.VARIABLE
        or (key not in REMOVED and not key.startswith(REMOVED_PREFIXES))
    }
    env["PATH"] = os.pathsep.join([str(python.parent), base.get("PATH", os.defpath)])
    env["PYTHONIOENCODING"] = "utf-8:backslashreplace"
    env.setdefault("MPLBACKEND", "Agg")
    env.update(variables)
    env[MARK] = mark  # last, because a plugin may not be without it
    return env


class WorkerProcess:
    """A running worker. `ended` gives its ProcessEnd; it is in a session of its own."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        transport: StreamTransport,
        outputs: list[_Pipe],
        mark: str = "",
    ) -> None:
        self._process, self._mark = process, mark
        self._blame = ("", "")
        self._transport = transport
        self._outputs = outputs
        self.pid = process.pid
        self.ended: asyncio.Task[ProcessEnd] = asyncio.create_task(self._wait())

    @classmethod
    async def spawn(
        cls,
        python: Path,
        folder: Path,
        env: Mapping[str, str],
        on_frame: Callable[[Frame], None],
        on_output: OnOutput,
        limits: Limits | None = None,
    ) -> WorkerProcess:
        """Start a worker; `on_output` gets "stdout" or "stderr" and bytes. Raises OSError."""
        ours, theirs = socket.socketpair()
        pipes: list[_Pipe] = []
        try:
            pipes += [_Pipe(name, on_output) for name in ("stdout", "stderr")]
            process = await asyncio.create_subprocess_exec(
                str(python),
                "-u",
                str(BOOT),
                "--fd",
                str(theirs.fileno()),
                *_limit_arguments(limits),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=pipes[0].write_end,
                stderr=pipes[1].write_end,
                env=dict(env),
                cwd=folder,
                start_new_session=True,
                pass_fds=(theirs.fileno(),),
            )
        except BaseException:
            ours.close()
            for pipe in pipes:
                pipe.close()
            raise
        finally:
            theirs.close()
            for pipe in pipes:
                pipe.close_write_end()
        transport = StreamTransport(
            ours, on_frame, lambda reason: None, shares=True, opens=False, polls=True
        )
        return cls(process, transport, pipes, env.get(MARK, ""))

    def send(self, frame: Frame) -> None:
        self._transport.send(frame)

    def hold(self, waits: bool) -> None:
        """Take no more frames from it, so that it has to wait, or go on."""
        if waits:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def interrupt(self) -> None:
        """Ask the plugin's main thread to give up what it does."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGINT)

    async def stop(self) -> ProcessEnd:
        """End it: SIGTERM, then SIGKILL for the whole session after a second."""
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(asyncio.shield(self.ended), TERMINATE_SECONDS)
        except asyncio.TimeoutError:
            self.kill()
        return await self.ended

    def kill(self, cause: str = "", why: str = "") -> None:
        """End it and its children at once; `cause` and `why` are for its ProcessEnd."""
        if not self._blame[0]:
            self._blame = cause, why
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    async def _wait(self) -> ProcessEnd:
        code = await self._process.wait()
        self.kill()  # children that it left behind
        self._transport.close()
        ends = [pipe.ended for pipe in self._outputs]
        await asyncio.wait(ends, timeout=END_OF_OUTPUT_SECONDS)
        for pipe in self._outputs:
            pipe.close()
        if self._mark:
            await asyncio.to_thread(kill_marked, self._mark)
        if code >= 0:
            return ProcessEnd(code, None, self._blame[0] or "exit", self._blame[1])
        name = _signal_name(-code)
        cause = self._blame[0] or ("cpu_time" if name == "SIGXCPU" else "signal")
        return ProcessEnd(None, name, cause, self._blame[1])


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _limit_arguments(limits: Limits | None) -> list[str]:
    """The limits that the system itself keeps; the worker sets them before it does anything."""
    if limits is None:
        return []
    kept = {"RLIMIT_CPU": limits.cpu_time, "RLIMIT_NOFILE": limits.open_files}
    return ["--limits", ",".join(f"{k}={v}" for k, v in kept.items() if v is not None)]


def kill_marked(mark: str) -> None:
    """End processes that left the worker's session and stayed behind (Linux)."""
    wanted = f"{MARK}={mark}".encode()
    for name in os.listdir("/proc") if sys.platform.startswith("linux") else ():
        if not name.isdigit():
            continue
        with contextlib.suppress(OSError):
            with open(f"/proc/{name}/environ", "rb") as file:
                if wanted in file.read().split(b"\0"):
                    os.kill(int(name), signal.SIGKILL)


class _Pipe:
    """An output of the worker, read as fast as it comes so that the plugin is never held up."""

    def __init__(self, name: str, on_output: OnOutput) -> None:
        self.name = name
        self.on_output = on_output
        self.loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[None] = self.loop.create_future()
        self.read_end, self.write_end = os.pipe()
        if F_SETPIPE_SZ is not None:
            with contextlib.suppress(OSError):
                fcntl.fcntl(self.read_end, F_SETPIPE_SZ, PIPE_BYTES)
        os.set_blocking(self.read_end, False)
        self.loop.add_reader(self.read_end, self.read)

    def read(self) -> None:
        try:
            data = os.read(self.read_end, PIPE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self.on_output(self.name, data)
        else:
            self.close()

    def close_write_end(self) -> None:
        if self.write_end >= 0:
            os.close(self.write_end)
            self.write_end = -1

    def close(self) -> None:
        if self.read_end >= 0:
            self.loop.remove_reader(self.read_end)
            os.close(self.read_end)
            self.read_end = -1
        if not self.ended.done():
            self.ended.set_result(None)
