"""The plugin's event loop: takes work from any thread, and reads the connection while it waits."""

from __future__ import annotations

import asyncio
import selectors
import threading
import time
from typing import Any, Callable, List, Optional

from imjoy.rpc.transports.busy_poll import SECONDS, Expectation, is_worthwhile, let_others
from imjoy.rpc.transports.turns import ReadingTurns

__all__ = ["PluginLoop"]

# In place of what a loop notes for its own files.
CONNECTION = None


class _Selector(selectors.DefaultSelector):
    """Waits as ever; what comes on the connection meanwhile is read at once, in this thread."""

    turns: Optional[ReadingTurns] = None
    is_reading = False

    def __init__(self) -> None:
        super().__init__()
        self._polls = is_worthwhile()
        self._expectation = Expectation()

    def select(self, timeout: Optional[float] = None) -> List[Any]:
        turns = self.turns
        if turns is None or (timeout is not None and timeout <= 0):
            events = super().select(timeout)
        else:
            turns.take()
            try:
                events = self._look(timeout) or super().select(timeout)
                if any(key.data is CONNECTION for key, _ in events):
                    self._expectation.came(time.perf_counter())
                    self._read(turns)
            finally:
                turns.give()
        return [event for event in events if event[0].data is not CONNECTION]

    def _look(self, timeout: Optional[float]) -> List[Any]:
        """Look for events for a moment, if that is likely to find some."""
        began = now = time.perf_counter()
        if not (self._expectation.sent(began) and self._polls):
            return []
        while now - began < (SECONDS if timeout is None else min(timeout, SECONDS)):
            events = super().select(0)
            if events:
                return events
            let_others()
            now = time.perf_counter()
        self._expectation.missed()
        return []

    def _read(self, turns: ReadingTurns) -> None:
        self.is_reading = True
        try:
            turns.read()
        finally:
            self.is_reading = False


class PluginLoop(asyncio.SelectorEventLoop):
    """May be given callbacks and tasks from any thread.

    While there is nothing for it to do its thread waits in `sleep`, which takes less than to run it.
    """

    thread: Optional[int] = None
    is_asleep = False

    def __init__(self) -> None:
        self._waits = _Selector()
        super().__init__(self._waits)
        self._own_files = len(self._waits.get_map())

    def hold_reading(self, holds: bool) -> None:
        """Read nowhere but here, also before it waits; or let the connection's thread read again."""
        turns = self._waits.turns
        if turns is not None:
            turns.take() if holds else turns.give()

    def read(self, turns: ReadingTurns) -> None:
        """Have the connection read here; from any thread."""
        self._waits.register(turns.transport.descriptor, selectors.EVENT_READ, CONNECTION)
        self._own_files += 1
        self._waits.turns = turns
        self._write_to_self()

    def call_soon(  # type: ignore[override]
        self, callback: Any, *args: Any, context: Any = None
    ) -> Any:
        if self.thread in (None, threading.get_ident()):
            return super().call_soon(callback, *args, context=context)
        return self.call_soon_threadsafe(callback, *args, context=context)

    @property
    def has_work(self) -> bool:
        """Whether it has to run; what only waits for other threads has not."""
        loop: Any = self
        has_files = len(self._waits.get_map()) > self._own_files
        return bool(loop._ready or loop._scheduled or has_files or loop._signal_handlers)

    def sleep(self, unless: Callable[[], object]) -> None:
        """Wait until somebody needs the thread."""
        self.is_asleep = True  # first, because others look at it last
        try:
            if not unless() and not self.has_work and self._waits.select():
                self._read_from_self()  # type: ignore[attr-defined]
        finally:
            self.is_asleep = False

    def wake(self) -> None:
        super()._write_to_self()  # type: ignore[misc]

    def _write_to_self(self) -> None:
        # What is read in this thread is looked at as soon as that is done.
        if not (self._waits.is_reading and self.thread == threading.get_ident()):
            self.wake()

    def _add_reader(self, *args: Any) -> Any:
        added = super()._add_reader(*args)  # type: ignore[misc]
        self._write_to_self()
        return added

    def _add_writer(self, *args: Any) -> Any:
        added = super()._add_writer(*args)  # type: ignore[misc]
        self._write_to_self()
        return added
