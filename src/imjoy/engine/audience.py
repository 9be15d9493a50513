"""The pages that hear of one plugin: its output in batches, its progress and its end."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Iterator
from typing import Any

from imjoy.engine.log import BATCHES_PER_SECOND, OutputLog
from imjoy.rpc.remote import RemoteFunction

logger = logging.getLogger(__name__)

BATCHES_UNDER_WAY = 4


class Audience:
    """Functions of pages, by page, and the log of which they are told. None is waited for."""

    def __init__(self) -> None:
        self.log = OutputLog()
        self._pages: dict[str, dict[str, Any]] = {}
        self._flush: asyncio.TimerHandle | None = None
        self._batches = 0

    def __len__(self) -> int:
        return len(self._pages)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._pages))

    def __contains__(self, page: str) -> bool:
        return page in self._pages

    @property
    def newest(self) -> str | None:
        """The page that came last."""
        return next(reversed(self._pages), None)

    def add(self, page: str, callbacks: dict[str, Any]) -> None:
        """Tell this page, with these functions in place of earlier ones."""
        self._pages.pop(page, None)
        self._pages[page] = callbacks

    def remove(self, page: str) -> None:
        self._pages.pop(page, None)

    def output(self, stream: str, data: bytes) -> None:
        """Take what the plugin wrote."""
        self.log.feed(stream, data)
        self._plan_flush()

    def say(self, level: str, text: str) -> None:
        """Add a line of the engine's own to the log."""
        self.log.say(level, text)
        self._plan_flush()

    def progress(self, progress: dict[str, Any]) -> None:
        self.tell("on_progress", progress, lossy="progress")

    def end(self) -> None:
        """The process has ended: tell the rest of its output now."""
        self.log.end()
        self.stop_flushing()
        self._send_log()

    def tell(self, name: str, value: Any, lossy: str = "") -> list[asyncio.Future[Any]]:
        """Call a function of each page; a page that has gone needs no answer.

        `lossy`: of calls of this key that wait for a page, only the newest is sent.
        """
        told = [_call(page.get(name), value, lossy) for page in list(self._pages.values())]
        return [future for future in told if future is not None]

    def stop_flushing(self) -> None:
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None

    def _plan_flush(self) -> None:
        if self._flush is None and self.log.has_batch:
            loop = asyncio.get_running_loop()
            self._flush = loop.call_later(1 / BATCHES_PER_SECOND, self._on_flush)

    def _on_flush(self) -> None:
        self._flush = None
        if self._batches < BATCHES_UNDER_WAY:  # a page that is slow gets fewer, larger gaps
            self._send_log()
        self._plan_flush()

    def _send_log(self) -> None:
        lines = self.log.take()
        for future in self.tell("on_log", lines) if lines else ():
            self._batches += 1
            future.add_done_callback(self._batch_taken)

    def _batch_taken(self, _: Any) -> None:
        self._batches -= 1


def _call(function: Any, value: Any, lossy: str) -> asyncio.Future[Any] | None:
    if function is None:
        return None
    try:
        if lossy and isinstance(function, RemoteFunction):
            value = function.newest(lossy, value)
        else:
            value = function(value)
    except Exception:  # a wall: functions of others
        logger.exception("A function of the page failed")
        return None
    if not inspect.isawaitable(value):
        return None
    future = asyncio.ensure_future(value)
    future.add_done_callback(ignore_result)
    return future


def ignore_result(future: asyncio.Future[Any]) -> None:
    """For calls that nobody waits for."""
    if not future.cancelled() and future.exception() is not None:
        logger.debug("A call that nobody waits for has failed: %s", future.exception())
