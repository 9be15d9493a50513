"""The worker's end of the wire: everything of the plugin runs in the plugin's thread."""

from __future__ import annotations

import concurrent.futures
from typing import Any, Callable, Dict, List, Tuple

from imjoy.protocol.frame import Frame
from imjoy.rpc.peer import Peer
from imjoy.rpc.result import RemoteResult
from imjoy.rpc.running import RunningCalls
from imjoy.worker.plugin_thread import Job, PluginThread

__all__ = ["PluginPeer"]

INTERNAL = "worker."


class PluginPeer(Peer):
    """The coroutine functions `worker.*` run on the connection's loop, all others in the thread."""

    def __init__(
        self,
        address: str,
        send: Callable[[Frame], None],
        thread: PluginThread,
        mapping: Callable[[List[Tuple[str, Any]]], Any],
        allocate: Callable[[str, int], Any],
        watch: Callable[[Job], None],
    ) -> None:
        super().__init__(address, send, thread.submit, mapping, allocate)
        self._thread = thread
        self._running = _Calls(self._exports, thread, self._answer, watch)

    def _call_remote(
        self, to: str, target: str, args: Tuple[Any, ...], kwargs: Dict[str, Any]
    ) -> RemoteResult:
        result = super()._call_remote(to, target, args, kwargs)
        if isinstance(result._future, concurrent.futures.Future):
            # Made by the plugin: what follows with `.then` belongs to the plugin's thread.
            result._loop = self._thread.loop
        return result


class _Calls(RunningCalls):
    def __init__(
        self, exports: Any, thread: PluginThread, answer: Any, watch: Callable[[Job], None]
    ) -> None:
        super().__init__(exports, thread.submit, answer)
        self._thread, self._watch = thread, watch

    def _invoke(self, header: Dict[str, Any], args: List[Any], kwargs: Dict[str, Any]) -> Any:
        export = self._exports.find(header["target"])
        if export is None or header["target"].startswith(INTERNAL):
            return super()._invoke(header, args, kwargs)
        job = self._thread.submit(export.function, args, kwargs)
        job.name = header["target"]
        self._watch(job)
        return job
