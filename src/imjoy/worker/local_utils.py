"""The functions of `api.utils` that work in the plugin's own process."""

from __future__ import annotations

import asyncio
import functools
from typing import Any, Callable, Optional

__all__ = ["debounce", "kill", "ndarray", "set_interval"]


def kill(process: Any) -> None:
    """End a process that the plugin has started with `subprocess`."""
    process.kill()
    process.wait()


def ndarray(data: Any, shape: Any = None, dtype: Any = None) -> Any:
    """A numpy array of data, with the given shape and dtype; needs numpy."""
    import numpy as np

    array = np.asarray(data, dtype=dtype)
    return array if shape is None else array.reshape(shape)


def debounce(seconds: float) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """A decorator: the function runs when it has not been called for that many seconds."""

    def decorate(function: Callable[..., Any]) -> Callable[..., None]:
        timer: Optional[asyncio.TimerHandle] = None

        @functools.wraps(function)
        def debounced(*args: Any, **kwargs: Any) -> None:
            nonlocal timer
            if timer is not None:
                timer.cancel()
            loop = asyncio.get_event_loop()
            timer = loop.call_later(seconds, lambda: _start(function(*args, **kwargs)))

        return debounced

    return decorate


def set_interval(function: Callable[..., Any], seconds: float) -> asyncio.Future[Any]:
    """Call a function again and again; cancel the returned task to stop."""

    async def repeat() -> None:
        while True:
            await asyncio.sleep(seconds)
            _start(function())

    return asyncio.ensure_future(repeat())


def _start(value: Any) -> None:
    if asyncio.iscoroutine(value):
        asyncio.ensure_future(value)
