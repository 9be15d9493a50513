"""Who expects an answer looks for it before it sleeps, as long as that finds some."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

import pytest

from imjoy.rpc.transports import busy_poll
from imjoy.rpc.transports.busy_poll import (
    FEWEST,
    MOST,
    NEAR,
    SECONDS,
    Expectation,
    LoopPoll,
    is_worthwhile,
)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def perf_counter(self) -> float:
        return self.now


def answer(expectation: Expectation, clock: Clock, after: float) -> bool:
    looks = expectation.sent(clock.now)
    clock.now += after
    expectation.came(clock.now)
    return looks


def test_it_looks_when_answers_were_near() -> None:
    expectation, clock = Expectation(), Clock()
    looked = [answer(expectation, clock, NEAR / 2) for _ in range(FEWEST + 2)]
    assert looked == [False] * FEWEST + [True] * 2


def test_one_far_answer_ends_it() -> None:
    expectation, clock = Expectation(), Clock()
    for _ in range(100):
        answer(expectation, clock, NEAR / 2)
    answer(expectation, clock, 2 * NEAR)
    assert not expectation.sent(clock.now)


def test_what_comes_unasked_says_nothing() -> None:
    expectation, clock = Expectation(), Clock()
    for _ in range(100):
        expectation.came(clock.now)
    assert not expectation.sent(clock.now)


def near_answers_until_it_looks(expectation: Expectation, clock: Clock) -> int:
    for number in range(2 * MOST):
        if expectation.sent(clock.now):
            return number
        expectation.came(clock.now)
    raise AssertionError("it never looks again")


def test_each_vain_look_makes_the_next_one_rarer_up_to_a_limit() -> None:
    expectation, clock = Expectation(), Clock()
    needed = []
    for _ in range(7):
        needed.append(near_answers_until_it_looks(expectation, clock))
        expectation.missed()
    assert needed == [FEWEST, 8, 16, 32, MOST, MOST, MOST]


def test_looks_that_find_something_make_up_for_vain_ones() -> None:
    expectation, clock = Expectation(), Clock()
    for _ in range(7):
        expectation.missed()
    for _ in range(3 * MOST):
        answer(expectation, clock, NEAR / 2)
    answer(expectation, clock, 2 * NEAR)
    assert near_answers_until_it_looks(expectation, clock) == FEWEST


class Loop:
    """What LoopPoll uses of a loop, turned by hand."""

    def __init__(self) -> None:
        self.ready: list[Callable[[], Any]] = []

    def call_soon(self, callback: Callable[[], Any]) -> None:
        self.ready.append(callback)

    def turn(self) -> bool:
        """One turn; gives whether the loop would not sleep after it."""
        ready, self.ready = self.ready, []
        for callback in ready:
            callback()
        return bool(self.ready)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(busy_poll, "time", clock)
    return clock


def convinced(clock: Clock) -> tuple[LoopPoll, Loop]:
    loop = Loop()
    poll = LoopPoll(loop, True)  # type: ignore[arg-type]  # all that it uses
    for _ in range(FEWEST):
        poll.sent()
        assert not loop.ready
        clock.now += NEAR / 2
        poll.came()
    return poll, loop


def test_a_loop_does_not_sleep_until_the_answer_comes(clock: Clock) -> None:
    poll, loop = convinced(clock)
    poll.sent()
    for _ in range(5):
        clock.now += SECONDS / 10
        assert loop.turn()
    poll.came()
    assert not loop.turn()


def test_a_loop_sleeps_when_nothing_comes(clock: Clock) -> None:
    poll, loop = convinced(clock)
    poll.sent()
    assert loop.turn()
    clock.now += 2 * SECONDS
    assert not loop.turn()
    poll.came()
    poll.sent()
    assert not loop.ready


def test_others_may_have_the_processor_only_while_nothing_happens(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lets: list[float] = []
    monkeypatch.setattr(busy_poll, "let_others", lambda: lets.append(clock.now))
    poll, loop = convinced(clock)
    for looks, count in ((1, 0), (3, 2), (1, 2)):
        clock.now += SECONDS / 10
        poll.sent()
        for _ in range(looks):
            loop.turn()
        assert len(lets) == count


def test_there_is_one_look_a_turn_however_much_is_sent(clock: Clock) -> None:
    poll, loop = convinced(clock)
    for _ in range(5):
        poll.sent()
    assert len(loop.ready) == 1
    loop.turn()
    poll.came()
    poll.sent()
    assert len(loop.ready) == 1


def test_it_can_be_switched_off(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1}, raising=False)
    monkeypatch.delenv(busy_poll.VARIABLE, raising=False)
    assert is_worthwhile()
    monkeypatch.setenv(busy_poll.VARIABLE, "0")
    assert not is_worthwhile()
    loop = Loop()
    poll = LoopPoll(loop, False)  # type: ignore[arg-type]  # all that it uses
    for _ in range(100):
        poll.sent()
        poll.came()
    assert not loop.ready


def test_nobody_looks_on_the_only_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(busy_poll.VARIABLE, raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {3}, raising=False)
    assert not is_worthwhile()
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert not is_worthwhile()


async def test_a_real_loop_comes_to_rest() -> None:
    poll = LoopPoll(asyncio.get_running_loop(), True)
    for _ in range(FEWEST):
        poll.sent()
        poll.came()
    poll.sent()
    assert poll._is_looking
    for _ in range(1000):
        await asyncio.sleep(0.001)
        if not poll._is_looking:
            break
    assert not poll._is_looking
