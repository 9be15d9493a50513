"""The result of a call can be awaited, waited for in a thread, chained, or left alone."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import logging

import pytest

from imjoy.errors import RemoteError
from imjoy.rpc.result import RemoteResult, running_loop


def make() -> tuple[asyncio.Future, RemoteResult]:
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    return future, RemoteResult(loop, future)


async def test_it_can_be_awaited_again_and_again():
    future, result = make()
    assert not result.done()
    future.set_result(5)
    assert (await result, await result, result.result()) == (5, 5, 5)
    assert result.done()


async def test_it_can_be_held_for_a_block():
    future, result = make()
    future.set_result(5)
    async with result as value:
        assert value == 5


async def test_its_error_is_raised_where_it_is_awaited():
    future, result = make()
    future.set_exception(RemoteError("m"))
    with pytest.raises(RemoteError):
        await result
    with pytest.raises(RemoteError):
        result.result()


async def test_results_can_be_gathered_and_given_a_time_limit():
    pairs = [make() for _ in range(3)]
    for number, (future, _) in enumerate(pairs):
        future.set_result(number)
    assert await asyncio.gather(*(result for _, result in pairs)) == [0, 1, 2]
    _, never = make()
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(never, 0.01)


async def test_callbacks_follow_each_other():
    future, result = make()
    seen = []

    async def later(value):
        seen.append(value)
        return value + 1

    end = result.then(later).then(lambda v: seen.append(v)).finally_(lambda: seen.append("end"))
    future.set_result(1)
    assert await end is None
    assert seen == [1, 2, "end"]


async def test_an_error_goes_to_the_first_catch():
    future, result = make()
    seen: list = []
    chain = result.then(seen.append).catch(lambda error: f"caught {error}").then(seen.append)
    future.set_exception(RemoteError("it"))
    await chain
    assert seen == ["caught it"]


async def test_finally_keeps_the_error_and_catch_keeps_the_value():
    future, result = make()
    seen: list = []
    kept = result.catch(seen.append)
    failing = kept.then(lambda _: 1 / 0).finally_(lambda: seen.append("end"))
    future.set_result("value")
    assert await kept == "value"
    with pytest.raises(ZeroDivisionError):
        await failing
    assert seen == ["end"]


async def test_two_callbacks_may_follow_the_same_result():
    future, result = make()
    ends = [result.then(lambda v, n=n: v + n) for n in range(3)]
    future.set_result(10)
    assert await asyncio.gather(*ends) == [10, 11, 12]


async def test_a_failure_that_nobody_asks_for_is_logged(caplog):
    for settle_first in (True, False):
        future, result = make()
        if settle_first:
            future.set_exception(RemoteError("disk full"))
        del result
        if not settle_first:
            await asyncio.sleep(0)
            future.set_exception(RemoteError("disk full"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        del future
        gc.collect()
    assert [record.getMessage() for record in caplog.records] == [
        "A call that nobody waits for has failed: disk full"
    ] * 2
    assert caplog.records[0].name == "imjoy.rpc.result"


async def test_what_went_well_or_was_asked_for_is_not_logged(caplog):
    future, result = make()
    future.set_result(1)
    failed, asked = make()
    failed.set_exception(RemoteError("m"))
    with pytest.raises(RemoteError):
        await asked
    given_up, cancelled = make()
    cancelled.cancel()
    await asyncio.sleep(0)
    del result, asked, cancelled, future, failed, given_up
    gc.collect()
    await asyncio.sleep(0)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_waiting_for_it_on_its_own_loop_is_refused():
    future, result = make()
    with pytest.raises(RuntimeError, match="await"):
        result.result()
    waiting = RemoteResult(asyncio.get_running_loop(), concurrent.futures.Future())
    with pytest.raises(RuntimeError, match="await"):
        waiting.result(1)
    future.cancel()


async def test_a_thread_waits_for_it():
    loop = asyncio.get_running_loop()
    future, result = make()
    waiting = loop.run_in_executor(None, result.result, 10)
    loop.call_later(0.01, future.set_result, 7)
    assert await waiting == 7
    thread_future: concurrent.futures.Future = concurrent.futures.Future()
    waiting = loop.run_in_executor(None, RemoteResult(loop, thread_future).result, 10)
    thread_future.set_result(8)
    assert await waiting == 8
    with pytest.raises(concurrent.futures.TimeoutError):
        await loop.run_in_executor(None, make()[1].result, 0.01)


async def test_another_loop_in_a_thread_awaits_it():
    loop = asyncio.get_running_loop()
    future, result = make()
    thread_future: concurrent.futures.Future = concurrent.futures.Future()
    other = RemoteResult(loop, thread_future)

    async def both():
        return [await result, await other]

    waiting = loop.run_in_executor(None, lambda: asyncio.run(both()))
    loop.call_later(0.01, future.set_result, 1)
    loop.call_later(0.02, thread_future.set_result, 2)
    assert await waiting == [1, 2]


async def test_callbacks_of_a_result_in_a_thread_run_on_the_loop():
    loop = asyncio.get_running_loop()
    thread_future: concurrent.futures.Future = concurrent.futures.Future()
    result = RemoteResult(loop, thread_future)

    def in_thread():
        return result.then(lambda value: (value, running_loop() is loop)).result(10)

    waiting = loop.run_in_executor(None, in_thread)
    loop.call_later(0.01, thread_future.set_result, 1)
    assert await waiting == (1, True)


async def test_it_is_cancelled_from_its_loop_and_from_a_thread():
    future, result = make()
    assert result.cancel()
    assert future.cancelled()
    assert not result.cancel()
    future, result = make()
    assert await asyncio.get_running_loop().run_in_executor(None, result.cancel)
    await asyncio.sleep(0)
    assert future.cancelled()


async def test_outside_of_a_loop_there_is_none():
    assert running_loop() is asyncio.get_running_loop()
    assert await asyncio.get_running_loop().run_in_executor(None, running_loop) is None
