"""What the workers use now: memory, time of processors and number of processes, children included."""

from __future__ import annotations

import os
import sys
from collections.abc import Container, Iterable
from pathlib import Path
from typing import NamedTuple

import psutil

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
OWN = (b"RssAnon:", b"RssShmem:")  # and not what libraries share with others
OOM = b"oom_kill "


class Usage(NamedTuple):
    """Of one worker and the processes that it has started. Shared pages are counted for each."""

    memory: int = 0  # bytes
    cpu_seconds: float = 0.0
    processes: int = 0
    threads: int = 0
    pids: tuple[int, ...] = ()

    def plus(self, other: Usage) -> Usage:
        return Usage(
            self.memory + other.memory,
            self.cpu_seconds + other.cpu_seconds,
            self.processes + other.processes,
            self.threads + other.threads,
            self.pids + other.pids,
        )


def usage_of(sessions: Iterable[int]) -> dict[int, Usage]:
    """The usage of each session; a worker leads one. Children with sessions of their own count too."""
    if not sys.platform.startswith("linux"):
        return {session: _usage_of_tree(session) for session in sessions}
    found = dict.fromkeys(sessions, Usage())
    stats = {int(name): _stat(name) for name in os.listdir(PROC) if name.isdigit()}
    for pid, fields in stats.items():
        session = _session_of(pid, stats, found)
        if session is not None and fields[0] not in b"ZX":
            found[session] = found[session].plus(_usage_of(pid, fields))
    return found


def memory_of(pid: int) -> int:
    """Bytes that one process holds, arrays that it shares included; 0 when it has gone."""
    if not sys.platform.startswith("linux"):
        return _usage_of_tree(pid).memory
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            lines = [line.split() for line in file if line.startswith(OWN)]
    except OSError:
        return 0
    return sum(int(line[1]) for line in lines) * 1024


def oom_kills() -> int:
    """How often the system has ended a process because memory ran out."""
    try:
        with open("/proc/vmstat", "rb") as file:
            for line in file:
                if line.startswith(OOM):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0


def _stat(name: str) -> list[bytes]:
    """State, parent, group, session and so on of a process; empty when it has gone."""
    try:
        with open(f"/proc/{name}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return []


def _session_of(
    pid: int, stats: dict[int, list[bytes]], wanted: Container[int], depth: int = 32
) -> int | None:
    """Which of the wanted sessions a process, or the nearest of its ancestors, is in."""
    for _ in range(depth):
        fields = stats.get(pid)
        if not fields:
            return None
        if int(fields[3]) in wanted:
            return int(fields[3])
        pid = int(fields[1])
    return None


def _usage_of(pid: int, fields: list[bytes]) -> Usage:
    seconds = (int(fields[11]) + int(fields[12])) / TICKS
    return Usage(memory_of(pid), seconds, 1, int(fields[17]), (pid,))


def _usage_of_tree(pid: int) -> Usage:
    total = Usage()
    try:
        leader = psutil.Process(pid)
        for process in [leader, *leader.children(recursive=True)]:
            times = process.cpu_times()
            memory, seconds = process.memory_info().rss, times.user + times.system
            total = total.plus(Usage(memory, seconds, 1, process.num_threads(), (process.pid,)))
    except psutil.Error:
        pass
    return total
