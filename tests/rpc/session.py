"""A conversation over a socket, run as a script by every Python that plugins may have.

Usage: python session.py [FOLDER_OF_IMJOY]
"""

from __future__ import annotations

import asyncio
import socket
import sys
import types
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).resolve().parents[2] / "src/imjoy"


async def converse() -> None:
    from imjoy.errors import CallTimeout, MethodNotFound, RemoteError
    from imjoy.rpc.addresses import new_id
    from imjoy.rpc.peer import Peer
    from imjoy.rpc.transports.stream import StreamTransport

    loop = asyncio.get_running_loop()
    peers: list[Any] = []
    ended = asyncio.Event()
    links = [
        StreamTransport(end, lambda frame, n=n: peers[n].receive(frame), lambda _: ended.set())
        for n, end in enumerate(socket.socketpair())
    ]

    def in_thread(function: Any, args: Any, kwargs: Any) -> Any:
        return loop.run_in_executor(None, lambda: function(*args, **kwargs))

    near, far = Peer(new_id(), links[0].send), Peer(new_id(), links[1].send, in_thread)
    peers += [near, far]
    far.export("echo", lambda *args, **kwargs: [list(args), kwargs])
    far.export("count", lambda report: [report(step).result(20) for step in range(10)])
    far.export("divide", lambda: 1 / 0)

    async def wait() -> None:
        await asyncio.Event().wait()

    far.export("wait", wait)
    value = [1, 2**80, "caf\u00e9", b"x" * 3_000_000, {"$": {3: {4}}}]
    assert await near.call(far.address, "echo", *value, a=1.5) == [value, {"a": 1.5}]
    doubled = await near.remote(far.address, "count")(lambda step: step * 2)
    assert doubled == [step * 2 for step in range(10)]
    for target, kind in (("divide", RemoteError), ("__class__", MethodNotFound)):
        try:
            await near.call(far.address, target)
        except kind as error:
            assert error.message
        else:
            raise AssertionError(target)
    try:
        await near.call(far.address, "wait", timeout=0.01)
    except CallTimeout:
        pass
    else:
        raise AssertionError("it did not time out")
    far.export("numbers", lambda: (number for number in range(300)))
    assert [n async for n in await near.call(far.address, "numbers")] == list(range(300))
    check_session()
    chained = near.remote(far.address, "echo")(1).then(lambda value: value[0][0])
    assert await chained == 1
    await near.aclose()
    await far.aclose()
    links[0].close()
    await ended.wait()


def check_session() -> None:
    """A large and a small frame over a socket that is cut in between."""
    from imjoy.protocol.frame import Frame
    from imjoy.protocol.session import Session

    wrote: Any = []
    got: Any = []
    near = Session(wrote.append, lambda frame: None, 0.0, piece=1000)
    far = Session(lambda frame: None, got.append, 0.0, piece=1000)
    header = {"type": "call", "id": "1" * 32, "to": "b" * 32, "from": "a" * 32, "target": "f"}
    for session in (near, far):
        session.opened(0, 0.0)
    near.send(Frame(header, "[]", [b"x" * 2500]), 0.0)
    far.receive(wrote[0], 0.0)
    near.closed()
    del wrote[:]
    near.opened(far.received, 0.0)
    for frame in wrote:
        far.receive(frame, 0.0)
    assert [bytes(part) for part in got[0].buffers] == [b"x" * 2500]


def main(folder: str) -> None:
    package = types.ModuleType("imjoy")
    package.__path__ = [folder]  # type: ignore[attr-defined]
    sys.modules["imjoy"] = package
    asyncio.run(converse())
    print("well")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else str(SOURCES))
