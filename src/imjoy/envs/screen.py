"""Reads the download and install bars that uv draws on a terminal. No input or output of its own."""

from __future__ import annotations

import re
from typing import NamedTuple

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
DOWNLOAD = re.compile(
    r"([A-Za-z0-9][\w.-]*)\s+-{20,}\s+([\d.]+) ([KMG]i)?B/([\d.]+) ([KMG]i)?B(?=[\s\r])"
)
INSTALL = re.compile(r"\[(\d+)/(\d+)\] ([A-Za-z0-9][\w.-]*)==")
PREPARED = re.compile(r"Prepared \d+ packages?")
SCALE = {None: 1, "Ki": 1024, "Mi": 1024**2, "Gi": 1024**3}
UNFINISHED = re.compile(r"\x1b(?:\[[0-9;?]*)?$")
LINE = re.compile(r"[\r\n]")
KEPT = 4000
TEXT_KEPT = 60_000


class Downloaded(NamedTuple):
    """A package's download: the part that has arrived, from 0 to 1, of about `size` bytes."""

    name: str
    fraction: float
    size: int


class Linked(NamedTuple):
    """Packages put into the environment so far."""

    done: int
    total: int
    name: str


class AllDownloaded(NamedTuple):
    """Every download has ended."""


Event = Downloaded | Linked | AllDownloaded


class Screen:
    """Feed it what uv wrote; it answers with the events that the text shows."""

    def __init__(self) -> None:
        self._escape = ""
        self._rest = ""
        self._text = ""

    def feed(self, data: str) -> list[Event]:
        data = self._escape + data
        unfinished = UNFINISHED.search(data)
        self._escape = unfinished[0] if unfinished else ""
        plain = ANSI.sub("", data[: len(data) - len(self._escape)])
        self._text = (self._text + plain)[-TEXT_KEPT:]
        text = self._rest + plain
        found: list[tuple[int, Event]] = []
        end = 0
        for match in DOWNLOAD.finditer(text):
            done = float(match[2]) * SCALE[match[3]]
            total = float(match[4]) * SCALE[match[5]]
            fraction = min(1.0, done / total) if total else 1.0
            found.append((match.start(), Downloaded(match[1].lower(), fraction, int(total))))
            end = max(end, match.end())
        for match in INSTALL.finditer(text):
            found.append((match.start(), Linked(int(match[1]), int(match[2]), match[3])))
            end = max(end, match.end())
        for match in PREPARED.finditer(text):
            found.append((match.start(), AllDownloaded()))
            end = max(end, match.end())
        self._rest = text[end:][-KEPT:]
        return [event for _, event in sorted(found, key=lambda pair: pair[0])]

    def message(self) -> str:
        """The lasting lines of the output: without bars and spinners."""
        lines = (line.rstrip() for line in LINE.split(self._text))
        return "\n".join(line for line in lines if line and not _is_drawing(line))


def _is_drawing(line: str) -> bool:
    return bool(re.match(r"[\u2800-\u28ff\u2588\u2591]", line)) or bool(re.search(r"-{20,}", line))
