"""Every call settles once: by its answer, its timer, or the end of the peer."""

from __future__ import annotations

import asyncio
import concurrent.futures

import pytest

from imjoy.errors import PeerGone
from imjoy.rpc.pending import PendingCalls, settle

PEER, CHILD, OTHER = "b" * 32, "b" * 32 + "/" + "c" * 32, "d" * 32


@pytest.fixture
def pending() -> PendingCalls:
    return PendingCalls()


def add(pending: PendingCalls, call: str, to: str = PEER) -> concurrent.futures.Future:
    future: concurrent.futures.Future = concurrent.futures.Future()
    pending.add(call, to, future, None)
    return future


def test_a_call_is_taken_once(pending):
    future = add(pending, "1")
    assert pending.callee_of("1") == PEER
    assert pending.take("1") is future
    assert pending.take("1") is None
    assert pending.callee_of("1") is None


def test_an_abandoned_call_is_remembered_until_its_answer_comes(pending):
    future = add(pending, "1")
    assert pending.abandon("1") is future
    assert pending.callee_of("1") == PEER
    assert pending.abandon("1") is None
    assert pending.take("1") is None
    assert pending.callee_of("1") is None


def test_the_end_of_a_peer_fails_its_calls_and_those_below_it(pending):
    futures = [add(pending, str(i), to) for i, to in enumerate((PEER, CHILD, OTHER))]
    add(pending, "abandoned", CHILD)
    pending.abandon("abandoned")
    pending.fail_peer(PEER, "it crashed")
    for future in futures[:2]:
        assert isinstance(future.exception(), PeerGone)
        assert str(future.exception()) == "it crashed"
    assert not futures[2].done()
    assert pending.callee_of("abandoned") is None
    assert len(pending) == 1


async def test_the_timer_of_an_answered_call_is_stopped(pending):
    loop = asyncio.get_running_loop()
    timer = loop.call_later(1000, lambda: None)
    pending.add("1", PEER, loop.create_future(), timer)
    pending.take("1")
    assert timer.cancelled()


def test_a_future_that_has_ended_stays_as_it_is():
    future: concurrent.futures.Future = concurrent.futures.Future()
    settle(future, 1)
    settle(future, 2)
    settle(future, error=PeerGone("late"))
    settle(None, 3)
    assert future.result() == 1
    cancelled: concurrent.futures.Future = concurrent.futures.Future()
    cancelled.cancel()
    settle(cancelled, 1)
    assert cancelled.cancelled()
