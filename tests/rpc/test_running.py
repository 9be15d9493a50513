"""Calls that run here: each is answered once, and stopped when its caller says so or goes."""

from __future__ import annotations

import asyncio
import functools

import pytest

from imjoy.errors import CallCancelled, MethodNotFound
from imjoy.protocol import messages
from imjoy.rpc.addresses import new_id
from imjoy.rpc.exports import ExportTable
from imjoy.rpc.running import RunningCalls

ME, CALLER = "a" * 32, "b" * 32


class Desk:
    """Running calls and the answers that they gave."""

    def __init__(self, run_sync=None) -> None:
        self.exports = ExportTable()
        self.answers: list = []
        self.calls = RunningCalls(self.exports, run_sync, self.answer)

    def answer(self, header, value, error) -> None:
        self.answers.append(value if error is None else error)

    def start(self, target, *args, caller=CALLER, **kwargs):
        header = messages.call(new_id(), ME, caller, target)
        self.calls.start(header, list(args), kwargs)
        return header

    async def until_answered(self, count=1):
        while len(self.answers) < count:
            await asyncio.sleep(0)


async def forever(started=None):
    if started is not None:
        started.set()
    await asyncio.Event().wait()


async def test_functions_and_coroutines_are_answered():
    desk = Desk()

    async def double(value):
        return value * 2

    desk.exports.add("add", lambda a, b=0: a + b)
    desk.exports.add("double", double)
    desk.exports.add("partial", functools.partial(double, 4))
    desk.exports.add("who", lambda caller, x: (caller, x), with_caller=True)
    desk.start("add", 1, b=2)
    assert desk.answers == [3]
    desk.start("who", 1)
    assert desk.answers.pop() == (CALLER, 1)
    desk.start("double", 4)
    desk.start("partial")
    await desk.until_answered(3)
    assert desk.answers == [3, 8, 8]


async def test_a_promise_of_a_promise_is_waited_for():
    desk = Desk()
    future = asyncio.get_running_loop().create_future()

    async def give():
        return future

    desk.exports.add("give", give)
    desk.start("give")
    for _ in range(5):
        await asyncio.sleep(0)
    assert desk.answers == []
    future.set_result(7)
    await desk.until_answered()
    assert desk.answers == [7]
    assert len(desk.calls) == 0


@pytest.mark.parametrize(
    "name", ["__class__", "add.__call__", "add.__globals__", "_answer", "calls", "", "add\n"]
)
async def test_unknown_names_are_not_found(name):
    desk = Desk()
    desk.exports.add("add", lambda: 1)
    desk.start(name)
    assert isinstance(desk.answers[0], MethodNotFound)


async def test_exceptions_are_answers():
    desk = Desk()

    async def fail():
        raise ValueError("async")

    desk.exports.add("divide", lambda: 1 / 0)
    desk.exports.add("fail", fail)
    desk.start("divide")
    desk.start("divide", 1, 2, 3)
    desk.start("fail")
    await desk.until_answered(3)
    assert [type(answer) for answer in desk.answers] == [ZeroDivisionError, TypeError, ValueError]


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
async def test_leaving_the_program_is_answered_before_it_happens(kind):
    desk = Desk()

    def leave():
        raise kind

    desk.exports.add("leave", leave)
    with pytest.raises(kind):
        desk.start("leave")
    assert isinstance(desk.answers[0], kind)


async def test_a_cancelled_call_is_stopped_and_answered():
    desk, started = Desk(), asyncio.Event()
    desk.exports.add("forever", forever)
    header = desk.start("forever", started)
    await started.wait()
    desk.calls.cancel(dict(header, **{"from": "c" * 32}))
    await asyncio.sleep(0)
    assert len(desk.calls) == 1
    desk.calls.cancel(header)
    await desk.until_answered()
    assert isinstance(desk.answers[0], CallCancelled)
    desk.calls.cancel(header)
    assert len(desk.calls) == 0


async def test_a_call_cancelled_before_its_first_line_is_answered_too():
    desk = Desk()
    desk.exports.add("forever", forever)
    desk.calls.cancel(desk.start("forever"))
    await desk.until_answered()
    assert isinstance(desk.answers[0], CallCancelled)


async def test_a_call_that_ends_in_spite_of_being_cancelled_gives_its_value():
    desk, started = Desk(), asyncio.Event()

    async def stubborn():
        try:
            await forever(started)
        except asyncio.CancelledError:
            return "cleaned up"

    desk.exports.add("stubborn", stubborn)
    header = desk.start("stubborn")
    await started.wait()
    desk.calls.cancel(header)
    await desk.until_answered()
    assert desk.answers == ["cleaned up"]


async def test_calls_of_a_peer_that_has_gone_are_stopped_without_an_answer():
    desk, stopped = Desk(), []

    async def work():
        try:
            await forever()
        finally:
            stopped.append(1)

    desk.exports.add("work", work)
    desk.start("work", caller=CALLER + "/" + "c" * 32)
    desk.start("work", caller="d" * 32)
    await asyncio.sleep(0)
    desk.calls.stop_peer(CALLER)
    for _ in range(5):
        await asyncio.sleep(0)
    assert (stopped, desk.answers, len(desk.calls)) == ([1], [], 1)
    await desk.calls.aclose()
    assert (stopped, desk.answers, len(desk.calls)) == ([1, 1], [], 0)


async def test_the_same_call_is_not_run_twice():
    desk, started = Desk(), []

    async def work():
        started.append(1)
        await forever()

    desk.exports.add("work", work)
    header = desk.start("work")
    desk.calls.start(header, [], {})
    await asyncio.sleep(0)
    assert started == [1]
    await desk.calls.aclose()


async def test_only_functions_that_are_no_coroutines_go_through_run_sync():
    ran = []

    async def run_sync(function, args, kwargs):
        ran.append((args, kwargs))
        return function(*args, **kwargs)

    desk = Desk(run_sync)

    async def coroutine():
        return "coroutine"

    desk.exports.add("plain", lambda a, b: a + b)
    desk.exports.add("coroutine", coroutine)
    desk.exports.add("gives coroutine", lambda: coroutine())
    desk.start("plain", 1, b=2)
    desk.start("coroutine")
    desk.start("gives coroutine")
    await desk.until_answered(3)
    assert sorted(map(str, desk.answers)) == ["3", "coroutine", "coroutine"]
    assert ran == [([1], {"b": 2}), ([], {})]


async def test_run_sync_may_decide_how_a_call_is_cancelled():
    class Job(asyncio.Future):
        def on_cancel(self):
            self.set_exception(CallCancelled("the thread was interrupted"))

    desk = Desk(lambda function, args, kwargs: Job())
    desk.exports.add("work", len)
    header = desk.start("work")
    await asyncio.sleep(0)
    desk.calls.cancel(header)
    await desk.until_answered()
    assert str(desk.answers[0]) == "the thread was interrupted"
