"""Proxies: one for each function while it is used, then a release with the right count."""

from __future__ import annotations

import gc
import threading

import pytest

from imjoy.protocol.session import Session
from imjoy.rpc.remote import ProxyTable, RemoteFunction, address_of, pin
from rpc.memory import Pair

PEER, CHILD = "b" * 32, "b" * 32 + "/" + "c" * 32


class Wire:
    """A table whose loop is a list of what is still to run."""

    def __init__(self) -> None:
        self.to_run: list = []
        self.released: list = []
        self.called: list = []
        self.table = ProxyTable(lambda *call: self.called.append(call), self.wake)
        self.table.on_release(lambda peer, counts: self.released.append((peer, counts)))

    def wake(self, run) -> bool:
        self.to_run.append(run)
        return True

    def run(self) -> list:
        gc.collect()
        while self.to_run:
            self.to_run.pop(0)()
        return self.released


@pytest.fixture
def wire() -> Wire:
    return Wire()


def test_a_proxy_is_the_same_while_it_is_used(wire):
    first = wire.table.get(PEER, "run", received=True)
    assert wire.table.get(PEER, "run", received=True) is first
    assert wire.table.get(PEER, "stop", received=True) is not first
    assert address_of(first) == (PEER, "run")
    first(1, a=2)
    assert wire.called == [(PEER, "run", (1,), {"a": 2}, "")]


def test_what_is_dropped_is_released_as_often_as_it_was_received(wire):
    proxies = [wire.table.get(PEER, name, received=True) for name in ("a", "b", "a")]
    assert wire.run() == []
    del proxies
    assert wire.run() == [(PEER, {"a": 2, "b": 1})]
    assert len(wire.table) == 0


def test_a_proxy_that_was_asked_for_by_name_is_not_released(wire):
    wire.table.get(PEER, "run", received=False)
    assert wire.run() == []
    assert len(wire.table) == 0


def test_a_proxy_that_was_passed_on_is_not_released(wire):
    proxy = wire.table.get(PEER, "run", received=True)
    pin(proxy)
    del proxy
    assert wire.run() == []


def test_a_function_that_comes_again_before_the_release_is_counted_anew(wire):
    wire.table.get(PEER, "run", received=True)
    gc.collect()
    again = wire.table.get(PEER, "run", received=True)
    assert wire.run() == [(PEER, {"run": 1})]
    assert wire.table.get(PEER, "run", received=True) is again
    del again
    assert wire.run()[1:] == [(PEER, {"run": 2})]


def test_a_peer_that_has_gone_gets_no_release(wire):
    proxy, below = (wire.table.get(peer, "run", received=True) for peer in (PEER, CHILD))
    wire.table.forget(PEER)
    assert wire.table.get(PEER, "run", received=False) is not proxy
    del proxy, below
    assert wire.run() == []


def test_nothing_is_released_after_the_end(wire):
    proxy = wire.table.get(PEER, "run", received=True)
    wire.table.clear()
    del proxy
    assert wire.run() == []


def test_proxies_may_be_dropped_in_any_thread(wire):
    proxies = [wire.table.get(PEER, f"fn:{i}", received=True) for i in range(100)]
    threads = [threading.Thread(target=proxies.pop) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wire.run()
    assert sum(len(counts) for _, counts in wire.released) == 100


def test_a_loop_that_is_faster_than_who_drops_a_proxy_is_woken_again(wire):
    woken = []

    def at_once(flush):
        woken.append(flush)
        flush()
        return True

    wire.table._wake = at_once
    for number in range(3):
        wire.table.get(PEER, f"fn:{number}", received=True)
    assert len(woken) == 3
    assert len(wire.released) == 3


def test_a_proxy_shows_no_address_and_other_functions_have_none(wire):
    assert PEER not in repr(wire.table.get(PEER, "run", received=False))
    assert address_of(len) is None

    class Fake(RemoteFunction):
        __slots__ = ()

    assert address_of(Fake(None, None)) is None  # type: ignore[arg-type]


async def test_of_news_that_waits_only_the_newest_is_sent() -> None:
    pair, heard = Pair(), []
    pair.b.export("hear", heard.append)
    session = Session(pair.b.receive, pair.a.receive, 0.0)
    pair.a._send = lambda frame: session.send(frame, 0.0)
    hear = pair.a.remote(pair.b.address, "hear")
    results = [hear.newest("progress", step) for step in range(5)]
    other = hear.newest("status", "x")
    for result in results[:4]:
        assert await result is None
    session.opened(0, 0.0)
    await results[4]
    await other
    assert heard == [4, "x"]
