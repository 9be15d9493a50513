"""The worker's end of the wire: everything of the plugin runs in the plugin's thread.

That thread reads and answers calls by itself when it has nothing else to do; what is not for the
plugin, or comes while it works, is for the loop of the connection.
"""

from __future__ import annotations

import functools
import threading
import time
from collections import deque
from concurrent.futures import Future
from typing import Any, Callable, Deque, Dict, List, Optional, Sequence, Tuple

from imjoy.errors import ImJoyError, PeerGone
from imjoy.protocol.frame import Frame
from imjoy.rpc.peer import CLOSED, Peer
from imjoy.rpc.pending import settle
from imjoy.rpc.result import RemoteResult
from imjoy.rpc.running import RunningCalls
from imjoy.rpc.transports.stream import StreamTransport
from imjoy.worker.plugin_thread import Job, PluginThread

__all__ = ["PluginPeer"]

INTERNAL = "worker."
# Seconds in which a plugin that calls others all the time lets the loop have a turn, and how long
# it waits for that at most.
TURN_SECONDS, LONGEST_TURN = 0.02, 0.1


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
        self._loop_thread = threading.get_ident()
        self._last_turn = 0.0
        # What threads have asked the loop to do and it has not done yet.
        self._asked: Deque[None] = deque()
        # Frames that the plugin's thread has read and the loop has not taken yet.
        self._handed: Deque[Frame] = deque()
        self._running = _Calls(self._exports, thread, self._answer, watch)

    def receive(self, frame: Frame, is_checked: bool = False) -> None:
        """Takes a frame, on the loop or in the plugin's thread, and keeps the order of frames."""
        if self._thread.is_here and (self._handed or not self._is_for_plugin(frame.header)):
            self._handed.append(frame)
            super()._wake(self.take_handed)
        else:
            super().receive(frame, is_checked)

    def take_handed(self) -> None:
        """Takes what was read in the plugin's thread and is not for it; on the loop."""
        while self._handed:
            super().receive(self._handed[0])
            self._handed.popleft()  # only now may frames that come later go another way

    def _is_for_plugin(self, header: Dict[str, Any]) -> bool:
        kind, call, target = header.get("type"), header.get("id"), header.get("target")
        if kind == "call":
            return isinstance(target, str) and not target.startswith(INTERNAL)
        if kind in ("result", "error"):
            return isinstance(call, str) and self._pending.is_of_thread(call)
        return False

    def _post(
        self, header: Dict[str, Any], body: str = "", buffers: Sequence[Any] = ()
    ) -> Optional[ImJoyError]:
        """As ever on the loop; in other threads at once if nothing is in the way, else later."""
        if threading.get_ident() == self._loop_thread:
            return super()._post(header, body, buffers)
        # It must not overtake what the plugin has sent before.
        in_turn = header["to"] != self.address and not self._asked
        if in_turn and self._transport.send_at_once(Frame(header, body, list(buffers))):
            return None
        later = functools.partial(self._post_later, header, body, buffers)
        return None if self._wake(later) else PeerGone(CLOSED)

    def _post_later(self, header: Dict[str, Any], body: str, buffers: Sequence[Any]) -> None:
        problem = super()._post(header, body, buffers)
        if problem is not None and header["type"] == "call":
            settle(self._pending.take(header["id"]), error=problem)

    def _start_outside(self, start: Callable[[], object]) -> bool:
        """A call is sent by the thread that makes it."""
        self._thread.without_interrupts(start)  # or half a frame might be sent
        if self._thread.is_here and time.monotonic() - self._last_turn > TURN_SECONDS:
            self._let_loop_in()
        return True

    def _let_loop_in(self) -> None:
        """Wait until the loop has read what came, as that this call was cancelled.

        Sending gives the interpreter up for moments only, which are too short for the loop on a
        busy machine, and too many for Python to notice that it goes short.
        """
        done = threading.Event()
        loop = self._own_loop()
        # Once more around, as what the loop is asked comes before what it reads.
        if super()._wake(lambda: loop.call_soon(done.set)):
            done.wait(LONGEST_TURN)
        self._last_turn = time.monotonic()

    def _wake(self, callback: Callable[[], object]) -> bool:
        def act() -> None:
            self._asked.popleft()
            callback()

        def ask() -> bool:
            self._asked.append(None)
            awake = wake(act)
            if not awake:
                self._asked.pop()
            return awake

        wake = super()._wake
        return self._thread.without_interrupts(ask)

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
        self, exports: Any, thread: PluginThread, answer: Any, watch: Callable[[Job], None]
    ) -> None:
        super().__init__(exports, thread.submit, answer)
        self._thread, self._watch = thread, watch

    def _invoke(self, header: Dict[str, Any], args: List[Any], kwargs: Dict[str, Any]) -> Any:
        export = self._exports.find(header["target"])
        if export is None or header["target"].startswith(INTERNAL):
            return super()._invoke(header, args, kwargs)
        if export.with_caller:
            args = [header["from"], *args]
        job = Job(self._thread, export.function, args, kwargs)
        job.name, job.caller = header["target"], header["from"]
        job.when_ended.append(functools.partial(self._job_ended, header))
        self._stops[_key(header)] = job.on_cancel  # first, as it may end before the next line
        self._watch(job)
        return self._thread.begin(job)

    def _follow(self, header: Dict[str, Any], awaitable: Any) -> None:
        if not isinstance(awaitable, Job):  # a job answers by itself
            super()._follow(header, awaitable)

    def _job_ended(
        self, header: Dict[str, Any], value: Any, error: Optional[BaseException]
    ) -> None:
        """In the plugin's thread."""
        if self._stops.pop(_key(header), None) is not None:
            self._answer(header, value, error)


def _key(header: Dict[str, Any]) -> Tuple[str, str]:
    return header["from"], header["id"]
