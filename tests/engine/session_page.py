"""A page with a session, linked to an engine without a network; its socket can be cut anywhere."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Any

from imjoy.engine.engine import Engine
from imjoy.protocol.frame import Frame
from imjoy.protocol.session import Session
from imjoy.rpc.peer import Peer

PLUGIN = """
<config lang="json">
{"name": "Counter", "type": "native-python", "version": "1.0.0"}
</config>
<script lang="python">
import asyncio
from imjoy import api

class Plugin:
    def __init__(self):
        self.effects = []

    def add(self, item):
        self.effects.append(item)
        return len(self.effects)

    def seen(self):
        return self.effects

    async def slow(self, seconds, value):
        await asyncio.sleep(seconds)
        self.effects.append(value)
        return value

    async def tell(self, report, times):
        for step in range(times):
            await report(step)
            await asyncio.sleep(0.02)

    async def flood(self, report, times, size):
        for step in range(times):
            report(bytes(size))
            await asyncio.sleep(0)

    def print(self, text):
        print(text, flush=True)

    def die(self):
        import os
        os._exit(3)

api.export(Plugin())
</script>
"""
CONFIG = {"name": "Counter", "type": "native-python", "version": "1.0.0"}


class SessionPage:
    """`connect`, `cut` and `reload` as often as wanted; what is in the air when it is cut is lost."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.address = secrets.token_hex(16)
        self.keys: dict[str, Any] = {}
        self.generation = 0
        self.socket = 0
        self.welcome: dict[str, Any] = {}
        self._load()

    def _load(self) -> None:
        self.session = Session(
            self._write, lambda frame: self.peer.receive(frame), time.monotonic()
        )
        self.peer = Peer(self.address, lambda frame: self.session.send(frame, time.monotonic()))

    def connect(self, fresh: bool = False, **changed: Any) -> dict[str, Any]:
        self.generation += 1
        self.socket += 1
        mine = self.socket
        wanted = {**self.keys, "generation": self.generation, "fresh": fresh}
        wanted |= {"received": self.session.received, **changed}

        def from_engine(frame: Frame) -> None:
            loop = asyncio.get_running_loop()
            loop.call_soon(lambda: self.socket == mine and self._read(frame))

        hello = {"session": wanted}
        self.welcome = self.engine.connect_page(self.address, from_engine, hello, self.cut)
        told = self.welcome["session"]
        if "key" in told:
            self.keys = {"id": told["id"], "key": told["key"]}
        self.session.opened(told["received"], time.monotonic())
        return dict(told)

    def cut(self) -> None:
        """Lose the socket, and with it everything that is on its way."""
        self.socket += 1
        self.session.closed()
        self.engine.disconnect_page(self.address, "cut")

    def reload(self) -> dict[str, Any]:
        self.cut()
        self.peer._send = lambda frame: None  # a page that is gone says nothing
        self._load()
        return self.connect(fresh=True)

    def _write(self, frame: Frame) -> None:
        mine = self.socket
        copy = Frame(dict(frame.header), frame.body, list(frame.buffers))
        loop = asyncio.get_running_loop()
        loop.call_soon(lambda: self.socket == mine and self.engine.receive(self.address, copy))

    def _read(self, frame: Frame) -> None:
        copy = Frame(dict(frame.header), frame.body, list(frame.buffers))
        self.session.receive(copy, time.monotonic())

    async def ask(self, name: str, *args: Any) -> Any:
        return await self.peer.call(self.engine.address, f"engine.{name}", *args, timeout=50)

    async def start(self, **callbacks: Any) -> dict[str, Any]:
        plugin = {"id": "counter", "name": "Counter", "code": PLUGIN, "config": CONFIG}
        return dict(await self.ask("start", plugin, callbacks))
