"""What encoding and decoding need: how functions become references, and the codecs of users."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Tuple

__all__ = ["Codec", "CodecRegistry", "ValueContext"]


class Codec:
    """Translates values of one class to values that the protocol knows, and back."""

    def __init__(
        self,
        name: str,
        kind: Optional[type] = None,
        encoder: Optional[Callable[[Any], Any]] = None,
        decoder: Optional[Callable[[Any], Any]] = None,
    ) -> None:
        self.name, self.kind, self.encoder, self.decoder = name, kind, encoder, decoder


class CodecRegistry:
    """The codecs of users; for a value, the one that was registered last wins."""

    def __init__(self) -> None:
        self._by_name: Dict[str, Codec] = {}

    def register(self, codec: Codec) -> None:
        self._by_name.pop(codec.name, None)
        self._by_name[codec.name] = codec

    def named(self, name: str) -> Optional[Codec]:
        return self._by_name.get(name)

    def of(self, value: Any) -> Optional[Codec]:
        found = None
        for codec in self._by_name.values():
            if codec.encoder is not None and codec.kind and isinstance(value, codec.kind):
                found = codec
        return found


class ValueContext:
    """How functions become references, and references functions again; this one has none."""

    codecs: Optional[CodecRegistry] = None
    # The class of decoded objects; made from a list of (key, value).
    mapping: Callable[[List[Tuple[str, Any]]], Any] = dict

    def allocate(self, size: int) -> Any:
        """Memory that the receiver will see, for a buffer that is copied anyway; None: there is none.

        It has the methods `fill(bytes)` and `view()`.
        """
        return None

    def encode_function(self, function: Callable[..., Any]) -> Tuple[str, str]:
        """(peer, target) of a function that is being sent."""
        raise TypeError("Functions cannot be sent from here.")

    def decode_ref(self, peer: str, target: str) -> Any:
        """The function for a reference that arrived; may raise ProtocolError."""
        raise TypeError("Functions cannot be received here.")

    def encode_stream(self, iterator: Any) -> Tuple[str, str]:
        """(peer, target) of the function that gives the items of an iterator."""
        raise TypeError("Iterators cannot be sent from here.")

    def decode_stream(self, peer: str, target: str) -> Any:
        """The iterator for a stream that arrived; may raise ProtocolError."""
        raise TypeError("Iterators cannot be received here.")
