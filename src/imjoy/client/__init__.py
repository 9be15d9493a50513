"""A Python program as a peer of an engine: `async with connect(url, token) as engine`."""

from __future__ import annotations

from imjoy.client.engine import EngineClient, connect
from imjoy.client.plugin import RemotePlugin

__all__ = ["EngineClient", "RemotePlugin", "connect"]
