"""An engine whose own peer has functions to measure; prints its port and serves until it is ended.

With the folder of a page it serves that too, and prints a code to enter with behind the port.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from imjoy.engine.engine import Engine
from imjoy.server.app import Application
from imjoy.server.running import EngineServer, listen, on_signals
from imjoy.settings import Settings

TOKEN = "imt_" + "b" * 64
ZEROS = bytes(16_000_000)


async def call_back(times: int, function: Any) -> int:
    """Await a function of the caller again and again."""
    for number in range(times):
        await function(number)
    return times


async def stream(times: int) -> AsyncIterator[int]:
    """Items one by one, as the peer emits events one by one."""
    for number in range(times):
        yield number


async def main(page: Path | None = None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        listener = listen("127.0.0.1", 0)
        async with Engine(settings) as engine:
            functions: dict[str, Callable[..., Any]] = {
                "noop": lambda: None,
                "echo": lambda value: value,
                "call_back": call_back,
                "stream": stream,
                "take": len,
                "give": lambda: ZEROS,
            }
            for name, function in functions.items():
                engine.peer.export(name, function)
            app = Application(engine, settings, TOKEN, page, "bench")
            server = EngineServer(app)
            code = "" if page is None else f"/#code={app.keys.codes.issue()}"
            print(f"{listener.getsockname()[1]}{code}", flush=True)
            with on_signals(server.stop):
                await server.serve_on(listener)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*map(Path, sys.argv[1:]))))
