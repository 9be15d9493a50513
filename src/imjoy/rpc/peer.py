"""One end of a conversation: calls functions of other peers and runs the functions it exports."""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import logging
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from imjoy.errors import (
    CallTimeout,
    ImJoyError,
    PeerGone,
    Unserializable,
    bare_record,
    error_from_record,
    error_record,
)
from imjoy.protocol import messages
from imjoy.protocol.frame import Frame, malformed
from imjoy.rpc.addresses import is_within, new_id
from imjoy.rpc.exports import ExportTable
from imjoy.rpc.pending import PendingCalls, settle
from imjoy.rpc.remote import ProxyTable, RemoteFunction
from imjoy.rpc.result import AnyFuture, RemoteResult, running_loop
from imjoy.rpc.running import RunningCalls, RunSync
from imjoy.rpc.translator import NOTHING, Encoded, Translator

__all__ = ["Peer"]

logger = logging.getLogger(__name__)

SendFrame = Callable[[Frame], None]
Header = Dict[str, Any]
CLOSED = "The connection was closed."


class Peer:
    """Belongs to the event loop on which it is first used; only calls may come from other threads.

    `send` is called on the loop. `run_sync(function, args, kwargs)` gives an awaitable and decides
    where functions that are not coroutines run (without it, on the loop); when the caller cancels,
    the awaitable's method `on_cancel` is called if it has one, else its task is cancelled.
    `mapping` makes the objects of decoded values from (key, value) pairs. `allocate(to, size)` gives
    memory that the receiver will see, or None (StreamTransport.share).
    """

    def __init__(
        self,
        address: str,
        send: SendFrame,
        run_sync: Optional[RunSync] = None,
        mapping: Callable[[List[Tuple[str, Any]]], Any] = dict,
        allocate: Callable[[str, int], Any] = lambda receiver, size: None,
    ) -> None:
        self.address = address
        # The router through which everybody else is reached, if it is not above this address.
        self.uplink = ""
        self._send = send
        self._loop = running_loop()
        self._exports = ExportTable()
        self._proxies = ProxyTable(self._call_remote, self._wake)
        self._proxies.on_release(self._release)
        self._translator = Translator(address, self._exports, self._proxies, mapping, allocate)
        self.codecs = self._translator.codecs
        self._pending = PendingCalls()
        self._running = RunningCalls(self._exports, run_sync, self._answer)
        self._closed = False
        self._handlers: Dict[str, Callable[[Header, Frame], None]] = {
            "call": self._on_call,
            "result": self._on_answer,
            "error": self._on_answer,
            "cancel": lambda header, _: self._running.cancel(header),
            "release": self._on_release,
            "gone": self._on_gone,
        }

    def export(self, target: str, function: Callable[..., Any], with_caller: bool = False) -> None:
        """Lets other peers call `function` by exactly this name; dots in it are plain characters.

        With `with_caller` the function gets the address of the caller before its arguments.
        """
        self._exports.add(target, function, with_caller)

    def unexport(self, target: str) -> None:
        self._exports.remove(target)

    def remote(self, peer: str, target: str) -> RemoteFunction:
        """A function that calls `target` of `peer`."""
        return self._proxies.get(peer, target, received=False)

    async def call(
        self, to: str, target: str, *args: Any, timeout: Optional[float] = None, **kwargs: Any
    ) -> Any:
        """Calls a function of another peer and waits for its value; `timeout` in seconds.

        Raises RemoteError (what the function raised), MethodNotFound, PeerUnknown, PeerGone,
        CallCancelled, CallTimeout, Unserializable or ProtocolError. Cancelling the task that waits
        cancels the call.
        """
        future = (self._loop or self._own_loop()).create_future()
        encoded = NOTHING
        if args or kwargs:
            encoded = self._translator.encode_arguments(to, args, kwargs)
        call = self._start(to, target, encoded, future, bool(kwargs), timeout)
        try:
            return await future
        except asyncio.CancelledError:
            if future.cancelled():
                self._give_up(call, to)
            raise

    def adopt(self, call: str, to: str) -> "asyncio.Future[Any]":
        """Waits for the answer to a call that was made in this peer's name before it was there."""
        future = self._own_loop().create_future()
        self._pending.add(call, to, future, None)
        future.add_done_callback(lambda done: self._on_done(call, to, done))
        return future

    def receive(self, frame: Frame, is_checked: bool = False) -> None:
        """Takes a frame from a link, or from a router that has checked it; on the loop only.

        Never raises.
        """
        if self._closed:
            return
        try:
            header = frame.header if is_checked else messages.check_header(frame.header)
            if self._loop is None:
                self._own_loop()
            self._handlers[header["type"]](header, frame)
        except ImJoyError as error:
            logger.warning("A frame was dropped: %s", error)  # it names nobody who could be told

    def peer_gone(self, peer: str, reason: str, code: str = "", reloaded: bool = False) -> None:
        """A peer, and everything below it, is gone: fails calls to it and drops what it holds.

        `code`: what calls to it fail with, if not rpc.peer_gone. `reloaded`: it is back and has
        forgotten everything but asks for the outcome of its own calls, which therefore go on.
        """
        self._exports.forget(peer)
        self._proxies.forget(peer)
        self._running.stop_peer(peer, but_its_own=reloaded)
        self._pending.fail_peer(peer, reason, code)

    async def aclose(self) -> None:
        """Ends the conversation: stops what runs here; calls that wait fail with PeerGone."""
        if not self._closed:
            self._closed = True
            self._pending.fail(lambda to: True, CLOSED)
        await self._running.aclose()
        self._exports.clear()
        self._proxies.clear()

    def _own_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop

    def _wake(self, callback: Callable[[], object]) -> bool:
        """Runs something on the loop, from any thread; False when there is no loop any more."""
        if self._loop is None or self._loop.is_closed():
            return False
        try:
            self._loop.call_soon_threadsafe(callback)
        except RuntimeError:  # it has been closed in this moment
            return False
        return True

    # Calls to others.

    def _call_remote(
        self, to: str, target: str, args: Tuple[Any, ...], kwargs: Dict[str, Any], lossy: str
    ) -> RemoteResult:
        here = running_loop()
        loop = self._loop or here
        future: AnyFuture
        if loop is here and loop is not None:
            return self._call_here(loop, to, target, args, kwargs, lossy)
        if loop is None:
            future = concurrent.futures.Future()
            settle(future, error=PeerGone("There is no event loop to send a call from."))
            return RemoteResult(None, future)
        future = concurrent.futures.Future()
        try:
            # The caller may change its arrays while the call is under way.
            encoded = self._translator.encode_arguments(to, args, kwargs, snapshot=True)
        except ImJoyError as error:
            settle(future, error=error)
            return RemoteResult(loop, future)
        start = functools.partial(
            self._start_for_thread, to, target, encoded, future, bool(kwargs), lossy
        )
        if not self._start_outside(start):
            settle(future, error=PeerGone(CLOSED))
        return RemoteResult(loop, future)

    def _start_outside(self, start: Callable[[], object]) -> bool:
        """Begins a call that another thread makes; False when there is no loop any more."""
        return self._wake(start)

    def _call_here(
        self,
        loop: asyncio.AbstractEventLoop,
        to: str,
        target: str,
        args: Tuple[Any, ...],
        kwargs: Dict[str, Any],
        lossy: str,
    ) -> RemoteResult:
        """A call from the loop itself."""
        future = loop.create_future()
        try:
            encoded = self._translator.encode_arguments(to, args, kwargs, snapshot=True)
        except ImJoyError as error:
            future.set_exception(error)
            return RemoteResult(loop, future)
        call = self._start(to, target, encoded, future, bool(kwargs), None, lossy)
        return RemoteResult(loop, future, functools.partial(self._give_up, call, to))

    def _start_for_thread(
        self,
        to: str,
        target: str,
        encoded: Encoded,
        future: "concurrent.futures.Future[Any]",
        kwargs: bool,
        lossy: str,
    ) -> None:
        call = self._start(to, target, encoded, future, kwargs, None, lossy)
        future.add_done_callback(lambda done: self._on_done(call, to, done))

    def _start(
        self,
        to: str,
        target: str,
        encoded: Encoded,
        future: AnyFuture,
        kwargs: bool,
        timeout: Optional[float],
        lossy: str = "",
    ) -> str:
        """Sends a call whose answer settles the future; gives its id."""
        if self._closed or future.done():
            encoded.undo()
            settle(future, error=PeerGone(CLOSED))
            return ""
        call, timer = new_id(), None
        if timeout is not None:
            timer = self._own_loop().call_later(timeout, self._expire, call, to, target, timeout)
        self._pending.add(call, to, future, timer)
        header = messages.call(call, to, self.address, target, kwargs, lossy)
        problem = self._post(header, encoded.body, encoded.buffers)
        if problem is not None:
            encoded.undo()
            settle(self._pending.take(call), error=problem)
        return call

    def _on_done(self, call: str, to: str, future: AnyFuture) -> None:
        if not future.cancelled():
            return
        if running_loop() is self._loop:
            self._give_up(call, to)
        else:
            self._wake(functools.partial(self._give_up, call, to))

    def _expire(self, call: str, to: str, target: str, seconds: float) -> None:
        message = f"{target} did not answer within {seconds:g} seconds."
        settle(self._give_up(call, to), error=CallTimeout(message))

    def _give_up(self, call: str, to: str) -> Optional[AnyFuture]:
        future = self._pending.abandon(call)
        if future is not None and not self._closed:
            self._post(messages.cancel(call, to, self.address))
        return future

    def _on_answer(self, header: Header, frame: Frame) -> None:
        callee, sender = self._pending.callee_of(header["id"]), header["from"]
        if callee is None or not (callee == sender or self._may_answer(sender, callee)):
            return
        future = self._pending.take(header["id"])
        try:
            value = self._translator.decode(callee, frame)
            if header["type"] == "result":
                settle(future, value)
            else:
                settle(future, error=error_from_record(value))
        except ImJoyError as error:
            settle(future, error=error)

    def _may_answer(self, sender: str, callee: str) -> bool:
        """The callee itself, or a router on the way to it that could not deliver the call."""
        on_the_way = is_within(callee, sender) or is_within(self.address, sender)
        return on_the_way or sender == self.uplink

    # Calls of others.

    def _on_call(self, header: Header, frame: Frame) -> None:
        kwargs: Dict[str, Any] = {}
        try:
            args = self._translator.decode(header["from"], frame)
            if type(args) is not list:
                raise malformed("the arguments of a call are not a list")
            if header.get("kwargs"):
                kwargs = _keywords(args)
        except ImJoyError as error:
            self._answer(header, None, error)
            return
        self._running.start(header, args, kwargs)

    def _answer(self, call: Header, value: Any, error: Optional[BaseException]) -> None:
        if self._closed:
            return
        caller: str = call["from"]
        kind = messages.result
        if error is not None:
            value, kind = error_record(error), messages.error
        try:
            encoded = self._translator.encode(caller, value)
        except ImJoyError as refused:
            kind = messages.error
            encoded = self._translator.encode(caller, bare_record(refused))
        header = kind(call["id"], caller, self.address)
        problem = self._post(header, encoded.body, encoded.buffers)
        if problem is not None:
            encoded.undo()
            body = self._translator.encode(caller, bare_record(problem)).body
            self._post(messages.error(call["id"], caller, self.address), body)

    # References and ends.

    def _release(self, peer: str, targets: Dict[str, int]) -> None:
        if not self._closed:
            self._post(messages.release(peer, self.address, targets))

    def _on_release(self, header: Header, _: Frame) -> None:
        for target, count in header["targets"].items():
            self._exports.release(target, header["from"], count)

    def _on_gone(self, header: Header, _: Frame) -> None:
        sender, peer = header["from"], header["peer"]
        # Only who relays for us, or for the peer in question, can know that it has gone.
        if is_within(self.address, sender) or is_within(peer, sender):
            code, reloaded = header.get("code", ""), header.get("reloaded", False)
            self.peer_gone(peer, header["reason"], code, reloaded)

    def _post(
        self, header: Header, body: str = "", buffers: Sequence[Any] = ()
    ) -> Optional[ImJoyError]:
        """Sends a frame; gives the reason when the link does not take it."""
        if header["to"] == self.address:
            # Later and with copies, as to anybody else.
            copy = Frame(header, body, [bytes(buffer) for buffer in buffers])
            self._own_loop().call_soon(self.receive, copy)
            return None
        try:
            self._send(Frame(header, body, list(buffers) if buffers else []))
        except ImJoyError as error:
            return error
        except Exception as error:  # noqa: BLE001  # a wall: the link belongs to others
            return Unserializable(f"The message could not be sent: {error}")
        return None


def _keywords(args: List[Any]) -> Dict[str, Any]:
    """Takes the keyword arguments out of the arguments of a call."""
    keywords = args.pop() if args else None
    if not isinstance(keywords, dict) or not all(type(key) is str for key in keywords):
        raise malformed("the keyword arguments of a call are not an object")
    return keywords
