"""An environment with numpy and tifffile: cold, warm and reused, against venv and pip."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from records import Record

from imjoy.envs import EnvSpec, EnvStore

PACKAGES = ["numpy", "tifffile"]


def measure() -> list[Record]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cold, warm, reused = ours(folder / "home")
        pip_cold, pip_warm = pip_times(folder)
    name = "python -m venv and pip install"
    return [
        Record("environment, cold", cold, pip_cold, f"{name}, empty cache", "s", 2, 1),
        Record("environment, packages known", warm, pip_warm, f"{name}, full cache", "s", 5, 1),
        Record("environment, reused", reused, pip_warm, f"{name}, full cache", "s", 50, 3),
    ]


def ours(home: Path) -> tuple[float, float, float]:
    cold = ensure(home)
    for kept in home.iterdir():
        if kept.name != "cache":
            shutil.rmtree(kept, ignore_errors=True)
    warm = ensure(home)
    return cold, warm, min(ensure(home) for _ in range(3))


def ensure(home: Path) -> float:
    home.mkdir(exist_ok=True)
    spec = EnvSpec.parse(None, PACKAGES)
    began = time.perf_counter()
    asyncio.run(EnvStore(home).ensure(spec))
    return time.perf_counter() - began


def pip_times(folder: Path) -> tuple[float, float]:
    cache = f"--cache-dir={folder / 'pip-cache'}"
    return pip_time(folder / "first", cache), pip_time(folder / "second", cache)


def pip_time(folder: Path, cache: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    command = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", cache, *PACKAGES]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began
