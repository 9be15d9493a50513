"""The worker's end of the wire: everything of the plugin runs in the plugin's thread."""

from __future__ import annotations

import asyncio
import functools
from collections import deque
from concurrent.futures import Future
from typing import Any, Callable, Deque, Dict, List, Tuple

from imjoy.errors import ImJoyError
from imjoy.protocol import messages
from imjoy.protocol.frame import Frame
from imjoy.rpc.peer import Peer
from imjoy.rpc.result import RemoteResult
from imjoy.rpc.running import RunningCalls
from imjoy.rpc.transports.stream import StreamTransport
from imjoy.worker.plugin_thread import Job, PluginThread

__all__ = ["PluginPeer"]

INTERNAL = "worker."
# Values that can be encoded in any thread, because nothing in them is a reference.
PLAIN = frozenset({type(None), bool, int, float, str})


class PluginPeer(Peer):
    """The coroutine functions `worker.*` run on the connection's loop, all others in the thread.

    `watch` is told of each call of the plugin.
    """

    def __init__(
        self,
        address: str,
        transport: StreamTransport,
        thread: PluginThread,
        mapping: Callable[[List[Tuple[str, Any]]], Any],
        watch: Callable[[Job], None],
    ) -> None:
        super().__init__(address, transport.send, thread.submit, mapping, transport.share)
        self._thread, self._transport = thread, transport
        # What threads have asked the loop to do and it has not done yet.
        self._asked: Deque[None] = deque()
        self._running = _Calls(self._exports, thread, self._answer, watch, self.answer_at_once)

    def answer_at_once(self, header: Dict[str, Any], value: Any) -> bool:
        """Send a plain result from the plugin's thread; False when it has to go over the loop.

        It must not overtake what the plugin has sent before.
        """
        if type(value) not in PLAIN or self._asked or self._closed:
            return False
        caller = header["from"]
        body, _, _ = self._encode(caller, value)
        result = messages.result(header["id"], caller, self.address)
        return self._transport.send_at_once(Frame(result, body, []))

    def _wake(self, callback: Callable[[], object]) -> bool:
        def act() -> None:
            self._asked.popleft()
            callback()

        self._asked.append(None)
        awake = super()._wake(act)
        if not awake:
            self._asked.pop()
        return awake

    def _call_remote(
        self, to: str, target: str, args: Tuple[Any, ...], kwargs: Dict[str, Any], lossy: str
    ) -> RemoteResult:
        result = super()._call_remote(to, target, args, kwargs, lossy)
        if isinstance(result._future, Future):
            # Made by the plugin: what follows with `.then` belongs to the plugin's thread.
            result._loop = self._thread.loop
        return result


class _Calls(RunningCalls):
    def __init__(
        self,
        exports: Any,
        thread: PluginThread,
        answer: Any,
        watch: Callable[[Job], None],
        answer_at_once: Callable[[Dict[str, Any], Any], bool],
    ) -> None:
        super().__init__(exports, thread.submit, answer)
        self._thread, self._watch, self._answer_at_once = thread, watch, answer_at_once

    def _invoke(self, header: Dict[str, Any], args: List[Any], kwargs: Dict[str, Any]) -> Any:
        export = self._exports.find(header["target"])
        if export is None or header["target"].startswith(INTERNAL):
            return super()._invoke(header, args, kwargs)
        if export.with_caller:
            args = [header["from"], *args]
        job = Job(self._thread, export.function, args, kwargs)
        job.name = header["target"]
        job.when_ended = functools.partial(self._try_at_once, header)
        self._stops[_key(header)] = job.on_cancel  # first, as it may end before the next line
        self._watch(job)
        return self._thread.begin(job)

    def _follow(self, header: Dict[str, Any], awaitable: Any) -> None:
        if not isinstance(awaitable, Job):
            super()._follow(header, awaitable)
            return
        loop, job = asyncio.get_running_loop(), awaitable

        def settled(_: Any) -> None:
            if not job.is_answered:
                loop.call_soon_threadsafe(self._job_ended, header, job)

        job.future.add_done_callback(settled)

    def _try_at_once(self, header: Dict[str, Any], value: Any) -> bool:
        """In the plugin's thread."""
        key = _key(header)
        try:
            done = key in self._stops and self._answer_at_once(header, value)
        except ImJoyError:
            return False
        if done:
            self._stops.pop(key, None)
        return done

    def _job_ended(self, header: Dict[str, Any], job: Job) -> None:
        if self._stops.pop(_key(header), None) is not None:
            error = job.future.exception()
            self._answer(header, None if error else job.future.result(), error)


def _key(header: Dict[str, Any]) -> Tuple[str, str]:
    return header["from"], header["id"]
