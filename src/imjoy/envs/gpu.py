"""Chooses builds by the graphics card of the computer, and says what was chosen and why."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from imjoy.package_index import plain_name

SECONDS = 5.0
DRIVER = Path("/proc/driver/nvidia")
CUDA = re.compile(r"CUDA Version: *([\d.]+)")
# Packages whose usual files hold code for NVIDIA cards, and which take gigabytes for it.
LARGE = ("torch", "tensorflow", "jax", "cupy", "triton")
# Packages that work with a card only -> the same for the processor.
FOR_CARDS = {"tensorflow-gpu": "tensorflow", "onnxruntime-gpu": "onnxruntime"}
NAME = re.compile(r"[A-Za-z0-9._-]*[A-Za-z0-9]")
SAME_SINCE = re.compile(r"(?:==|>=|~=)(?:2\.[1-9]|[3-9])")


@dataclass(frozen=True)
class Gpu:
    """An NVIDIA card: its name, its driver, and the newest CUDA that the driver can do."""

    name: str
    driver: str
    cuda: str | None


def driver_version() -> str | None:
    """The version of the NVIDIA driver; None without a card that can be used. Starts no process."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return None
    try:
        text = (DRIVER / "version").read_text()
    except OSError:
        return None
    match = re.search(r"Kernel Module(?: for \S+)? +([\d.]+)", text)
    return match[1] if match else "unknown"


def find_gpu() -> Gpu | None:
    """The card of this computer; asks the driver's own program when a driver is there."""
    driver = driver_version()
    return None if driver is None else Gpu(_card(), driver, _cuda())


def choose_builds(packages: Sequence[str], driver: str | None) -> tuple[list[str], list[str]]:
    """The pip requirements that fit this computer, and notes on those that were changed."""
    chosen, notes = [], []
    for text in packages:
        match = NAME.match(text)
        name = plain_name(match[0]) if match else ""
        other = FOR_CARDS.get(name)
        merged = name == "tensorflow-gpu" and bool(SAME_SINCE.search(text))
        if match is None or other is None or (driver is not None and not merged):
            chosen.append(text)
            continue
        chosen.append(other + text[match.end() :])
        why = "it is the same package by now" if merged else "this computer has no NVIDIA card"
        notes.append(f'"{other}" is taken instead of "{name}": {why}.')
    return chosen, notes


def gpu_text(gpu: Gpu | None, packages: Iterable[str]) -> str:
    """What the card, or that there is none, means for these packages; empty when nothing."""
    there = set(packages)
    names = " and ".join([name for name in LARGE if name in there][:2])
    if not names:
        return ""
    if gpu is None:
        return f"This computer has no NVIDIA card that can be used: {names} will use the processor."
    cuda = f", CUDA up to {gpu.cuda}" if gpu.cuda else ""
    return f"{names} can use the {gpu.name} (driver {gpu.driver}{cuda})."


def _card() -> str:
    for file in sorted(DRIVER.glob("gpus/*/information")):
        match = re.search(r"Model:\s*(.+)", file.read_text())
        if match:
            return match[1].strip()
    return "NVIDIA card"


def _cuda() -> str | None:
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    try:
        done = subprocess.run([program], capture_output=True, text=True, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = CUDA.search(done.stdout)
    return match[1] if match else None
