"""The one thread in which all of a plugin's code runs: the main thread of the worker.

Libraries that must stay in one thread work, signals reach what the plugin waits for, and the
thread of the connection stays free to hear of cancelled calls.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import signal
import threading
import time
from collections import deque
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, Callable, Deque, Dict, Generator, List, Optional, Sequence

from imjoy.errors import CallCancelled, CallTimeout, PluginError
from imjoy.worker.loader import described

__all__ = ["Job", "PluginLoop", "PluginThread"]

logger = logging.getLogger(__name__)

CANCELLED = "The call was cancelled."


class Interrupted(BaseException):
    """Raised in the plugin's code when its call is cancelled; `except Exception` lets it pass."""


class PluginLoop(asyncio.SelectorEventLoop):
    """The plugin's event loop, which may be given callbacks and tasks from any thread.

    While there is nothing for it to do its thread sleeps in `sleep`, from which waking up takes
    much less than from the loop.
    """

    thread: Optional[int] = None
    is_asleep = False

    def __init__(self) -> None:
        self._wakes: SimpleQueue[None] = SimpleQueue()
        super().__init__()

    def call_soon(  # type: ignore[override]
        self, callback: Any, *args: Any, context: Any = None
    ) -> Any:
        if self.thread in (None, threading.get_ident()):
            return super().call_soon(callback, *args, context=context)
        return self.call_soon_threadsafe(callback, *args, context=context)

    @property
    def has_work(self) -> bool:
        """Whether it has to run; what only waits for other threads has not."""
        loop: Any = self
        has_files = len(loop._selector.get_map()) > 1  # one is its own
        return bool(loop._ready or loop._scheduled or has_files or loop._signal_handlers)

    def sleep(self, unless: Callable[[], object]) -> None:
        """Wait until somebody needs the thread."""
        self.is_asleep = True  # first, because others look at it last
        try:
            if not unless() and not self.has_work:
                self._wakes.get()
        finally:
            self.is_asleep = False

    def wake(self) -> None:
        self._wakes.put(None)

    def _write_to_self(self) -> None:
        if self.is_asleep:
            self.wake()
        else:
            super()._write_to_self()  # type: ignore[misc]

    def _add_reader(self, *args: Any) -> Any:
        added = super()._add_reader(*args)  # type: ignore[misc]
        self._write_to_self()
        return added

    def _add_writer(self, *args: Any) -> Any:
        added = super()._add_writer(*args)  # type: ignore[misc]
        self._write_to_self()
        return added


class Job:
    """One call of a function of the plugin. Awaited by the connection's loop."""

    def __init__(
        self,
        thread: PluginThread,
        function: Callable[..., Any],
        args: Sequence[Any],
        kwargs: Dict[str, Any],
    ) -> None:
        self._thread = thread
        self.function, self.args, self.kwargs = function, args, kwargs
        self.name = getattr(function, "__name__", "a function")
        self.began = time.monotonic()
        self.checks = False  # whether it has asked if it is cancelled
        self.seconds: Optional[float] = None  # the limit that it went over
        self.future: Future[Any] = Future()
        self.future.set_running_or_notify_cancel()  # from now on only `end` settles it
        self.task: Optional[asyncio.Task[Any]] = None
        self.cancelled = False
        self.interrupts = 0  # asked for, not delivered yet
        self.when_cancelled: Callable[[Job], None] = lambda job: None
        # Called in the plugin's thread with the value; True when it has answered with it.
        self.when_ended: Callable[[Any], bool] = lambda value: False
        self.is_answered = False

    def __await__(self) -> Generator[Any, None, Any]:
        return asyncio.wrap_future(self.future).__await__()

    def on_cancel(self) -> None:
        """The caller is no longer interested; called on the connection's loop."""
        self._thread.cancel(self)

    def begin(self) -> Any:
        """Call the function; in the plugin's thread."""
        function, args, kwargs = self.function, self.args, self.kwargs
        del self.function, self.args, self.kwargs  # the arrays in them may be large
        return function(*args, **kwargs)

    def end(self, value: Any = None, error: Optional[BaseException] = None) -> None:
        """Settle the result, once."""
        self._thread.forget(self)
        if self.future.done():
            return
        if error is None:
            self.is_answered = self.when_ended(value)
            self.future.set_result(value)
        elif isinstance(error, (Interrupted, asyncio.CancelledError)) and self.seconds is not None:
            text = f"It took longer than the {self.seconds:g} seconds that its limits allow."
            self.future.set_exception(CallTimeout(text))
        elif isinstance(error, (Interrupted, asyncio.CancelledError)):
            self.future.set_exception(CallCancelled(CANCELLED))
        elif isinstance(error, PluginError):
            self.future.set_exception(error)
        else:
            self.future.set_exception(described(error))


class PluginThread:
    """Runs jobs in the thread that calls `run`, which must be the main thread.

    Coroutine functions run as tasks of `loop`. Other functions run one after another, while the
    loop rests, so that they may use asyncio.run.
    """

    def __init__(self) -> None:
        self.loop = PluginLoop()
        self._jobs: Deque[Job] = deque()
        self._open: List[Job] = []
        self._current: Optional[Job] = None
        self._ended = False
        self._in_loop = False

    def run(self) -> None:
        """Work until `stop` is called."""
        self._ident = self.loop.thread = threading.get_ident()
        signal.signal(signal.SIGINT, self._on_signal)
        asyncio.set_event_loop(self.loop)
        while not self._ended:
            try:
                self._work()
            except Interrupted:
                pass  # it came when the job had just ended
            except (KeyboardInterrupt, SystemExit) as exc:
                logger.error("A task of the plugin ended with %s.", type(exc).__name__)

    def _work(self) -> None:
        """One job, or what its loop has to do, or sleep."""
        if self._jobs:
            self._start(self._jobs.popleft())
            if self.loop.has_work:  # many jobs must not keep it waiting
                self.loop.call_soon(self.loop.stop)
                self.loop.run_forever()
        elif self.loop.has_work:
            self._in_loop = True  # first, because others look at it last
            try:
                if not self._jobs and not self._ended:
                    self.loop.run_forever()
            finally:
                self._in_loop = False
        else:
            self.loop.sleep(unless=lambda: self._jobs or self._ended)

    def submit(self, function: Callable[..., Any], args: Sequence[Any], kwargs: Any) -> Job:
        """Have a function run; from any thread. The job is to be awaited."""
        return self.begin(Job(self, function, args, kwargs))

    def begin(self, job: Job) -> Job:
        """Have a job run; from any thread."""
        self._open.append(job)
        self._jobs.append(job)
        self._wake()
        return job

    def _wake(self) -> None:
        if self.loop.is_asleep:
            self.loop.wake()
        elif self._in_loop:
            self.loop.call_soon_threadsafe(self.loop.stop)

    def stop(self) -> None:
        """End `run` as soon as nothing of the plugin runs; from any thread."""
        self._ended = True
        self._wake()

    def cancel(self, job: Job) -> None:
        """Stop a job that waits, or interrupt it where it is; not in the plugin's thread.

        A job that asks by itself whether it is cancelled is given the time to do so again.
        """
        first, job.cancelled = not job.cancelled, True
        self.loop.call_soon_threadsafe(self._cancel_task, job)
        if self.is_running(job) and not (first and job.checks):
            job.interrupts += 1
            signal.pthread_kill(self._ident, signal.SIGINT)
        if first:
            job.when_cancelled(job)

    def is_cancelled(self) -> bool:
        """Whether the call in which this is asked was cancelled; in the plugin's thread."""
        job = self._job_here()
        if job is None:
            return False
        job.checks = True
        return job.cancelled

    def check_cancelled(self) -> None:
        """End the call in which this is asked if it was cancelled."""
        if self.is_cancelled():
            raise Interrupted

    def facts(self) -> List[Dict[str, Any]]:
        """The calls that run or wait: name, seconds and state of each."""
        now = time.monotonic()
        return [
            {"name": job.name, "seconds": now - job.began, "state": self._state_of(job)}
            for job in list(self._open)
        ]

    def cancel_all(self) -> int:
        """Cancel what runs and what waits; returns how many calls that are."""
        jobs = list(self._open)
        for job in jobs:
            self.cancel(job)
        return len(jobs)

    def forget(self, job: Job) -> None:
        if job in self._open:
            self._open.remove(job)

    # In the plugin's thread.

    def _start(self, job: Job) -> None:
        if inspect.iscoroutinefunction(job.function):
            self._start_task(job)
        else:
            self._run_job(job)

    def _run_job(self, job: Job) -> None:
        if job.cancelled:
            job.end(error=Interrupted())
            return
        try:
            try:
                self._current = job
                value = job.begin()
            finally:
                self._current = None
        except BaseException as exc:  # noqa: BLE001  # a wall: the plugin's own code
            self._current = None
            job.end(error=exc)
        else:
            if inspect.isawaitable(value):
                self._follow(job, value)
            else:
                job.end(value)
        finally:
            asyncio.set_event_loop(self.loop)  # asyncio.run has set none

    def _start_task(self, job: Job) -> None:
        if job.cancelled:
            job.end(error=Interrupted())
            return
        try:
            value = job.begin()
        except BaseException as exc:  # noqa: BLE001  # a wall: wrong arguments
            job.end(error=exc)
        else:
            self._follow(job, value)

    def _follow(self, job: Job, awaitable: Any) -> None:
        job.task = self.loop.create_task(_wait_for(awaitable))
        job.task.add_done_callback(lambda task: self._task_ended(job, task))
        if job.cancelled:
            job.task.cancel()

    def _task_ended(self, job: Job, task: asyncio.Task[Any]) -> None:
        if task.cancelled():
            job.end(error=asyncio.CancelledError())
        elif task.exception() is not None:
            job.end(error=task.exception())
        else:
            job.end(task.result())

    def _cancel_task(self, job: Job) -> None:
        if job.task is not None:
            job.task.cancel()

    def is_running(self, job: Job) -> bool:
        """Whether the thread executes a line of this job, rather than waiting for something."""
        if job is self._current:
            return True
        return job.task is not None and _current_task(self.loop) is job.task

    def _job_here(self) -> Optional[Job]:
        if threading.get_ident() != self._ident:
            return None
        return next((job for job in list(self._open) if self.is_running(job)), None)

    def _state_of(self, job: Job) -> str:
        if job.cancelled:
            return "cancelling"
        is_begun = job.task is not None or self.is_running(job)
        return "running" if is_begun else "waiting"

    def _on_signal(self, number: int, frame: Any) -> None:
        for job in list(self._open):
            if job.interrupts and self.is_running(job):
                job.interrupts = 0
                raise Interrupted


def _current_task(loop: asyncio.AbstractEventLoop) -> Optional[asyncio.Task[Any]]:
    return asyncio.current_task(loop)


async def _wait_for(awaitable: Any) -> Any:
    return await awaitable
