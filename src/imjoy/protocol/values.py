"""Values on the wire: JSON with tags, and binary parts (section 4 of the specification)."""

from __future__ import annotations

from imjoy.protocol.arrays import NdArray
from imjoy.protocol.context import Codec, CodecRegistry, ValueContext
from imjoy.protocol.decode import Blob, decode
from imjoy.protocol.encode import encode

__all__ = ["Blob", "Codec", "CodecRegistry", "NdArray", "ValueContext", "decode", "encode"]
