"""The graphics processors of NVIDIA on this machine, who uses them, and which one a plugin gets."""

from __future__ import annotations

import asyncio
import shutil
import time
from typing import Any, NamedTuple

COMMAND = "nvidia-smi"
SECONDS = 5.0
KEPT_SECONDS = 2.0
FIELDS = "index,uuid,name,memory.total,memory.used,utilization.gpu,driver_version"
MB = 1024 * 1024


class Gpu(NamedTuple):
    """Memory in bytes, `load` in percent."""

    number: int
    uuid: str
    name: str
    memory: int
    memory_used: int
    load: float
    driver: str


class Gpus:
    """Asks the driver's own tool; a machine without it has no such processors."""

    def __init__(self) -> None:
        self._found: list[Gpu] = []
        self._used: dict[int, int] = {}
        self._asked = -KEPT_SECONDS
        self._lock = asyncio.Lock()

    async def list(self) -> list[Gpu]:
        """All of them, as they were within the last two seconds."""
        await self._refresh()
        return self._found

    async def memory_by_process(self) -> dict[int, int]:
        """Bytes of their memory, by the number of the process that uses it."""
        await self._refresh()
        return self._used

    async def _refresh(self) -> None:
        async with self._lock:
            if time.monotonic() - self._asked < KEPT_SECONDS or shutil.which(COMMAND) is None:
                return
            rows = await _ask(f"--query-gpu={FIELDS}")
            self._found = [gpu for row in rows if (gpu := _read(row)) is not None]
            used = await _ask("--query-compute-apps=pid,used_memory") if self._found else []
            self._used = {}
            for row in used:
                if len(row) == 2 and row[0].isdigit() and row[1].isdigit():
                    pid = int(row[0])
                    self._used[pid] = self._used.get(pid, 0) + int(row[1]) * MB
            self._asked = time.monotonic()


def choose(gpus: list[Gpu], options: dict[str, Any], taken: dict[int, int]) -> list[int]:
    """The processors for a plugin that asks with the options of GPUtil's `getAvailable`.

    `taken`: how many plugins have each of them already. Without one that fits the list is empty.
    """
    limit = _number(options.get("limit"), 1)
    most_load = _number(options.get("maxLoad"), 0.5) * 100
    most_memory = _number(options.get("maxMemory"), 0.5)
    excluded = {str(one) for one in options.get("excludeID") or ()}
    fitting = [
        gpu
        for gpu in gpus
        if str(gpu.number) not in excluded
        and gpu.load <= most_load
        and gpu.memory_used <= most_memory * gpu.memory
    ]
    keys = {
        "last": lambda gpu: (taken.get(gpu.number, 0), -gpu.number),
        "load": lambda gpu: (taken.get(gpu.number, 0), gpu.load),
        "memory": lambda gpu: (taken.get(gpu.number, 0), gpu.memory_used - gpu.memory),
    }
    order = keys.get(str(options.get("order")), lambda gpu: (taken.get(gpu.number, 0), gpu.number))
    return [gpu.number for gpu in sorted(fitting, key=order)[: int(limit)]]


def gpu_options(env: Any) -> dict[str, Any] | None:
    """The options of `{"type": "gputil", ...}` in the `env` of a manifest; None: there is none."""
    for entry in env if isinstance(env, (list, tuple)) else (env,):
        if isinstance(entry, dict) and entry.get("type") == "gputil":
            options = entry.get("options")
            return dict(options) if isinstance(options, dict) else {}
    return None


def _number(value: Any, otherwise: float) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
    return float(value) if is_number else otherwise


async def _ask(query: str) -> list[list[str]]:
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        query,
        "--format=csv,noheader,nounits",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()
        return []
    lines = output.decode("utf-8", "replace").splitlines() if process.returncode == 0 else []
    return [[field.strip() for field in line.split(",")] for line in lines]


def _read(row: list[str]) -> Gpu | None:
    try:
        index, uuid, name, total, used, load, driver = row
        memory, taken = int(total) * MB, int(used) * MB
        return Gpu(int(index), uuid, name, memory, taken, float(load), driver)
    except ValueError:
        return None
