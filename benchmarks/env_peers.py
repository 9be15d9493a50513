"""The programs that environments are compared with: bare uv, venv with pip, and Appose."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import peer_venvs
import psutil

UV = Path(sys.executable).with_name("uv")
PYTHON = "{}.{}".format(*sys.version_info[:2])


class BareUv:
    """`uv venv` and `uv pip install`, with a cache below `folder`."""

    name = "uv venv and uv pip install"

    def __init__(self, folder: Path) -> None:
        self.folder, self.cache = folder, folder / "cache"

    def commands(self, name: str, packages: list[str]) -> list[list[str]]:
        place = str(self.folder / name)
        python = str(self.folder / name / "bin" / "python")
        return [
            [str(UV), "venv", "-q", "--python", sys.executable, place],
            [str(UV), "pip", "install", "-q", "-p", python, *packages],
        ]

    def seconds(self, name: str, packages: list[str]) -> float:
        return _seconds(self.commands(name, packages), {"UV_CACHE_DIR": str(self.cache)})

    def seconds_to_stop(self, name: str, packages: list[str], after: float) -> float:
        """From the signal to the end, when it is stopped so long after its beginning."""
        command = self.commands(name, packages)
        return _seconds_to_stop(command, {"UV_CACHE_DIR": str(self.cache)}, after)


class Pip:
    """`python -m venv` and `pip install`, with a cache below `folder`."""

    name = "python -m venv and pip install"

    def __init__(self, folder: Path) -> None:
        self.folder, self.cache = folder, folder / "cache"

    def commands(self, name: str, packages: list[str]) -> list[list[str]]:
        python = str(self.folder / name / "bin" / "python")
        cache = f"--cache-dir={self.cache}"
        return [
            [sys.executable, "-m", "venv", str(self.folder / name)],
            [python, "-m", "pip", "install", "-q", cache, *packages],
        ]

    def seconds(self, name: str, packages: list[str]) -> float:
        return _seconds(self.commands(name, packages), {})

    def seconds_to_stop(self, name: str, packages: list[str], after: float) -> float:
        """As of BareUv; making the environment is not part of the time."""
        venv, install = self.commands(name, packages)
        subprocess.run(venv, check=True)
        return _seconds_to_stop([install], {}, after)


class Appose:
    """Its builder for uv, given our uv and a cache below `folder`."""

    name = "appose"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = peer_venvs.python_of("appose", "appose")
        tool = folder / ".uv" / "bin" / "uv"
        tool.parent.mkdir(parents=True)
        tool.symlink_to(UV)

    def seconds(self, name: str, packages: list[str]) -> float | None:
        """None when it cannot be installed here."""
        if self.python is None:
            return None
        command, env = self.command(name, packages), self.environment()
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
        return float(json.loads(done.stdout.strip().splitlines()[-1]))

    def seconds_to_stop(self, name: str, packages: list[str], after: float) -> float | None:
        """From an interrupt to the end of the uv that it has started, so long after this began.

        Its own program ends sooner, and uv goes on; the folder of the environment stays.
        """
        if self.python is None:
            return None
        command, env = self.command(name, packages), self.environment()
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, env=env, stdout=quiet, stderr=quiet)
        while not (self.folder / name).exists():
            time.sleep(0.01)
        time.sleep(after)
        started = psutil.Process(process.pid).children(recursive=True)
        began = time.perf_counter()
        process.send_signal(signal.SIGINT)
        process.wait()
        psutil.wait_procs(started)
        return time.perf_counter() - began

    def command(self, name: str, packages: list[str]) -> list[str]:
        script = Path(__file__).parent / "peers" / "appose_environment_peer.py"
        return [str(self.python), str(script), name, PYTHON, *packages]

    def environment(self) -> dict[str, str]:
        cache = str(self.folder / "cache")
        return {**os.environ, "APPOSE_ENVS_DIR": str(self.folder), "UV_CACHE_DIR": cache}


def _seconds(commands: list[list[str]], env: dict[str, str]) -> float:
    began = time.perf_counter()
    for command in commands:
        subprocess.run(command, check=True, env={**os.environ, **env}, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def _seconds_to_stop(commands: list[list[str]], env: dict[str, str], after: float) -> float:
    for command in commands[:-1]:
        subprocess.run(command, check=True, env={**os.environ, **env})
    process = subprocess.Popen(
        commands[-1],
        env={**os.environ, **env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(after)
    began = time.perf_counter()
    process.send_signal(signal.SIGINT)
    process.wait()
    return time.perf_counter() - began
