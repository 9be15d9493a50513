"""Functions that a plugin passes to others run in its thread as well."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from imjoy.errors import RemoteError
from imjoy.protocol.context import Codec
from imjoy.rpc.transports.turns import is_available

from .harness import RunningWorker, with_worker

SCRIPT = """
    import threading

    def in_main():
        return threading.current_thread() is threading.main_thread()

    async def later():
        return in_main()

    class Counter:
        def __init__(self):
            self.count = 0
        def increase(self, by):
            self.count += by
            return self.count

    def give():
        return {"now": in_main, "later": later, "counter": Counter()}

    def follow():
        api.echo(1).then(lambda value: print("then", value, in_main()))
        api.fail().catch(lambda error: print("catch", error, in_main()))

    async def follow_later():
        await api.echo(2).then(lambda value: print("then", value, in_main()))

    api.export({"give": give, "follow": follow, "follow_later": follow_later})
"""


def test_callbacks_and_methods(tmp_path: Path) -> None:
    async def use(worker: RunningWorker) -> None:
        await worker.load(SCRIPT)
        given = await worker.call("give")
        assert await given["now"]() is True
        assert await given["later"]() is True
        assert await given["counter"]["increase"](2) == 2
        assert await given["counter"]["increase"](3) == 5

    with_worker(tmp_path, use)


def test_what_follows_a_call_runs_in_the_plugins_thread(tmp_path: Path) -> None:
    def fail(*args: Any) -> None:
        raise ValueError("sorry")

    async def use(worker: RunningWorker) -> None:
        worker.serve("echo", lambda value: value)
        worker.serve("fail", fail)
        await worker.load(SCRIPT)
        await worker.call("follow")
        await worker.says("then 1 True")
        await worker.says("catch sorry True")
        await worker.call("follow_later")
        await worker.says("then 2 True")

    with_worker(tmp_path, use)


def test_a_call_that_nobody_waits_for_is_sent_and_its_failure_is_told(tmp_path: Path) -> None:
    async def use(worker: RunningWorker) -> None:
        worker.serve("showStatus")
        await worker.load(
            "def run():\n    api.show_status('x')\n    api.no_such_function(1)\napi.export(run)"
        )
        await worker.call("run")
        assert await worker.says("noSuchFunction")
        assert worker.heard == [("showStatus", ("x",))]

    with_worker(tmp_path, use)


def test_an_answer_does_not_overtake_what_was_sent_before(tmp_path: Path) -> None:
    async def use(worker: RunningWorker) -> None:
        heard: list[int] = []
        worker.serve("note", heard.append)
        await worker.load(
            """
            def count(n):
                for i in range(5):
                    api.note(n * 5 + i)
                return n
            api.export({"count": count})
            """
        )
        for number in range(100):
            assert await worker.call("count", number) == number
            assert heard == list(range(5 * number + 5))

    with_worker(tmp_path, use)


def test_many_plain_answers_reach_their_callers(tmp_path: Path) -> None:
    async def use(worker: RunningWorker) -> None:
        await worker.load("api.export({'same': lambda value: value, 'fail': lambda: 1 / 0})")
        values = [None, True, 3, 2**70, 0.5, float("inf"), "text", "\ud800", [1], {"a": "b"}]
        for _ in range(30):
            calls = [worker.start_call("same", value) for value in values]
            failing = worker.start_call("fail")
            assert [await call for call in calls] == values
            with pytest.raises(RemoteError, match="division"):
                await failing
        assert len(worker.page._pending) == 0

    with_worker(tmp_path, use)


READERS = """
    import threading, time

    def in_main(value=None):
        return threading.current_thread() is threading.main_thread()

    api.register_codec({"name": "where", "decoder": in_main})

    def where(read_in_main):
        return read_in_main

    def busy(seconds):
        time.sleep(seconds)

    log = []
    def note(number, function=None):
        log.append(number)
    async def note_later(number):
        log.append(number)
    def logged():
        return list(log)
    api.export({"where": where, "busy": busy, "note": note, "note_later": note_later,
                "logged": logged})
"""


class Where:
    """A value that is decoded where it is read."""


def test_an_idle_plugin_reads_by_itself_and_a_busy_one_leaves_it_to_the_loop(
    tmp_path: Path,
) -> None:
    async def use(worker: RunningWorker) -> None:
        await worker.load(READERS)
        worker.page.codecs.register(Codec("where", Where, lambda value: 1, None))
        assert await worker.call("note", 0) is None
        await asyncio.sleep(0.05)
        assert await worker.call("where", Where()) is is_available()
        busy = worker.start_call("busy", 0.5)
        await asyncio.sleep(0.2)
        assert await worker.call("where", Where()) is False
        await busy

    with_worker(tmp_path, use)


def test_calls_of_every_kind_come_in_the_order_in_which_they_were_sent(tmp_path: Path) -> None:
    async def use(worker: RunningWorker) -> None:
        await worker.load(READERS)
        count = 400
        calls = []
        for number in range(count):
            if number % 7 == 0:  # for the loop, between what is for the plugin
                calls.append(worker.start_call("worker.calls"))
            extra = [lambda: None] if number % 3 == 0 else []
            calls.append(worker.start_call("note", number, *extra))
            if number % 13 == 0:
                await asyncio.sleep(0.001)
        for call in calls:
            await call
        assert await worker.call("logged") == list(range(count))

    with_worker(tmp_path, use)


def test_interrupts_leave_whole_messages(tmp_path: Path) -> None:
    async def use(worker: RunningWorker) -> None:
        heard: list[int] = []
        worker.serve("note", lambda number, text: heard.append(number))
        await worker.load(
            """
            def talk(start):
                for number in range(100000):
                    api.note(start + number, "x" * 3000)
            api.export({"talk": talk, "quick": lambda value: value})
            """
        )
        for round_ in range(30):
            call = worker.start_call("talk", round_ * 1_000_000)
            while not heard or heard[-1] < round_ * 1_000_000:
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.0007 * (round_ % 5))
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert await worker.call("quick", round_) == round_
            assert heard[-1] < round_ * 1_000_000 + 99_999, "it went on to its end"
        assert heard == sorted(heard)

    with_worker(tmp_path, use)


@pytest.mark.skipif(sys.version_info < (3, 8), reason="Python 3.7 does not tell of it")
def test_an_interrupt_while_memory_is_freed_comes_again(tmp_path: Path) -> None:
    async def use(worker: RunningWorker) -> None:
        await worker.load(
            """
            class Slow:
                def __del__(self):
                    for _ in range(30):
                        pass

            def work():
                while True:
                    Slow()

            api.export({"work": work, "quick": lambda value: value})
            """
        )
        for round_ in range(5):
            call = worker.start_call("work")
            await asyncio.sleep(0.02)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert await worker.call("quick", round_) == round_

    with_worker(tmp_path, use)


def test_calls_one_by_one_never_leave_the_plugins_thread(tmp_path: Path) -> None:
    async def use(worker: RunningWorker) -> None:
        await worker.load(READERS)
        worker.page.codecs.register(Codec("where", Where, lambda value: 1, None))
        await worker.call("note", 0)
        await asyncio.sleep(0.05)
        read_here = [await worker.call("where", Where()) for _ in range(200)]
        assert read_here.count(is_available()) > 190

    with_worker(tmp_path, use)
