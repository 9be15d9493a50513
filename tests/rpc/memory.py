"""Peers in one process, joined by the loop instead of a wire; what they send can be looked at."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Any

from imjoy.protocol.frame import Frame
from imjoy.protocol.stream import StreamDecoder, pack
from imjoy.rpc.addresses import new_id
from imjoy.rpc.peer import Peer
from imjoy.rpc.router import Router


def copied(frame: Frame) -> Frame:
    """The frame as it arrives at the other end of a wire."""
    data = b"".join(bytes(part) for part in pack(frame))
    (copy,) = StreamDecoder().feed(data)
    return copy


class Pair:
    """Two peers that are linked with each other; `sent` are all frames in order."""

    def __init__(self, **options: Any) -> None:
        self.sent: list[Frame] = []
        self.a = Peer(new_id(), self._to(lambda: self.b), **options)
        self.b = Peer(new_id(), self._to(lambda: self.a), **options)

    def _to(self, receiver: Callable[[], Peer]) -> Callable[[Frame], None]:
        def send(frame: Frame) -> None:
            copy = copied(frame)
            self.sent.append(copy)
            asyncio.get_running_loop().call_soon(lambda: receiver().receive(copy))

        return send

    def types(self) -> list[str]:
        return [frame.header["type"] for frame in self.sent]


class Tree:
    """An engine with workers and pages with frames, all linked by routers."""

    def __init__(self) -> None:
        self.routers: dict[str, Router] = {}
        self.peers: dict[str, Peer] = {}

    def root(self) -> Peer:
        """A new page or engine, linked with all the others."""
        address = new_id()
        router = self.routers[address] = Router(address)
        peer = self.peers[address] = Peer(address, lambda frame: router.route(frame, address))
        router.local = peer
        for other in self.routers.values():
            if other is not router:
                router.attach(other.address, self.link(other, address))
                other.attach(address, self.link(router, other.address))
        return peer

    def child(self, root: Peer) -> Peer:
        """A new plugin of a page or engine."""
        address, router = f"{root.address}/{new_id()}", self.routers[root.address]
        peer = self.peers[address] = Peer(address, self.link(router, address))
        router.attach(address, lambda frame: _later(lambda: peer.receive(copied(frame))))
        return peer

    @staticmethod
    def link(router: Router, source: str) -> Callable[[Frame], None]:
        return lambda frame: _later(lambda: router.route(copied(frame), source))


def _later(run: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_soon(run)


async def forever(*_: Any) -> None:
    """Runs until it is cancelled."""
    await asyncio.Event().wait()


async def settle(rounds: int = 20) -> None:
    """Lets everything that is on its way arrive; also what is released by freeing memory."""
    gc.collect()
    for _ in range(rounds):
        await asyncio.sleep(0)
