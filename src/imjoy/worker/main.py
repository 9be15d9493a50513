"""Runs one plugin: the connection in a thread of its own, the plugin in the main thread."""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import os
import signal
import socket
import sys
import threading
from typing import Any, Callable, Dict, List, Optional, Tuple

from imjoy.protocol.frame import Frame
from imjoy.rpc.addresses import root_of
from imjoy.rpc.transports import turns
from imjoy.rpc.transports.stream import StreamTransport
from imjoy.worker.api import api_for
from imjoy.worker.compat import install_js, install_modules, mapping_for, receiving
from imjoy.worker.loader import nothing_exported, run_scripts
from imjoy.worker.overtime import Overtime
from imjoy.worker.owner import for_owner
from imjoy.worker.plugin_peer import PluginPeer
from imjoy.worker.plugin_thread import PluginThread

__all__ = ["run"]

logger = logging.getLogger(__name__)


def run(descriptor: int) -> None:
    """Serve the engine at the other end of this socket until it says to end, or goes."""
    faulthandler.enable(all_threads=False)
    _tell_what_fails()
    os.set_inheritable(descriptor, False)
    thread = PluginThread()
    connection = threading.Thread(
        target=lambda: asyncio.run(_Worker(thread).serve(descriptor)), daemon=True
    )
    connection.start()
    thread.run()
    sys.stdout.flush()
    sys.stderr.flush()


def _tell_what_fails() -> None:
    """Have what this room logs come with its level, by which the engine tells errors from other output."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    own = logging.getLogger("imjoy")
    own.addHandler(handler)
    own.propagate = False


class _Worker:
    """Lives on the connection's loop."""

    def __init__(self, thread: PluginThread) -> None:
        self.thread = thread
        self.peer: Optional[PluginPeer] = None
        self.turns: Optional[turns.ReadingTurns] = None
        self.mapping: Callable[[List[Tuple[str, Any]]], Any] = dict

    async def serve(self, descriptor: int) -> None:
        self.transport = StreamTransport(
            socket.socket(fileno=descriptor), self.receive, self.engine_gone, shares=True
        )
        await asyncio.Event().wait()

    def receive(self, frame: Frame) -> None:
        """Take a frame; the first one tells the address that the engine has chosen."""
        if self.peer is None:
            self.peer = self.make_peer(str(frame.header["to"]))
        self.peer.receive(frame)

    def make_peer(self, address: str) -> PluginPeer:
        def mapping(pairs: List[Tuple[str, Any]]) -> Any:
            return self.mapping(pairs)

        self.overtime = Overtime(self.thread, self.report)
        peer = PluginPeer(address, self.transport, self.thread, mapping, self.overtime.watch)
        for function in (self.load, self.adopt, self.calls, self.interrupt, self.exit):
            peer.export("worker." + function.__name__, for_owner(address, function), True)
        return peer

    def engine_gone(self, reason: str) -> None:
        """Nobody needs the plugin any more, nor the processes that it has started."""
        if os.getpgrp() == os.getpid():
            os.killpg(os.getpid(), signal.SIGKILL)
        os._exit(1)

    async def load(self, plugin: Dict[str, Any]) -> Dict[str, Any]:
        """Run the plugin's scripts; gives the names it exports. Raises LoadFailed."""
        assert self.peer is not None
        config = plugin.get("config") or {}
        mapping = mapping_for(config)
        self.mapping = receiving(mapping)
        self.overtime.limit = plugin.get("call_time")
        self.api = api = api_for(self.peer, plugin, mapping)
        api.is_cancelled = self.thread.is_cancelled
        api.check_cancelled = self.thread.check_cancelled
        install_modules(api)
        if str(config.get("type", "")).startswith("web-python"):
            install_js(api)
        _add_to_path(plugin.get("work_dir"))
        name = plugin.get("file") or plugin["name"]
        args = (plugin["scripts"], name, plugin.get("code") or "", {"api": api})
        await self.thread.submit(run_scripts, args, {})
        if not api._exported:
            raise nothing_exported()
        self.exports = api._exported
        if turns.is_available() and self.turns is None:
            self.turns = turns.ReadingTurns(self.transport, self.peer.take_handed)
            self.thread.read(self.turns)
        return {"interface": list(api._exported), "values": dict(api._values)}

    async def adopt(self, pages: List[str]) -> None:
        """From now on the functions of `api` are those of these pages, the newest last."""
        self.api._pages = pages

    async def calls(self) -> List[Dict[str, Any]]:
        """The calls that run or wait: name, seconds and state of each."""
        return self.thread.facts()

    def report(self, level: str, text: str, stuck: bool) -> None:
        """Put a line of the worker's own into the plugin's log; a stuck one is ended for it."""
        assert self.peer is not None
        self.peer.remote(root_of(self.peer.address), "worker.report")(level, text, stuck)

    async def interrupt(self) -> int:
        """Cancel the calls that run; gives their number."""
        return self.thread.cancel_all()

    async def exit(self) -> None:
        """Let the plugin say goodbye, then end the process."""
        export = self.peer._exports.find("exit") if self.peer is not None else None
        try:
            if export is not None:
                await self.thread.submit(export.function, (), {})
        except Exception:  # a wall: the plugin's own code
            logger.exception("The exit function of the plugin failed")
        finally:
            self.leaving = asyncio.ensure_future(self._leave())

    async def _leave(self) -> None:
        """End when the answer to `worker.exit` has gone out."""
        for _ in range(100):
            await asyncio.sleep(0.01)
            if not self.transport.queued_bytes:
                break
        self.thread.stop()


def _add_to_path(folder: Optional[str]) -> None:
    # Last, so that a file of the user does not hide an installed package.
    if folder and folder not in sys.path:
        sys.path.append(folder)
