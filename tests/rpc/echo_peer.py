"""A Python peer on standard input and output that gives back its input; used by tests of TypeScript.

Usage: python echo_peer.py ADDRESS [--no-numpy]
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any


def main(address: str, options: list[str]) -> None:
    if "--no-numpy" in options:
        sys.modules["numpy"] = None  # type: ignore[assignment]
    asyncio.run(serve(address))


async def serve(address: str) -> None:
    from imjoy.protocol.stream import StreamDecoder, pack
    from imjoy.rpc.peer import Peer

    output = sys.stdout.buffer

    def send(frame: Any) -> None:
        for part in pack(frame):
            output.write(part)
        output.flush()

    peer = Peer(address, send)
    peer.export("echo", lambda value: value)
    peer.export("type", lambda value: type(value).__name__)
    peer.export("keywords", lambda **kwargs: kwargs)
    peer.export("fail", fail)
    peer.export("count", count)
    peer.export("counter", lambda: Counter())
    peer.export("sleep", asyncio.sleep)
    peer.export("numbers", lambda count: (number for number in range(count)))
    peer.export("add_up", add_up)
    peer.export("doubled", doubled)
    peer.export("fail_because", fail_because)
    decoder = StreamDecoder()
    reader = await open_stdin()
    while True:
        data = await reader.read(1 << 20)
        if not data:
            break
        for frame in decoder.feed(data):
            peer.receive(frame)
    await peer.aclose()


async def open_stdin() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def fail(message: str) -> None:
    raise ValueError(message)


async def count(report: Any, times: int) -> int:
    total = 0
    for step in range(times):
        total += await report(step)
    return total


async def add_up(stream: Any) -> int:
    return sum([number async for number in stream])


async def doubled(stream: Any) -> Any:
    async def each() -> Any:
        async for number in stream:
            yield 2 * number

    return each()


def fail_because(message: str) -> None:
    try:
        fail(message)
    except ValueError as error:
        raise RuntimeError("outer") from error


class Counter:
    def __init__(self) -> None:
        self.value = 0

    def increase(self, by: int) -> int:
        self.value += by
        return self.value


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
