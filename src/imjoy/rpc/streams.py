"""Iterators of one peer that another one consumes: a few items at a time, as it asks for them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import abc, deque
from typing import Any, Callable, Deque, Dict, Iterator, List, Optional

from imjoy.errors import ProtocolError
from imjoy.rpc.remote import RemoteFunction
from imjoy.rpc.result import RemoteResult

__all__ = ["RemoteStream", "pull_from"]

# A batch is sent when it has this many bytes or took this long, however few items are in it.
BATCH_BYTES = 1 << 20
BATCH_SECONDS = 0.02
FIRST_CREDIT, MOST_CREDIT = 4, 256

_SMALL = frozenset({int, float, bool, type(None)})

Batch = Dict[str, Any]


def pull_from(iterator: Any) -> Callable[[int], Any]:
    """The function that a consumer calls with the number of items it can take; 0 ends the stream."""
    if isinstance(iterator, abc.AsyncIterator):
        return _AsyncSource(iterator).pull
    return _Source(iterator).pull


def take_back(pull: Any) -> Any:
    """The iterator behind a function of `pull_from` that came back; None when somebody has read."""
    source = getattr(pull, "__self__", None)
    if isinstance(source, (_Source, _AsyncSource)) and not source.is_begun:
        return source.iterator
    return None


class _Source:
    """An iterator; what it takes its time for is sent as it comes."""

    def __init__(self, iterator: Iterator[Any]) -> None:
        self.iterator = iterator
        self.is_begun = False
        self._error: Optional[Exception] = None

    def pull(self, credit: int) -> Batch:
        self.is_begun = True
        items: list[Any] = []
        if credit <= 0:
            close = getattr(self.iterator, "close", None)
            if close is not None:
                close()
            return {"items": items, "done": True}
        if self._error is not None:
            raise self._error
        began, size = time.monotonic(), 0
        while len(items) < credit and size < BATCH_BYTES:
            try:
                item = next(self.iterator)
            except StopIteration:
                return {"items": items, "done": True}
            except Exception as error:
                if not items:
                    raise
                self._error = error  # what came before it is sent first
                break
            items.append(item)
            size += _bytes_of(item)
            if time.monotonic() - began > BATCH_SECONDS:
                break
        return {"items": items, "done": False}


class _AsyncSource:
    """An asynchronous iterator; an item that is not there yet waits for the next batch."""

    def __init__(self, iterator: abc.AsyncIterator[Any]) -> None:
        self.iterator = iterator
        self.is_begun = False
        self._reading = _Reading(iterator)
        self._task: Optional[asyncio.Future[Any]] = None

    async def pull(self, credit: int) -> Batch:
        self.is_begun = True
        reading = self._reading
        if credit <= 0:
            await self._close()
            return {"items": [], "done": True}
        if self._task is None:
            reading.loop, reading.credit = asyncio.get_running_loop(), credit
            self._task = asyncio.ensure_future(reading.run())
        return await reading.take(credit)

    async def _close(self) -> None:
        if self._task is not None:
            self._reading.is_unwanted = True
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._reading.end()  # who was cancelled before its first step has not done it

    def __del__(self) -> None:
        loop = self._reading.loop
        if self._task is not None and loop is not None and not self._task.done():
            self._reading.is_unwanted = True
            try:
                loop.call_soon_threadsafe(self._task.cancel)
            except RuntimeError:
                pass  # the loop has ended, and with it the program or the plugin


class _Reading:
    """Reads an iterator as far ahead as its consumer has asked for.

    In one task from its beginning to its end, so that what it opens in one item and closes in
    another belongs to the same task, and nothing is made anew for each item.
    """

    def __init__(self, iterator: abc.AsyncIterator[Any]) -> None:
        self._iterator = iterator
        # The one on which it is asked for items first; it may be made in any thread.
        self.loop: Optional[asyncio.AbstractEventLoop] = None
        self.credit = 0
        self.is_unwanted = False  # its task is cancelled, as nobody wants more
        self._items: List[Any] = []
        self._size = 0
        self._ended = False
        self._error: Optional[Exception] = None
        # What waits: the consumer for an item, the reading for a consumer.
        self._consumer: Optional[asyncio.Future[None]] = None
        self._reader: Optional[asyncio.Future[None]] = None

    async def run(self) -> None:
        try:
            await self._read()
        except Exception as error:  # noqa: BLE001  # a wall: code of a plugin
            self._error = error
        except BaseException as error:
            if not self.is_unwanted:
                # Not itself, which would end the task or program of whoever asks for items.
                self._error = RuntimeError(f"The stream was ended by {type(error).__name__}.")
            raise
        finally:
            await self.end()

    async def take(self, credit: int) -> Batch:
        """The items that are there, at least one unless it has ended."""
        self.credit = credit
        _wake(self._reader)
        while not self._items and not self._ended:
            if self._consumer is None:
                self._consumer = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._consumer])
        items, self._items = self._items[:credit], self._items[credit:]
        self._size = 0
        if self._error is not None and not items:
            raise self._error  # what came before the error was sent first
        done = self._ended and self._error is None and not self._items
        return {"items": items, "done": done}

    async def end(self) -> None:
        """Tell who waits that nothing more comes, and close the iterator; once."""
        if self._ended:
            return
        self._ended = True
        _wake(self._consumer)
        close = getattr(self._iterator, "aclose", None)
        if close is not None:
            await close()

    async def _read(self) -> None:
        began = time.monotonic()
        async for item in self._iterator:
            self._items.append(item)
            self._size += _bytes_of(item)
            if self._consumer is not None:
                _wake(self._consumer)
                self._consumer = None
            while len(self._items) >= self.credit or self._size >= BATCH_BYTES:
                self._reader = asyncio.get_running_loop().create_future()
                await self._reader
                began = time.monotonic()
            if time.monotonic() - began > BATCH_SECONDS:
                await asyncio.sleep(0)
                began = time.monotonic()


def _wake(future: "Optional[asyncio.Future[None]]") -> None:
    if future is not None and not future.done():
        future.set_result(None)


class RemoteStream(abc.AsyncIterator):  # type: ignore[type-arg]  # it takes none in Python 3.7
    """A stream of another peer: `async for` in a coroutine, `for` in a thread without a loop.

    While a batch is consumed the next one is under way, and no more than that. Who gives up waiting
    for an item, as at a time limit, may ask again and has lost none.
    """

    def __init__(self, pull: RemoteFunction) -> None:
        # The function that gives the items; a stream that is passed on is this one.
        self.pull = pull
        self._items: Deque[Any] = deque()
        self._coming: Optional[RemoteResult] = None
        self._credit = FIRST_CREDIT
        self._done = False
        self._lock = threading.Lock()  # several threads may take items, one at a time

    def __aiter__(self) -> RemoteStream:
        return self

    async def __anext__(self) -> Any:
        while not self._items:
            if self._done:
                raise StopAsyncIteration
            coming = self._request()
            try:
                batch = await (coming if coming.done() else asyncio.shield(_value(coming)))
                self._take(coming, batch)
            except Exception:
                self._done = True
                raise
        return self._items.popleft()

    def __iter__(self) -> RemoteStream:
        return self

    def __next__(self) -> Any:
        with self._lock:
            while not self._items:
                if self._done:
                    raise StopIteration
                coming = self._request()
                try:
                    self._take(coming, coming.result())
                except Exception:
                    self._done = True
                    raise
            return self._items.popleft()

    async def aclose(self) -> None:
        """Tells the other side that nothing more is wanted."""
        ended, self._done = self._done, True
        self._coming = None
        self._items.clear()
        if not ended:
            await self.pull(0)

    def __del__(self) -> None:
        if self._coming is not None:
            self._coming.cancel_soon()  # so that code which is busy with the next items hears of it

    def _request(self) -> RemoteResult:
        if self._coming is None:
            self._coming = self.pull(self._credit)
            self._credit = min(2 * self._credit, MOST_CREDIT)
        return self._coming

    def _take(self, coming: RemoteResult, batch: Any) -> None:
        if coming is not self._coming:
            return  # another one who waited has taken it, or nothing more is wanted
        self._coming = None
        items = batch.get("items") if isinstance(batch, dict) else None
        if not isinstance(items, list) or len(items) > MOST_CREDIT:
            raise ProtocolError("A message is not well formed: a batch of a stream has no items.")
        self._items.extend(items)
        self._done = bool(batch.get("done"))
        if not self._done:
            self._request()


async def _value(result: RemoteResult) -> Any:
    return await result


def _bytes_of(item: Any) -> int:
    if type(item) in _SMALL:
        return 64
    size = getattr(item, "nbytes", None)
    if isinstance(size, int):
        return size
    return len(item) if isinstance(item, (bytes, bytearray, str)) else 64
