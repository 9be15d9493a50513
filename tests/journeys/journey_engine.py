"""A real engine in a process of its own, as a user starts it."""

from __future__ import annotations

import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

START_SECONDS = 60


class EngineProcess:
    """Runs `python -m imjoy` until `stop`; `output` holds what it printed."""

    def __init__(
        self,
        home: Path,
        *flags: str,
        port: int = 0,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
        prefix: Sequence[str] = (),
        wait: bool = True,
    ) -> None:
        self.home = home
        self.output: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._ended = False
        command = [sys.executable, "-m", "imjoy", "--home", str(home), "--port", str(port), *flags]
        self.process = subprocess.Popen(
            [*prefix, *command],
            cwd=cwd or home,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        threading.Thread(target=self._read, daemon=True).start()
        self.first_link = self._wait_for_link() if wait else ""

    @property
    def address(self) -> str:
        """The page without a code, such as http://127.0.0.1:8080/."""
        return self.first_link.split("#")[0]

    @property
    def token(self) -> str:
        return self._run("token")

    @property
    def text(self) -> str:
        return "\n".join(self.output)

    def link(self) -> str:
        """A fresh address that logs in once."""
        return self._run("link")

    def wait(self, seconds: float = 30) -> int:
        """The exit code, once it has ended."""
        code = self.process.wait(seconds)
        self._drain(5)
        return code

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._drain(5)
        if self.process.stdout:
            self.process.stdout.close()

    def _run(self, command: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "imjoy", command, "--home", str(self.home)],
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().splitlines()[-1]

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip())
        self._lines.put(None)

    def _wait_for_link(self) -> str:
        deadline = time.monotonic() + START_SECONDS
        while True:
            line = self._lines.get(timeout=max(0.1, deadline - time.monotonic()))
            assert line is not None, f"The engine ended: {self.text}"
            self.output.append(line)
            found = re.search(r"https?://\S+#code=\S+", line)
            if found:
                return found[0]

    def _drain(self, seconds: float) -> None:
        """Take over what was printed last, until the end of the output."""
        deadline = time.monotonic() + seconds
        while not self._ended and time.monotonic() < deadline:
            try:
                line = self._lines.get(timeout=0.5)
            except queue.Empty:
                continue
            if line is None:
                self._ended = True
            else:
                self.output.append(line)
