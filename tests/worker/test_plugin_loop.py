"""The loop of a plugin's thread: woken by other threads, and reading while it waits."""

from __future__ import annotations

import asyncio
import selectors
import socket
import threading
import time
from typing import Any

import pytest

from imjoy.protocol import messages
from imjoy.protocol.frame import Frame
from imjoy.rpc.transports import turns
from imjoy.rpc.transports.busy_poll import FEWEST
from imjoy.rpc.transports.stream import StreamTransport
from imjoy.worker import plugin_loop
from imjoy.worker.plugin_loop import PluginLoop


@pytest.fixture
def loop() -> Any:
    loop = PluginLoop()
    loop.thread = threading.get_ident()
    loop.run_until_complete(asyncio.sleep(0))
    yield loop
    loop.close()


def later(function: Any) -> threading.Timer:
    timer = threading.Timer(0.05, function)
    timer.start()
    return timer


def test_another_thread_ends_its_sleep(loop: PluginLoop) -> None:
    woken = []
    later(lambda: (woken.append(True), loop.wake()))
    loop.sleep(unless=lambda: False)
    assert woken == [True]
    assert not loop.is_asleep


def test_it_does_not_sleep_when_there_is_something_to_do(loop: PluginLoop) -> None:
    loop.sleep(unless=lambda: True)
    loop.call_soon(lambda: None)
    assert loop.has_work
    loop.sleep(unless=lambda: False)


def test_a_callback_from_another_thread_wakes_it(loop: PluginLoop) -> None:
    done = []
    later(lambda: loop.call_soon(done.append, 1))  # plain `call_soon`: plugins do that
    loop.sleep(unless=lambda: False)
    loop.call_soon(loop.stop)
    loop.run_forever()
    assert done == [1]


@pytest.mark.skipif(not turns.is_available(), reason="only Linux has epoll")
@pytest.mark.parametrize("runs", [False, True], ids=["asleep", "running"])
async def test_what_comes_while_it_waits_is_read_in_its_thread(runs: bool) -> None:
    left, right = socket.socketpair()
    got: list[int] = []
    sender = StreamTransport(left, lambda frame: None, lambda reason: None)
    receiver = StreamTransport(
        right, lambda frame: got.append(threading.get_ident()), lambda reason: None
    )
    reading = turns.ReadingTurns(receiver, lambda: None)
    begun, idents = threading.Event(), []

    def thread() -> None:
        loop = PluginLoop()
        loop.thread = threading.get_ident()
        idents.append(loop.thread)
        loop.read(reading)
        begun.set()
        until = time.monotonic() + 5
        while not got and time.monotonic() < until:
            if runs:
                loop.run_until_complete(asyncio.sleep(0.05))
            else:
                loop.sleep(unless=lambda: False)
        loop.close()

    runner = threading.Thread(target=thread)
    runner.start()
    await asyncio.to_thread(begun.wait, 5)
    await asyncio.sleep(0.02)
    sender.send(Frame(messages.result("0" * 32, "a" * 32, "b" * 32), "1", []))
    await asyncio.to_thread(runner.join, 5)
    assert got == idents
    sender.close()
    receiver.close()


def expecting_selector() -> plugin_loop._Selector:
    selector = plugin_loop._Selector()
    selector._polls = True
    for _ in range(FEWEST):
        selector._expectation.sent(1.0)
        selector._expectation.came(1.0)
    return selector


def test_what_comes_at_once_is_found_by_looking() -> None:
    left, right = socket.socketpair()
    with left, right, expecting_selector() as selector:
        selector.register(right, selectors.EVENT_READ)
        left.send(b"x")
        assert [key.fileobj for key, _ in selector._look(None)] == [right]


def test_looking_ends_when_nothing_comes_and_is_not_repeated_at_once() -> None:
    with expecting_selector() as selector:
        assert selector._look(None) == []
        assert not selector._expectation.sent(1.0)
