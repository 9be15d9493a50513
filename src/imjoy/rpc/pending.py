"""Calls that wait for their answer; each of them settles exactly once."""

from __future__ import annotations

import asyncio
import concurrent.futures
from typing import Any, Callable, Dict, List, Optional, Tuple

from imjoy.errors import ImJoyError, PeerGone, error_from_record
from imjoy.rpc.addresses import is_within
from imjoy.rpc.result import AnyFuture

__all__ = ["PendingCalls", "settle"]


# Python 3.7 has only the first one.
_ENDED = (
    asyncio.InvalidStateError,
    getattr(concurrent.futures, "InvalidStateError", asyncio.InvalidStateError),
)


# To whom, the future, and the timer of its limit.
Waiting = Tuple[str, AnyFuture, Optional[asyncio.TimerHandle]]


class PendingCalls:
    """The calls of one peer that are not answered yet; may be used from any thread."""

    def __init__(self) -> None:
        self._waiting: Dict[str, Waiting] = {}
        # Given up here, but not answered there: the answer may carry references to release.
        self._abandoned: Dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(
        self, call: str, to: str, future: AnyFuture, timer: Optional[asyncio.TimerHandle]
    ) -> None:
        self._waiting[call] = to, future, timer

    def callee_of(self, call: str) -> Optional[str]:
        """To whom a call went, if it is waiting or abandoned."""
        waiting = self._waiting.get(call)
        return self._abandoned.get(call) if waiting is None else waiting[0]

    def is_of_thread(self, call: str) -> bool:
        """Whether a thread waits for it, which may be told without the loop."""
        waiting = self._waiting.get(call)
        return waiting is not None and isinstance(waiting[1], concurrent.futures.Future)

    def take(self, call: str) -> Optional[AnyFuture]:
        """The future of a call that is answered now; None when nobody waits for it any more."""
        if self._abandoned:
            self._abandoned.pop(call, None)
        waiting = self._waiting.pop(call, None)
        if waiting is None:
            return None
        _, future, timer = waiting
        if timer is not None:
            timer.cancel()
        return future

    def abandon(self, call: str) -> Optional[AnyFuture]:
        """As `take`, but the answer is still to come."""
        to = self.callee_of(call)
        future = self.take(call)
        if to is not None:
            self._abandoned[call] = to
        return future

    def fail(self, concerns: Callable[[str], bool], reason: str, code: str = "") -> None:
        """Fails every call to the addresses that are concerned with PeerGone, or that code."""
        for call in [call for call, to in list(self._abandoned.items()) if concerns(to)]:
            self._abandoned.pop(call, None)
        waiting = list(self._waiting.items())
        gone: List[str] = [call for call, waits in waiting if concerns(waits[0])]
        for call in gone:
            settle(self.take(call), error=gone_error(reason, code))

    def fail_peer(self, root: str, reason: str, code: str = "") -> None:
        self.fail(lambda to: is_within(to, root), reason, code)


def gone_error(reason: str, code: str) -> ImJoyError:
    """The error of calls to a peer that has gone."""
    if not code:
        return PeerGone(reason)
    record = {"code": code, "name": "PeerGone", "message": reason}
    return error_from_record(record)


def settle(
    future: Optional[AnyFuture], value: Any = None, error: Optional[Exception] = None
) -> None:
    """Ends a future unless it has ended already."""
    if future is None or future.done():
        return
    try:
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(value)
    except _ENDED:
        pass  # a thread has cancelled it in this moment
