"""How far the large arguments and results of calls have come."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

logger = logging.getLogger(__name__)

# `done` of `total` bytes of what is "sent" to the engine or "received" from it.
OnTransfer = Callable[[str, int, int], object]
_WAYS = {"call": "sent", "result": "received"}


class Transfers:
    """Tells who wants to know of it about the frames that travel in pieces."""

    def __init__(self) -> None:
        self._current: ContextVar[OnTransfer | None] = ContextVar("on_transfer", default=None)
        self._told: dict[str, OnTransfer] = {}

    @contextmanager
    def watch(self, told: OnTransfer) -> Iterator[None]:
        """Have `told` hear of the calls that are made within, by this task."""
        before = self._current.set(told)
        try:
            yield
        finally:
            self._current.reset(before)

    def sends(self, header: dict[str, Any]) -> None:
        """A frame is about to be sent."""
        told = self._current.get()
        if told is not None and header["type"] == "call":
            self._told[header["id"]] = told

    def moved(self, header: dict[str, Any], done: int, total: int) -> None:
        """So many bytes of a frame have arrived, here or there."""
        told, way = self._told.get(str(header.get("id"))), _WAYS.get(str(header.get("type")))
        if told is None or way is None:
            return
        try:
            told(way, done, total)
        except Exception:
            logger.exception("What follows a transfer failed, and is told no more")
            self._told.pop(header["id"], None)

    def takes(self, header: dict[str, Any]) -> None:
        """A frame has arrived whole; with an answer its call is over."""
        if self._told and header["type"] in ("result", "error"):
            self._told.pop(header["id"], None)

    def clear(self) -> None:
        """All calls are over."""
        self._told.clear()
