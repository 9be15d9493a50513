"""An engine whose own peer has functions to measure; prints its port and serves until it is ended."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from imjoy.engine.engine import Engine
from imjoy.server.app import Application
from imjoy.server.running import EngineServer, listen, on_signals
from imjoy.settings import Settings

TOKEN = "imt_" + "b" * 64


async def call_back(times: int, function: Any) -> int:
    """Await a function of the caller again and again."""
    for number in range(times):
        await function(number)
    return times


async def stream(times: int) -> AsyncIterator[int]:
    """Items one by one, as the peer emits events one by one."""
    for number in range(times):
        yield number


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        listener = listen("127.0.0.1", 0)
        async with Engine(settings) as engine:
            for name, function in {
                "noop": lambda: None,
                "echo": lambda value: value,
                "call_back": call_back,
                "stream": stream,
            }.items():
                engine.peer.export(name, function)
            server = EngineServer(Application(engine, settings, TOKEN, None, "bench"))
            print(listener.getsockname()[1], flush=True)
            with on_signals(server.stop):
                await server.serve_on(listener)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
