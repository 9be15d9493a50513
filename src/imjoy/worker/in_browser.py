"""Runs one plugin in the Python of a browser: no threads and no sockets, frames come as messages."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from typing import Any, Callable, Dict, List, Tuple

from imjoy.protocol.frame import Frame
from imjoy.rpc.peer import Peer
from imjoy.rpc.running import RunningCalls
from imjoy.worker.api import api_for
from imjoy.worker.compat import install_modules, mapping_for, receiving
from imjoy.worker.loader import described, nothing_exported, run_scripts
from imjoy.worker.owner import for_owner

__all__ = ["start"]

SendMessage = Callable[[str, str, List[Any]], None]


def start(address: str, send: SendMessage) -> Callable[[str, str, Any], None]:
    """Begin to serve the page; gives the function that takes its messages.

    `send(header, body, buffers)` passes on a frame whose header is JSON text.
    """
    return _Worker(address, send).receive


class _Worker:
    def __init__(self, address: str, send: SendMessage) -> None:
        self.mapping: Callable[[List[Tuple[str, Any]]], Any] = dict
        self.send_message = send
        self.peer = Peer(address, self.send, mapping=lambda pairs: self.mapping(pairs))
        self.peer._running = _Calls(self.peer._exports, None, self.peer._answer)
        self.peer.export("worker.load", for_owner(address, self.load), True)
        self.peer.export("sdk.idle", for_owner(address, self.idle), True)

    def receive(self, header: str, body: str, buffers: Any) -> None:
        """Take a message of the page."""
        self.peer.receive(Frame(json.loads(header), body, [_memory(one) for one in buffers]))

    def send(self, frame: Frame) -> None:
        self.send_message(json.dumps(frame.header), frame.body, list(frame.buffers))

    async def load(self, plugin: Dict[str, Any]) -> Dict[str, Any]:
        """Run the plugin's scripts; gives the names it exports. Raises LoadFailed."""
        mapping = mapping_for(plugin.get("config") or {})
        self.mapping = receiving(mapping)
        api = api_for(self.peer, plugin, mapping)
        install_modules(api)
        if sys.platform == "emscripten":
            # Plugins of the first years take it from there.
            importlib.import_module("js").api = api
        name = plugin.get("file") or plugin["name"]
        rest = run_scripts(plugin["scripts"], name, plugin["code"], {"api": api})
        if rest is not None:
            await rest
        if not api._exported:
            raise nothing_exported()
        return {"interface": list(api._exported), "values": dict(api._values)}

    async def idle(self) -> None:
        """Wait until nothing of the plugin runs but this."""
        while len(self.peer._running) > 1:
            await asyncio.sleep(0.05)


class _Calls(RunningCalls):
    """Exceptions of the plugin go to the caller with the plugin's own lines."""

    def _invoke(self, header: Dict[str, Any], args: List[Any], kwargs: Dict[str, Any]) -> Any:
        if str(header["target"]).startswith(("worker.", "sdk.")):
            return super()._invoke(header, args, kwargs)
        return _run(super()._invoke, header, args, kwargs)


async def _run(invoke: Any, header: Dict[str, Any], args: List[Any], kwargs: Any) -> Any:
    try:
        value = invoke(header, args, kwargs)
        return await value if hasattr(value, "__await__") else value
    except Exception as exc:  # a wall: the plugin's own code
        raise described(exc) from exc


def _memory(buffer: Any) -> Any:
    """The bytes of a buffer of the page."""
    copy = getattr(buffer, "to_memoryview", None)
    return copy() if copy is not None else buffer
