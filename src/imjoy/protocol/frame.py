"""A frame: a flat header, a body of JSON text, and the binary parts that the body refers to."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple

from imjoy.errors import ProtocolError
from imjoy.protocol.messages import LIMITS

__all__ = ["Frame", "check_size", "malformed", "too_large"]


class Frame(NamedTuple):
    """One message. `buffers` are bytes-like and must not be changed until the frame is sent."""

    header: Dict[str, Any]
    body: str
    buffers: List[Any]


def malformed(why: str) -> ProtocolError:
    return ProtocolError(f"A message is not well formed: {why}.")


def too_large(why: str) -> ProtocolError:
    return ProtocolError(f"A message is too large: {why}.", code="protocol.too_large")


def check_size(body: str, buffers: List[Any]) -> None:
    """Raises ProtocolError (protocol.too_large) when a frame is over the limits."""
    if len(buffers) > LIMITS["buffers"]:
        raise too_large(f"it has more than {LIMITS['buffers']} binary parts")
    size = utf8_size(body)
    if size > LIMITS["body"]:
        raise too_large(f"its text is over {LIMITS['body']} bytes")
    for buffer in buffers:
        size += len(buffer) if isinstance(buffer, (bytes, bytearray)) else buffer.nbytes
    if size > LIMITS["frame"]:
        raise too_large(f"it is over {LIMITS['frame']} bytes")


def utf8_size(text: str) -> int:
    """Bytes of a text; counted exactly only when that could make a difference to the limit."""
    limit = LIMITS["body"]
    if len(text) * 4 <= limit or len(text) > limit:
        return len(text)
    return len(text.encode("utf-8", "surrogatepass"))
