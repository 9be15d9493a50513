"""A client that others call through the engine at the address that is given; prints its own."""

from __future__ import annotations

import asyncio
import contextlib
import sys

from wire_engine import TOKEN

import imjoy


async def main(url: str) -> None:
    async with imjoy.connect(url, TOKEN) as engine:
        engine.peer.export("noop", lambda: None)
        engine.peer.export("echo", lambda value: value)
        print(engine.peer.address, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(sys.argv[1]))
