"""The table of functions that other peers may call, and who holds references to which of them."""

from __future__ import annotations

import threading
import types
from typing import Any, Callable, Dict, Hashable, NamedTuple, Optional

from imjoy.rpc.addresses import is_within, new_id

__all__ = ["Export", "ExportTable"]

Function = Callable[..., Any]


class Export(NamedTuple):
    """A function that others may call; `with_caller`: it gets the caller's address first."""

    function: Function
    with_caller: bool = False


class _Passed:
    def __init__(self, export: Export, key: Hashable) -> None:
        self.export, self.key = export, key
        self.counts: Dict[str, int] = {}


class ExportTable:
    """One flat table from target to function; may be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # code of users may run whenever memory is freed
        self._named: Dict[str, Export] = {}
        self._passed: Dict[str, _Passed] = {}
        self._targets: Dict[Hashable, str] = {}

    def __len__(self) -> int:
        """Number of functions that others hold references to."""
        return len(self._passed)

    def add(self, target: str, function: Function, with_caller: bool = False) -> None:
        self._named[target] = Export(function, with_caller)

    def remove(self, target: str) -> None:
        self._named.pop(target, None)

    def find(self, target: str) -> Optional[Export]:
        """Looks a target up by its exact name; nothing else is ever consulted."""
        named = self._named.get(target)
        if named is not None:
            return named
        passed = self._passed.get(target)
        return None if passed is None else passed.export

    def retain(self, function: Function, peer: str) -> str:
        """Target of a function that is being passed to `peer`; counts one reference."""
        key = _identity(function)
        with self._lock:
            target = self._targets.get(key)
            if target is None:
                target = self._targets[key] = f"fn:{new_id()}"
                self._passed[target] = _Passed(Export(function), key)
            counts = self._passed[target].counts
            counts[peer] = counts.get(peer, 0) + 1
            return target

    def release(self, target: str, peer: str, count: int) -> None:
        """Takes references of a peer away; a function that nobody holds is dropped."""
        with self._lock:
            passed = self._passed.get(target)
            if passed is None or peer not in passed.counts:
                return
            passed.counts[peer] -= count
            if passed.counts[peer] <= 0:
                del passed.counts[peer]
            dropped = self._drop_unused(target, passed)
        del dropped  # outside the lock: dropping a function may run code of users

    def forget(self, root: str) -> None:
        """Takes all references of a peer, and of everything below it, away."""
        dropped = []
        with self._lock:
            for target, passed in list(self._passed.items()):
                for peer in [peer for peer in passed.counts if is_within(peer, root)]:
                    del passed.counts[peer]
                dropped.append(self._drop_unused(target, passed))

    def clear(self) -> None:
        with self._lock:
            dropped = [self._named, self._passed]
            self._named, self._passed, self._targets = {}, {}, {}
        del dropped

    def _drop_unused(self, target: str, passed: _Passed) -> Optional[_Passed]:
        if passed.counts:
            return None
        del self._targets[passed.key]
        return self._passed.pop(target)


def _identity(function: Function) -> Hashable:
    """What makes a function the same; a bound method is a new object each time it is taken."""
    if isinstance(function, types.MethodType):
        return id(function.__self__), id(function.__func__)
    return id(function)
