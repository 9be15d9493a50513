"""Calls of others that run here: how they are started, cancelled and answered."""

from __future__ import annotations

import asyncio
import functools
import inspect
from typing import Any, Awaitable, Callable, Dict, List, Optional, Tuple

from imjoy.errors import CallCancelled, MethodNotFound
from imjoy.rpc.addresses import is_within
from imjoy.rpc.exports import ExportTable

__all__ = ["RunSync", "RunningCalls"]

RunSync = Callable[[Callable[..., Any], List[Any], Dict[str, Any]], Awaitable[Any]]
Answer = Callable[[Dict[str, Any], Any, Optional[BaseException]], None]
Stop = Callable[[], Any]
# What cannot be awaited, without looking closer.
_VALUES = frozenset({type(None), bool, int, float, str, bytes, list, dict, tuple})
CANCELLED = "The call was cancelled."


class RunningCalls:
    """Runs exported functions; `answer(header, value, error)` is called once for each call.

    Calls whose caller has gone are stopped and not answered. Used on the loop only.
    """

    def __init__(self, exports: ExportTable, run_sync: Optional[RunSync], answer: Answer) -> None:
        self._exports, self._run_sync, self._answer = exports, run_sync, answer
        self._stops: Dict[Tuple[str, str], Stop] = {}
        self._tasks: Dict[asyncio.Future[Any], None] = {}

    def __len__(self) -> int:
        return len(self._stops)

    def start(self, header: Dict[str, Any], args: List[Any], kwargs: Dict[str, Any]) -> None:
        """Runs the target of a `call` frame; one that is running already is not run again."""
        if (header["from"], header["id"]) in self._stops:
            return
        try:
            value = self._invoke(header, args, kwargs)
            awaitable = type(value) not in _VALUES and inspect.isawaitable(value)
        except Exception as error:  # noqa: BLE001  # a wall: code of a plugin
            self._answer(header, None, error)
            return
        except (SystemExit, KeyboardInterrupt) as error:
            self._answer(header, None, error)
            raise
        if awaitable:
            self._follow(header, value)
        else:
            self._answer(header, value, None)

    def cancel(self, header: Dict[str, Any]) -> None:
        """The caller is no longer interested."""
        stop = self._stops.get(_key(header))
        if stop is not None:
            stop()

    def stop_peer(self, root: str, but_its_own: bool = False) -> None:
        """Stops the calls of a peer, and of everything below it; they need no answer.

        `but_its_own`: only of what is below it.
        """
        for key in [key for key in list(self._stops) if is_within(key[0], root)]:
            if not (but_its_own and key[0] == root):
                self._stop(key)

    async def aclose(self) -> None:
        """Stops all calls and waits until they have ended."""
        for key in list(self._stops):
            self._stop(key)
        me = asyncio.current_task()
        tasks = [task for task in self._tasks if task is not me]
        if tasks:
            await asyncio.wait(tasks)

    def _stop(self, key: Tuple[str, str]) -> None:
        stop = self._stops.pop(key, None)
        if stop is not None:  # or it has ended in this moment, in another thread
            stop()

    def _invoke(self, header: Dict[str, Any], args: List[Any], kwargs: Dict[str, Any]) -> Any:
        export = self._exports.find(header["target"])
        if export is None:
            raise MethodNotFound(f'There is no function "{header["target"][:100]}" to call.')
        if export.with_caller:
            args = [header["from"], *args]
        if self._run_sync is None or inspect.iscoroutinefunction(export.function):
            return export.function(*args, **kwargs)
        return self._run_sync(export.function, args, kwargs)

    def _follow(self, header: Dict[str, Any], awaitable: Any) -> None:
        # The answer is given by a callback, because a task cancelled early runs no line of its own.
        task = asyncio.ensure_future(awaitable)
        on_cancel = getattr(awaitable, "on_cancel", None)
        self._stops[_key(header)] = on_cancel or task.cancel
        self._tasks[task] = None
        task.add_done_callback(functools.partial(self._ended, header))

    def _ended(self, header: Dict[str, Any], task: asyncio.Future[Any]) -> None:
        del self._tasks[task]
        error: Optional[BaseException]
        error = CallCancelled(CANCELLED) if task.cancelled() else task.exception()
        if self._stops.pop(_key(header), None) is None:
            return
        value = None if error is not None else task.result()
        if type(value) not in _VALUES and inspect.isawaitable(value):
            self._follow(header, value)
        else:
            self._answer(header, value, error)


def _key(header: Dict[str, Any]) -> Tuple[str, str]:
    return header["from"], header["id"]
