"""ImJoy: a workbench in the browser and the engine that runs its plugins."""

from __future__ import annotations

import importlib
import typing

if typing.TYPE_CHECKING:
    from imjoy.client import EngineClient

__version__ = "1.0.0"


def connect(
    url: str, token: str | None = None, ssl: typing.Any = None, near: bool = True
) -> EngineClient:
    """An engine to be called from this program: `async with imjoy.connect(url, token) as engine`.

    See imjoy.client.EngineClient.
    """
    # Not imported above: what imports this package needs no client, most often.
    client: EngineClient = importlib.import_module("imjoy.client").connect(url, token, ssl, near)
    return client
