"""ImJoy: a workbench in the browser and the engine that runs its plugins."""

import importlib

__version__ = "1.0.0"


def connect(url, token=None, ssl=None, near=True):  # type: ignore[no-untyped-def]  # noqa: ANN
    """An engine to be called from this program: `async with imjoy.connect(url, token) as engine`.

    See imjoy.client.EngineClient.
    """
    # Not imported above: what imports this package needs no client, most often.
    return importlib.import_module("imjoy.client").connect(url, token, ssl, near)
