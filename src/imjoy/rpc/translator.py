"""Values of one peer as the text and buffers of frames, and back."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from imjoy.errors import ImJoyError, Unserializable
from imjoy.protocol.context import CodecRegistry
from imjoy.protocol.decode import NOT_PLAIN, decode, decode_plain
from imjoy.protocol.encode import encode, encode_plain
from imjoy.protocol.frame import Frame, malformed
from imjoy.rpc.exports import ExportTable
from imjoy.rpc.peer_values import PeerValues
from imjoy.rpc.remote import ProxyTable

__all__ = ["NOTHING", "Encoded", "Translator"]


class Encoded(NamedTuple):
    """What a value became; `undo` takes back the references in it when it is not sent."""

    body: str
    buffers: List[Any]
    values: Optional[PeerValues] = None

    def undo(self) -> None:
        if self.values is not None:
            self.values.undo()


# No arguments.
NOTHING = Encoded("[]", [])


class Translator:
    """`mapping` and `allocate` are those of Peer."""

    def __init__(
        self,
        address: str,
        exports: ExportTable,
        proxies: ProxyTable,
        mapping: Callable[[List[Tuple[str, Any]]], Any],
        allocate: Callable[[str, int], Any],
    ) -> None:
        self.codecs = CodecRegistry()
        self._address, self._exports, self._proxies = address, exports, proxies
        self._mapping, self._allocate = mapping, allocate
        self._has_dicts = mapping is dict

    def encode_arguments(
        self, to: str, args: Tuple[Any, ...], kwargs: Dict[str, Any], snapshot: bool = False
    ) -> Encoded:
        """Arguments of a call. Raises as `encode` does."""
        if not args and not kwargs:
            return NOTHING
        return self.encode(to, [*args, kwargs] if kwargs else list(args), snapshot)

    def encode(self, to: str, value: Any, snapshot: bool = False) -> Encoded:
        """A value for another peer. Raises Unserializable or ProtocolError."""
        plain = encode_plain(value)
        if plain is not None:
            return Encoded(plain, [])
        values = self._values(to)
        try:
            body, buffers = encode(value, values, snapshot)
        except ImJoyError:
            values.undo()
            raise
        except Exception as error:  # a wall: codecs and classes of a plugin
            values.undo()
            raise Unserializable(f"A value could not be sent: {error}") from error
        return Encoded(body, buffers, values)

    def decode(self, other: str, frame: Frame) -> Any:
        """The value in a frame of another peer. Raises ProtocolError."""
        try:
            plain = NOT_PLAIN if frame.buffers else decode_plain(frame.body, self._has_dicts)
            if plain is not NOT_PLAIN:
                return plain
            return decode(frame.body, frame.buffers, self._values(other))
        except ImJoyError:
            raise
        except Exception as error:  # a wall: codecs of a plugin
            raise malformed(f"a value could not be read ({error})") from error

    def _values(self, other: str) -> PeerValues:
        return PeerValues(
            self._address,
            other,
            self._exports,
            self._proxies,
            self.codecs,
            self._mapping,
            self._allocate,
        )
