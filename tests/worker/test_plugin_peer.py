"""Functions that a plugin passes to others run in its thread as well."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from imjoy.errors import RemoteError

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
