"""How functions travel between one peer and one other: as references that are counted."""

from __future__ import annotations

import functools
from typing import Any, Callable, List, Optional, Tuple

from imjoy.protocol.context import CodecRegistry, ValueContext
from imjoy.protocol.frame import malformed
from imjoy.rpc.exports import ExportTable
from imjoy.rpc.remote import ProxyTable, address_of, pin
from imjoy.rpc.streams import RemoteStream, pull_from, take_back

__all__ = ["PeerValues"]


class PeerValues(ValueContext):
    """The context of one frame to or from `other`."""

    def __init__(
        self,
        address: str,
        other: str,
        exports: ExportTable,
        proxies: ProxyTable,
        codecs: Optional[CodecRegistry],
        mapping: Callable[[List[Tuple[str, Any]]], Any],
        allocate: Callable[[str, int], Any] = lambda receiver, size: None,
    ) -> None:
        self._address, self._other = address, other
        self._exports, self._proxies = exports, proxies
        self.codecs, self.mapping = codecs, mapping
        self._allocate = allocate
        self._retained: List[str] = []

    def allocate(self, size: int) -> Any:
        return None if self._other == self._address else self._allocate(self._other, size)

    def encode_function(self, function: Callable[..., Any]) -> Tuple[str, str]:
        remote = address_of(function)
        if remote is not None:
            if remote[0] != self._other:
                pin(function)  # type: ignore[arg-type]  # it has an address, so it is a proxy
            return remote
        target = self._exports.retain(function, self._other)
        self._retained.append(target)
        return self._address, target

    def decode_ref(self, peer: str, target: str) -> Any:
        if peer != self._address:
            return self._proxies.get(peer, target, received=True)
        export = self._exports.find(target)
        if export is None:
            raise malformed("a function came back that is no longer here")
        # Whoever sent it gets no more than by calling it: it is told who it was.
        if export.with_caller:
            return functools.partial(export.function, self._other)
        return export.function

    def encode_stream(self, iterator: Any) -> Tuple[str, str]:
        if isinstance(iterator, RemoteStream):
            return self.encode_function(iterator.pull)
        target = self._exports.retain(pull_from(iterator), self._other)
        self._retained.append(target)
        return self._address, target

    def decode_stream(self, peer: str, target: str) -> Any:
        if peer != self._address:
            return RemoteStream(self._proxies.get(peer, target, received=True))
        export = self._exports.find(target)
        iterator = None if export is None else take_back(export.function)
        if iterator is None:
            raise malformed("a stream came back that somebody has read from")
        return iterator

    def undo(self) -> None:
        """Takes back the references that were counted for a frame which did not go out."""
        for target in self._retained:
            self._exports.release(target, self._other, 1)
        self._retained = []
