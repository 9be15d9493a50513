"""The result of a call that is on its way: to be awaited, followed by callbacks, or left alone."""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
import logging
from typing import Any, Callable, Generator, Optional, Union

__all__ = ["RemoteResult", "running_loop", "settled"]

logger = logging.getLogger(__name__)

AnyFuture = Union["asyncio.Future[Any]", "concurrent.futures.Future[Any]"]


def running_loop() -> Optional[asyncio.AbstractEventLoop]:
    """The event loop that runs in this thread, if any."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class RemoteResult:
    """The result of a call. The call is under way whether anybody waits for it or not.

    In a coroutine it is awaited; in a thread without an event loop, `result()` waits for it.
    A failure that nobody asks for is logged.
    """

    __slots__ = ("__weakref__", "_asked", "_future", "_loop", "_on_cancelled")

    def __init__(
        self,
        loop: Optional[asyncio.AbstractEventLoop],
        future: AnyFuture,
        on_cancelled: Optional[Callable[[], object]] = None,
    ) -> None:
        """`on_cancelled` is called when a future of the loop was cancelled through its result."""
        self._loop, self._future, self._on_cancelled = loop, future, on_cancelled
        self._asked = False

    def __await__(self) -> Generator[Any, None, Any]:
        self._asked = True
        future = self._future
        if isinstance(future, concurrent.futures.Future):
            future = asyncio.wrap_future(future)
        elif running_loop() is not self._loop:
            future = asyncio.wrap_future(self._from_outside())
        try:
            return (yield from future.__await__())
        except asyncio.CancelledError:
            if future is self._future and future.cancelled():
                self._tell_cancelled()
            raise

    async def __aenter__(self) -> Any:
        """`async with api.getPlugin(...) as plugin`: what is received is given back by itself."""
        return await self

    async def __aexit__(self, *_: Any) -> None:
        """There is nothing to do: references are counted."""

    def result(self, timeout: Optional[float] = None) -> Any:
        """Waits for the result in a thread; raises the error of the call, or TimeoutError.

        Raises RuntimeError on the event loop that the answer comes through: there use `await`.
        """
        self._asked = True
        if self._future.done():
            return self._future.result()
        if running_loop() is self._loop:
            raise RuntimeError("The result is not there yet. Use `await` to wait for it.")
        if isinstance(self._future, concurrent.futures.Future):
            return self._future.result(timeout)
        return self._from_outside().result(timeout)

    def done(self) -> bool:
        return self._future.done()

    def cancel(self) -> bool:
        """Tells the other side that nobody is interested any more."""
        self._asked = True
        if isinstance(self._future, concurrent.futures.Future) or running_loop() is self._loop:
            cancelled = self._future.cancel()
            if cancelled:
                self._tell_cancelled()
            return cancelled
        if self._loop is None or self._future.done():
            return False
        self._loop.call_soon_threadsafe(self.cancel)
        return True

    def cancel_soon(self) -> None:
        """As `cancel`, on the loop and later: for where memory is freed, at any line of any code."""
        self._asked = True
        if self._loop is not None and not self._future.done():
            try:
                self._loop.call_soon_threadsafe(self.cancel)
            except RuntimeError:
                pass  # the loop has ended, and with it the program or the plugin

    def _tell_cancelled(self) -> None:
        on_cancelled, self._on_cancelled = self._on_cancelled, None
        if on_cancelled is not None:
            on_cancelled()

    def then(
        self,
        on_value: Optional[Callable[[Any], Any]],
        on_error: Optional[Callable[[BaseException], Any]] = None,
    ) -> RemoteResult:
        """Calls `on_value` with the value when it comes; gives the result of that."""
        return self.follow(self._then(on_value, on_error))

    def catch(self, on_error: Callable[[BaseException], Any]) -> RemoteResult:
        """Calls `on_error` with the error if the call fails."""
        return self.then(None, on_error)

    def finally_(self, on_end: Callable[[], Any]) -> RemoteResult:
        """Calls `on_end` when the call has ended either way; the value or error stays."""
        return self.follow(self._finally(on_end))

    async def _then(
        self,
        on_value: Optional[Callable[[Any], Any]],
        on_error: Optional[Callable[[BaseException], Any]],
    ) -> Any:
        try:
            value = await self
        except Exception as error:  # it goes to the callback
            if on_error is None:
                raise
            return await _awaited(on_error(error))
        return value if on_value is None else await _awaited(on_value(value))

    async def _finally(self, on_end: Callable[[], Any]) -> Any:
        try:
            return await self
        finally:
            await _awaited(on_end())

    def follow(self, coroutine: Any) -> RemoteResult:
        """Runs a coroutine where the callbacks of this result run, whether anybody waits or not."""
        self._asked = True
        if running_loop() is not None:
            return RemoteResult(running_loop(), asyncio.ensure_future(coroutine))
        if self._loop is None or self._loop.is_closed():
            coroutine.close()
            return self
        return RemoteResult(self._loop, asyncio.run_coroutine_threadsafe(coroutine, self._loop))

    def _from_outside(self) -> concurrent.futures.Future[Any]:
        assert self._loop is not None, "an asyncio future belongs to a loop"
        return asyncio.run_coroutine_threadsafe(_awaited(self), self._loop)

    def __del__(self) -> None:
        if self._asked:
            return
        future = self._future
        if future.done():
            _log_failure(future)
        elif isinstance(future, concurrent.futures.Future):
            future.add_done_callback(_log_failure)
        elif self._loop is not None:
            try:
                self._loop.call_soon_threadsafe(future.add_done_callback, _log_failure)
            except RuntimeError:
                pass  # the loop has ended, and with it the program or the plugin


def settled(value: Any = None, error: Optional[Exception] = None) -> RemoteResult:
    """The result of what has been done here already."""
    future: concurrent.futures.Future[Any] = concurrent.futures.Future()
    if error is None:
        future.set_result(value)
    else:
        future.set_exception(error)
    return RemoteResult(None, future)


async def _awaited(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


def _log_failure(future: AnyFuture) -> None:
    if future.cancelled():
        return
    error = future.exception()
    if error is not None:
        logger.error("A call that nobody waits for has failed: %s", error)
