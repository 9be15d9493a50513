"""What a worker may use at most: what its manifest asks for, within what the user allows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import psutil

from imjoy.errors import ManifestError

UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
UNITS |= {f"{unit}i": 1024**power for power, unit in enumerate("kmgt", 1)}
SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?\s*", re.IGNORECASE)
GROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True)
class Limits:
    """Limits of one worker and all processes that it starts; None: there is none."""

    memory: int | None = None  # bytes
    cpu_time: int | None = None  # seconds of one process, in all
    call_time: float | None = None  # seconds of one call
    open_files: int | None = None  # of one process
    processes: int | None = 256

    def or_else(self, others: Limits) -> Limits:
        """The others, where this one says nothing."""
        return Limits(**{**asdict(others), **self.facts()})

    def within(self, others: Limits) -> Limits:
        """The lower one of each limit."""
        pairs = ((f.name, getattr(self, f.name), getattr(others, f.name)) for f in fields(self))
        lower = {
            name: min((v for v in (a, b) if v is not None), default=None) for name, a, b in pairs
        }
        return Limits(**lower)

    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


NAMES = tuple(field.name for field in fields(Limits))


def read_limits(given: Any, where: str) -> Limits:
    """The limits of an object like {"memory": "4 GB", "call_time": 60}. Raises ManifestError."""
    if given is None:
        return Limits(processes=None)
    if not isinstance(given, Mapping):
        raise _problem(where, "it is not an object with one value for each limit")
    found: dict[str, Any] = {"processes": None}
    for name, value in given.items():
        if name not in NAMES:
            raise _problem(where, f'"{name}" is not one of {", ".join(NAMES)}')
        number = _bytes(value) if name == "memory" else _number(value)
        if number is None or number <= 0:
            raise _problem(where, f"{name} is {value!r}, which is no amount above zero")
        found[name] = number if name == "call_time" else max(1, int(number))
    return Limits(**found)


def usual_limits() -> Limits:
    """What holds when nobody says otherwise: the memory is what keeps the machine usable."""
    return Limits(memory=int(machine_memory() * 0.9))


def machine_memory() -> int:
    """Bytes of memory that this engine and its workers can have at all."""
    total = int(psutil.virtual_memory().total)
    try:
        text = GROUP_LIMIT.read_text().strip()
    except OSError:
        return total
    return min(total, int(text)) if text.isdigit() else total


def _bytes(value: Any) -> float | None:
    if isinstance(value, str):
        match = SIZE.fullmatch(value)
        return float(match[1]) * UNITS[(match[2] or "").lower()] if match else None
    return _number(value)


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and value == value and value < 2**62 else None


def _problem(where: str, cause: str) -> ManifestError:
    remedy = f"Known limits are {', '.join(NAMES)}; memory may have a unit, as in 4 GB."
    return ManifestError(
        f"The limits of {where} cannot be read: {cause}. {remedy}",
        {"step": f"Reading the limits of {where}", "cause": f"{cause}.", "remedy": remedy},
    )
