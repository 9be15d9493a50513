"""Functions of other peers: one proxy for each of them, released when it is no longer used here."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from typing import Any, Callable, Deque, Dict, Optional, Tuple

from imjoy.rpc.addresses import is_within
from imjoy.rpc.result import RemoteResult

__all__ = ["ProxyTable", "RemoteFunction", "address_of", "pin"]

# The last one is the key of a call of which only the newest matters, or empty.
CallRemote = Callable[[str, str, Tuple[Any, ...], Dict[str, Any], str], RemoteResult]


class _Holding:
    """A function of another peer: how often it was received, and who uses it here."""

    __slots__ = ("peer", "pinned", "proxy", "received", "target")

    def __init__(self, peer: str, target: str) -> None:
        self.peer, self.target = peer, target
        self.received = 0
        # Passed on to a third peer, which may use it for as long as this peer lives.
        self.pinned = False
        self.proxy: Optional[weakref.ref[RemoteFunction]] = None


class RemoteFunction:
    """A function of another peer. A call is sent at once and gives a RemoteResult to wait for.

    May be called from any thread.
    """

    __slots__ = ("__weakref__", "_call", "_holding")

    def __init__(self, call: CallRemote, holding: _Holding) -> None:
        self._call, self._holding = call, holding

    # `self` is among the arguments, so that one of the function's own may have this name.
    def __call__(*args: Any, **kwargs: Any) -> RemoteResult:
        self: RemoteFunction = args[0]
        return self._call(self._holding.peer, self._holding.target, args[1:], kwargs, "")

    def newest(self, key: str, *args: Any) -> RemoteResult:
        """Calls it with news such as progress: a call of the same key that still waits is dropped."""
        return self._call(self._holding.peer, self._holding.target, args, {}, key)

    def __repr__(self) -> str:
        return "<function of another plugin>"  # its address is a secret


def address_of(function: Any) -> Optional[Tuple[str, str]]:
    """Peer and target of a RemoteFunction; None for anything else."""
    if type(function) is not RemoteFunction:
        return None
    return function._holding.peer, function._holding.target


def pin(function: RemoteFunction) -> None:
    """Must be called when a proxy is passed to a peer that does not own the function."""
    function._holding.pinned = True


class ProxyTable:
    """The proxies that are in use; may be used from any thread."""

    def __init__(self, call: CallRemote, wake: Callable[[Callable[[], object]], object]) -> None:
        """`wake` runs a function on the loop, from any thread; it gives False if it cannot."""
        self._call, self._wake = call, wake
        self._lock = threading.RLock()  # code of users may run whenever memory is freed
        self._known: Dict[Tuple[str, str], _Holding] = {}
        self._dropped: Deque[_Holding] = deque()
        self._is_woken = False
        self._release: Callable[[str, Dict[str, int]], None] = lambda peer, targets: None

    def on_release(self, release: Callable[[str, Dict[str, int]], None]) -> None:
        """`release(peer, counts)` is called on the loop for what is not used any more."""
        self._release = release

    def __len__(self) -> int:
        return len(self._known)

    def get(self, peer: str, target: str, received: bool) -> RemoteFunction:
        """The proxy of a function; `received` says that a reference to it has just arrived."""
        with self._lock:
            holding = self._known.get((peer, target))
            proxy = holding.proxy() if holding is not None and holding.proxy is not None else None
            if holding is None or proxy is None:
                holding = self._known[peer, target] = _Holding(peer, target)
                proxy = RemoteFunction(self._call, holding)
                holding.proxy = weakref.ref(proxy)
                weakref.finalize(proxy, self._drop, holding).atexit = False
            if received:
                holding.received += 1
            return proxy

    def forget(self, root: str) -> None:
        """Forgets a peer and everything below it; there is nobody left to release to."""
        for key, holding in list(self._known.items()):
            if is_within(holding.peer, root):
                holding.received = 0
                self._known.pop(key, None)

    def clear(self) -> None:
        for holding in self._known.values():
            holding.received = 0
        self._known.clear()

    # Runs whenever Python frees memory, in any thread and at any line: it takes no lock.
    def _drop(self, holding: _Holding) -> None:
        self._dropped.append(holding)
        if not self._is_woken:
            self._is_woken = True  # first, as the loop may be done before `_wake` returns
            awake: object = False
            try:
                awake = self._wake(self._flush)
            finally:  # a plugin's code may be interrupted at any line
                if not awake:
                    self._is_woken = False

    def _flush(self) -> None:
        self._is_woken = False
        released: Dict[str, Dict[str, int]] = {}
        while self._dropped:
            holding = self._dropped.popleft()
            key = holding.peer, holding.target
            with self._lock:
                if self._known.get(key) is holding:
                    del self._known[key]
            if holding.received and not holding.pinned:
                targets = released.setdefault(holding.peer, {})
                targets[holding.target] = targets.get(holding.target, 0) + holding.received
        for peer, counts in released.items():
            self._release(peer, counts)
