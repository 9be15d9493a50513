"""Keeps the last output of a plugin and forwards as much as a page can take."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

KEPT_BYTES = 1024 * 1024
BATCH_BYTES = 32 * 1024
BATCH_LINES = 200
LAST_BYTES = 4 * 1024  # of what was left out, the end is shown all the same
LINE_BYTES = 16 * 1024
BATCHES_PER_SECOND = 10
# As in "WARNING:root:text", "2026-01-01 12:00:00 - ERROR - text" and "DeprecationWarning: text".
LEVEL = re.compile(
    r"\b(DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL|[A-Za-z]+Warning)\b\s*[:\])|-]"
)
LEVEL_WITHIN = 200
LEVELS = {"debug": "debug", "info": "info", "error": "error", "critical": "error", "fatal": "error"}


class Block(NamedTuple):
    """Whole lines of one stream, as they were read."""

    time: float
    stream: str
    level: str
    data: bytes

    def lines(self) -> list[dict[str, Any]]:
        texts = [_text(line) for line in self.data.removesuffix(b"\n").split(b"\n")]
        levels = [self.level] * len(texts)
        if self.stream == "stderr":
            levels = levels_of(texts)
        return [
            {"time": self.time, "stream": self.stream, "level": level, "text": text}
            for level, text in zip(levels, texts, strict=True)
        ]


def levels_of(texts: list[str]) -> list[str]:
    """What each line of error output is, by the words that Python and its logging begin it with.

    A traceback is an error to its last line, which names the exception.
    """
    levels, in_traceback = [], False
    for text in texts:
        if text.startswith("Traceback (most recent call last)"):
            in_traceback = True
        found = LEVEL.search(text[:LEVEL_WITHIN])
        word = found[1].lower() if found else ""
        levels.append("error" if in_traceback else LEVELS.get(word, "warning" if word else "info"))
        if in_traceback and text and not text.startswith((" ", "Traceback")):
            in_traceback = False
    return levels


class OutputLog:
    """The output of one plugin. Feed it bytes; `take` gives the lines for the next batch.

    Memory is bounded whatever is fed: 1 MiB of kept output, one batch and a part of a line for
    each stream.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._blocks: deque[Block] = deque()
        self._size = 0
        self._parts: dict[str, bytes] = {}
        self._batch: list[Block] = []
        self._batch_bytes = 0
        self._batch_lines = 0
        self._left_out = 0
        self._last: Block | None = None

    def feed(self, stream: str, data: bytes) -> None:
        """Take bytes that the plugin wrote to "stdout" or "stderr"."""
        head, newline, tail = data.rpartition(b"\n")
        part = self._parts.get(stream, b"")
        if not newline:
            part += tail
            self._parts[stream] = b"" if len(part) > LINE_BYTES else part
            if len(part) > LINE_BYTES:
                self._add(Block(self._now(), stream, "info", part + b"\n"))
            return
        self._parts[stream] = tail
        self._add(Block(self._now(), stream, "info", part + head + newline))

    def say(self, level: str, text: str) -> None:
        """Add a line of the engine's own."""
        self._add(Block(self._now(), "engine", level, text.encode() + b"\n"))

    def end(self) -> None:
        """The plugin has ended: lines without an end are complete now."""
        for stream, part in self._parts.items():
            if part:
                self._add(Block(self._now(), stream, "info", part + b"\n"))
        self._parts.clear()

    @property
    def has_batch(self) -> bool:
        return bool(self._batch or self._left_out)

    def take(self) -> list[dict[str, Any]]:
        """The lines to forward now: those that fit, a mark for those that did not, and the last."""
        lines = [line for block in self._batch for line in block.lines()]
        if self._last is not None:
            last = self._last.lines()
            count = self._left_out - len(last)
            if count > 0:
                text = f"{count:,} lines were left out here."
                lines += Block(self._last.time, "engine", "warning", text.encode()).lines()
            lines += last
        self._batch, self._last = [], None
        self._batch_bytes = self._batch_lines = self._left_out = 0
        return lines

    def kept(self) -> list[dict[str, Any]]:
        """All lines that are still kept, oldest first."""
        return [line for block in self._blocks for line in block.lines()]

    def tail(self, count: int = 20) -> list[str]:
        """The last lines of the plugin's own output."""
        lines: list[str] = []
        for block in reversed(self._blocks):
            if block.stream != "engine":
                lines = [line["text"] for line in block.lines()] + lines
            if len(lines) >= count:
                break
        return lines[-count:]

    def _add(self, block: Block) -> None:
        self._keep(block)
        count = block.data.count(b"\n")
        fits = (
            self._last is None
            and self._batch_bytes + len(block.data) <= BATCH_BYTES
            and self._batch_lines + count <= BATCH_LINES
        )
        if fits:
            self._batch.append(block)
            self._batch_bytes += len(block.data)
            self._batch_lines += count
        else:
            self._left_out += count
            self._last = block._replace(data=_end_of(block.data, LAST_BYTES))

    def _keep(self, block: Block) -> None:
        block = block._replace(data=_end_of(block.data, KEPT_BYTES))
        self._blocks.append(block)
        self._size += len(block.data)
        while self._size > KEPT_BYTES and len(self._blocks) > 1:
            self._size -= len(self._blocks.popleft().data)


def _end_of(data: bytes, size: int) -> bytes:
    """The last whole lines of at most `size` bytes, or the end of the last line."""
    if len(data) <= size:
        return data
    end = data[-size:]
    return end.partition(b"\n")[2] or end


def _text(line: bytes) -> str:
    """A line as a terminal would show it: what follows the last carriage return."""
    shown = line.removesuffix(b"\r").rpartition(b"\r")[2]
    return shown[:LINE_BYTES].decode("utf-8", "replace")
