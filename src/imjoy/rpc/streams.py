"""Iterators of one peer that another one consumes: a few items at a time, as it asks for them."""

from __future__ import annotations

import asyncio
import time
from collections import abc, deque
from typing import Any, Callable, Deque, Dict, Iterator, Optional

from imjoy.errors import ProtocolError
from imjoy.rpc.remote import RemoteFunction
from imjoy.rpc.result import RemoteResult

__all__ = ["RemoteStream", "pull_from"]

# A batch is sent when it has this many bytes or took this long, however few items are in it.
BATCH_BYTES = 1 << 20
BATCH_SECONDS = 0.02
FIRST_CREDIT, MOST_CREDIT = 4, 256

Batch = Dict[str, Any]


def pull_from(iterator: Any) -> Callable[[int], Any]:
    """The function that a consumer calls with the number of items it can take; 0 ends the stream."""
    if isinstance(iterator, abc.AsyncIterator):
        return _AsyncSource(iterator).pull
    return _Source(iterator).pull


class _Source:
    """An iterator; what it takes its time for is sent as it comes."""

    def __init__(self, iterator: Iterator[Any]) -> None:
        self._iterator = iterator

    def pull(self, credit: int) -> Batch:
        items: list[Any] = []
        if credit <= 0:
            close = getattr(self._iterator, "close", None)
            if close is not None:
                close()
            return {"items": items, "done": True}
        began, size = time.monotonic(), 0
        while len(items) < credit and size < BATCH_BYTES:
            try:
                item = next(self._iterator)
            except StopIteration:
                return {"items": items, "done": True}
            items.append(item)
            size += _bytes_of(item)
            if time.monotonic() - began > BATCH_SECONDS:
                break
        return {"items": items, "done": False}


class _AsyncSource:
    """An asynchronous iterator; an item that is not there yet waits for the next batch."""

    def __init__(self, iterator: abc.AsyncIterator[Any]) -> None:
        self._iterator = iterator
        self._next: Optional[asyncio.Future[Any]] = None

    async def pull(self, credit: int) -> Batch:
        items: list[Any] = []
        if credit <= 0:
            await self._close()
            return {"items": items, "done": True}
        began, size = time.monotonic(), 0
        while len(items) < credit and size < BATCH_BYTES:
            if self._next is None:
                self._next = asyncio.ensure_future(_next_of(self._iterator))
            if not items:
                await asyncio.wait([self._next])
            elif not self._next.done():
                await asyncio.sleep(0)
                if not self._next.done() or time.monotonic() - began > BATCH_SECONDS:
                    break
            if items and self._failed(self._next):
                break  # what came before the error is sent first
            ready, self._next = self._next, None
            try:
                items.append(ready.result())
            except StopAsyncIteration:
                return {"items": items, "done": True}
            size += _bytes_of(items[-1])
        return {"items": items, "done": False}

    @staticmethod
    def _failed(future: asyncio.Future[Any]) -> bool:
        error = None if future.cancelled() else future.exception()
        return error is not None and not isinstance(error, StopAsyncIteration)

    async def _close(self) -> None:
        if self._next is not None:
            self._next.cancel()
            await asyncio.wait([self._next])
            self._next = None
        close = getattr(self._iterator, "aclose", None)
        if close is not None:
            await close()


class RemoteStream(abc.AsyncIterator):  # type: ignore[type-arg]  # it takes none in Python 3.7
    """A stream of another peer: `async for` in a coroutine, `for` in a thread without a loop.

    While a batch is consumed the next one is under way, and no more than that.
    """

    def __init__(self, pull: RemoteFunction) -> None:
        # The function that gives the items; a stream that is passed on is this one.
        self.pull = pull
        self._items: Deque[Any] = deque()
        self._coming: Optional[RemoteResult] = None
        self._credit = FIRST_CREDIT
        self._done = False

    def __aiter__(self) -> RemoteStream:
        return self

    async def __anext__(self) -> Any:
        while not self._items:
            if self._done:
                raise StopAsyncIteration
            coming = self._request()
            try:
                self._take(await coming)
            except Exception:
                self._done = True
                raise
        return self._items.popleft()

    def __iter__(self) -> RemoteStream:
        return self

    def __next__(self) -> Any:
        while not self._items:
            if self._done:
                raise StopIteration
            coming = self._request()
            try:
                self._take(coming.result())
            except Exception:
                self._done = True
                raise
        return self._items.popleft()

    async def aclose(self) -> None:
        """Tells the other side that nothing more is wanted."""
        ended, self._done = self._done, True
        self._items.clear()
        if not ended:
            await self.pull(0)

    def _request(self) -> RemoteResult:
        if self._coming is None:
            self._coming = self.pull(self._credit)
            self._credit = min(2 * self._credit, MOST_CREDIT)
        return self._coming

    def _take(self, batch: Any) -> None:
        self._coming = None
        items = batch.get("items") if isinstance(batch, dict) else None
        if not isinstance(items, list) or len(items) > MOST_CREDIT:
            raise ProtocolError("A message is not well formed: a batch of a stream has no items.")
        self._items.extend(items)
        self._done = bool(batch.get("done"))
        if not self._done:
            self._request()


async def _next_of(iterator: abc.AsyncIterator[Any]) -> Any:
    return await iterator.__anext__()


def _bytes_of(item: Any) -> int:
    size = getattr(item, "nbytes", None)
    if isinstance(size, int):
        return size
    return len(item) if isinstance(item, (bytes, bytearray, str)) else 64
