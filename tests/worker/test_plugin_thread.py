"""All code of a plugin in one thread, which can be interrupted."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from imjoy.errors import CallCancelled, RemoteError

from .harness import RunningWorker, interpreters, with_worker

BUSY = """
    import asyncio, threading, time

    class Plugin:
        def sleep(self):
            print("begun", flush=True)
            time.sleep(60)
        def compute(self):
            print("begun", flush=True)
            while True:
                pass
        def wait(self):
            print("begun", flush=True)
            threading.Event().wait()
        def ask(self):
            print("begun", flush=True)
            return api.prompt().result()
        async def pause(self):
            print("begun", flush=True)
            try:
                await asyncio.sleep(60)
            finally:
                print("cleaned up")
        async def block(self):
            print("begun", flush=True)
            time.sleep(60)
        def stubborn(self):
            print("begun", flush=True)
            try:
                time.sleep(60)
            except BaseException:
                return "as I like"
        def quick(self):
            return threading.current_thread() is threading.main_thread()
    api.export(Plugin())
"""


WAYS = ["sleep", "compute", "wait", "ask", "pause", "block"]
OLDEST, NEWEST = interpreters()[0], interpreters()[-1]


@pytest.mark.parametrize(
    ("python", "name"),
    [(python, "sleep") for python in interpreters()]
    + [(python, name) for python in sorted({OLDEST, NEWEST}) for name in WAYS[1:]],
    ids=lambda value: Path(value).name,
)
def test_cancelling_stops_whatever_runs(tmp_path: Path, python: str, name: str) -> None:
    async def use(worker: RunningWorker) -> None:
        worker.serve("prompt", lambda *args: asyncio.sleep(60))
        await worker.load(BUSY)
        call = worker.start_call(name)
        await worker.says("begun")
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await worker.call("quick") is True
        if name == "pause":
            await worker.says("cleaned up")

    with_worker(tmp_path, use, python)


def test_a_call_that_waits_for_its_turn_can_be_cancelled(tmp_path: Path) -> None:
    async def use(worker: RunningWorker) -> None:
        await worker.load(BUSY)
        first, second = worker.start_call("sleep"), worker.start_call("compute")
        await worker.says("begun")
        second.cancel()
        await asyncio.sleep(0.05)
        first.cancel()
        assert await worker.call("quick") is True
        assert (await worker.says("begun")).count("begun") == 1

    with_worker(tmp_path, use)


def test_who_swallows_the_interruption_answers_with_a_value(tmp_path: Path) -> None:
    async def use(worker: RunningWorker) -> None:
        await worker.load(BUSY)
        call = worker.start_call("stubborn")
        await worker.says("begun")
        assert await worker.call("worker.interrupt") == 1
        assert await call == "as I like"

    with_worker(tmp_path, use)


def test_interrupt_cancels_every_call(tmp_path: Path) -> None:
    async def use(worker: RunningWorker) -> None:
        await worker.load(BUSY)
        calls = [worker.start_call("pause"), worker.start_call("pause")]
        while (await worker.says("begun")).count("begun") < 2:
            await asyncio.sleep(0.005)
        assert await worker.call("worker.interrupt") == 2
        for call in calls:
            with pytest.raises(CallCancelled):
                await call
        assert await worker.call("worker.interrupt") == 0

    with_worker(tmp_path, use)


def test_interrupting_again_and_again_never_ends_the_worker(tmp_path: Path) -> None:
    script = """
        import time
        def work(n):
            until = time.monotonic() + n / 1000
            while time.monotonic() < until:
                pass
            return n
        api.export(work)
    """

    async def use(worker: RunningWorker) -> None:
        await worker.load(script)
        for n in range(60):
            call = worker.start_call("work", n % 7)
            await asyncio.sleep((n % 5) / 1000)
            call.cancel()
            await asyncio.wait([call])
        assert await worker.call("work", 1) == 1

    with_worker(tmp_path, use)


def test_functions_may_use_asyncio_as_they_like(tmp_path: Path) -> None:
    script = """
        import asyncio

        async def nap(value):
            await asyncio.sleep(0)
            return value

        class Plugin:
            def run_it(self):
                return asyncio.run(nap("run"))
            def give_it(self):
                return nap("given")
            def start_it(self):
                asyncio.ensure_future(self.say())
            async def say(self):
                print("said by a task")
            async def in_threads(self):
                loop = asyncio.get_event_loop()
                return await loop.run_in_executor(None, lambda: "thread")
            async def by_a_process(self):
                process = await asyncio.create_subprocess_exec("echo", "hi", stdout=-1)
                return (await process.communicate())[0]
        api.export(Plugin)
    """

    async def use(worker: RunningWorker) -> None:
        await worker.load(script)
        assert await worker.call("run_it") == "run"
        assert await worker.call("give_it") == "given"
        await worker.call("start_it")
        await worker.says("said by a task")
        assert await worker.call("in_threads") == "thread"
        assert await worker.call("by_a_process") == b"hi\n"

    with_worker(tmp_path, use)


def test_what_ends_other_programs_is_only_an_error_here(tmp_path: Path) -> None:
    script = """
        import sys
        def leave():
            sys.exit("enough")
        def stop():
            raise KeyboardInterrupt
        async def leave_later():
            sys.exit("later")
        api.export({"leave": leave, "stop": stop, "leave_later": leave_later, "quick": lambda: 1})
    """

    async def use(worker: RunningWorker) -> None:
        await worker.load(script)
        for name in ("leave", "stop", "leave_later"):
            with pytest.raises(RemoteError):
                await worker.call(name)
            assert await worker.call("quick") == 1

    with_worker(tmp_path, use)


def test_a_sleeping_loop_wakes_for_threads_timers_files_and_signals(tmp_path: Path) -> None:
    script = """
        import asyncio, os, signal, socket, threading
        loop = asyncio.get_event_loop()
        ours, theirs = socket.socketpair()
        def from_thread():
            threading.Timer(0.1, loop.call_soon_threadsafe, [print, "a thread"]).start()
        def timer():
            loop.call_later(0.1, print, "a timer")
        def file():
            loop.add_reader(ours, lambda: print("a file", loop.remove_reader(ours)))
            threading.Timer(0.1, theirs.send, [b"x"]).start()
        def on_signal():
            loop.add_signal_handler(signal.SIGUSR1, print, "a signal")
            threading.Timer(0.1, os.kill, [os.getpid(), signal.SIGUSR1]).start()
        async def later():
            await asyncio.sleep(0.1)
            print("a task")
        def background():
            asyncio.ensure_future(later())
        api.export({f.__name__: f for f in (from_thread, timer, file, on_signal, background)})
    """

    async def use(worker: RunningWorker) -> None:
        await worker.load(script)
        for name, word in (
            ("from_thread", "a thread"),
            ("timer", "a timer"),
            ("file", "a file"),
            ("background", "a task"),
            ("on_signal", "a signal"),
            ("from_thread", "a thread\n"),
        ):
            await worker.call(name)
            await worker.says(word)  # without another call, which would wake it as well

    with_worker(tmp_path, use)
