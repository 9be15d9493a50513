"""Starts and stops what is measured."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from pathlib import Path


class Engine:
    """A running engine; `seconds` is the time from the start of the process to its address."""

    def __init__(self, home: Path, cwd: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "imjoy", "--home", str(home), "--port", "0"]
        began = time.perf_counter()
        self.process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.link = ""
        for line in self.process.stdout:
            found = re.search(r"https?://\S+#code=\S+", line)
            if found:
                self.link = found[0]
                break
        self.seconds = time.perf_counter() - began
        assert self.link, "The engine did not start."

    def stop(self) -> None:
        stop(self.process)
        if self.process.stdout:
            self.process.stdout.close()


def stop(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, seconds: float = 20) -> float:
    """Seconds until something listens."""
    began = time.perf_counter()
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return time.perf_counter() - began
        except OSError:
            if time.perf_counter() - began > seconds:
                raise
            time.sleep(0.005)
