"""The one thread in which all of a plugin's code runs: the main thread of the worker.

Libraries that must stay in one thread work, signals reach what the plugin waits for, and the
thread of the connection stays free to hear of cancelled calls.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import signal
import sys
import threading
import time
from collections import deque
from concurrent.futures import Future
from typing import Any, Callable, Deque, Dict, Generator, List, Optional, Sequence, TypeVar

from imjoy.errors import CallCancelled, CallTimeout, PeerGone, PluginError
from imjoy.rpc.pending import settle
from imjoy.rpc.transports.turns import ReadingTurns
from imjoy.worker.loader import described
from imjoy.worker.on_behalf import work_for
from imjoy.worker.plugin_loop import PluginLoop

__all__ = ["Job", "PluginThread"]

logger = logging.getLogger(__name__)

CANCELLED = "The call was cancelled."
AGAIN_SECONDS = 0.001
Result = TypeVar("Result")
# Values that are sent without running code of the plugin.
PLAIN = frozenset({type(None), bool, int, float, str, bytes})


class Interrupted(BaseException):
    """Raised in the plugin's code when its call is cancelled; `except Exception` lets it pass."""


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
        self.caller: Optional[str] = None  # the address that it came from
        self.future: Optional[Future[Any]] = None  # for who awaits the job
        self.is_ended = False
        self.task: Optional[asyncio.Task[Any]] = None
        self.cancelled = False
        self.interrupts = 0  # asked for, not delivered yet
        self.when_cancelled: Callable[[Job], None] = lambda job: None
        # Called in the plugin's thread with the value and the error.
        self.when_ended: List[Callable[[Any, Optional[BaseException]], object]] = []

    def __await__(self) -> Generator[Any, None, Any]:
        assert self.future is not None, "it was begun by `submit`"
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
        if self.is_ended:
            return
        self.is_ended = True
        reason = None if error is None else self._reason(error)
        settle(self.future, value, reason)
        for tell in self.when_ended:
            tell(value, reason)

    def _reason(self, error: BaseException) -> Exception:
        """What the caller is told."""
        if isinstance(error, (Interrupted, asyncio.CancelledError)):
            if self.seconds is None:
                return CallCancelled(CANCELLED)
            text = f"It took longer than the {self.seconds:g} seconds that its limits allow."
            return CallTimeout(text)
        if isinstance(error, PluginError) and not isinstance(error, PeerGone):
            return error
        return described(error)


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
        self._ident = 0
        self._is_deaf = False

    def read(self, turns: ReadingTurns) -> None:
        """From now on the thread reads the connection itself while it waits; from any thread."""
        self.loop.read(turns)

    @property
    def is_here(self) -> bool:
        """Whether this is asked in the plugin's thread."""
        return threading.get_ident() == self._ident

    def run(self) -> None:
        """Work until `stop` is called."""
        self._ident = self.loop.thread = threading.get_ident()
        signal.signal(signal.SIGINT, self._on_signal)
        sys.unraisablehook = self._on_unraisable  # Python 3.7 never calls it
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
        if self._jobs or self.loop.has_work:
            self.loop.hold_reading(False)  # while code of the plugin runs
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
        job = Job(self, function, args, kwargs)
        job.future = Future()
        job.future.set_running_or_notify_cancel()  # from now on only `end` settles it
        return self.begin(job)

    def begin(self, job: Job) -> Job:
        """Have a job run; from any thread."""
        self._open.append(job)
        self._jobs.append(job)
        self._wake()
        return job

    def _wake(self) -> None:
        if self.is_here:
            if self._in_loop:
                self.loop.stop()
        elif self.loop.is_asleep:
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
        with work_for(job.caller):
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
                if not self._jobs and type(value) in PLAIN:
                    # Whoever gets the answer may call again before this thread waits.
                    self.loop.hold_reading(True)
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
        if not self.is_here:
            return None
        return next((job for job in list(self._open) if self.is_running(job)), None)

    def _state_of(self, job: Job) -> str:
        if job.cancelled:
            return "cancelling"
        is_begun = job.task is not None or self.is_running(job)
        return "running" if is_begun else "waiting"

    def without_interrupts(self, function: Callable[[], Result]) -> Result:
        """Call it, in any thread, and let cancelled calls be interrupted only afterwards."""
        if not self.is_here or self._is_deaf:
            return function()
        self._is_deaf = True
        try:
            return function()
        finally:
            self._is_deaf = False
            self._interrupt()

    def _on_signal(self, number: int, frame: Any) -> None:
        if not self._is_deaf:
            self._interrupt()

    def _interrupt(self) -> None:
        for job in list(self._open):
            if job.interrupts and self.is_running(job):
                job.interrupts = 0
                raise Interrupted

    def _on_unraisable(self, unraisable: Any) -> None:
        """An interrupt that came while memory was being freed ended nothing, so it comes again."""
        if unraisable.exc_type is not Interrupted:
            sys.__unraisablehook__(unraisable)
            return
        for job in list(self._open):
            if self.is_running(job):
                again = threading.Timer(AGAIN_SECONDS, self.cancel, [job])
                again.daemon = True
                again.start()


def _current_task(loop: asyncio.AbstractEventLoop) -> Optional[asyncio.Task[Any]]:
    return asyncio.current_task(loop)


async def _wait_for(awaitable: Any) -> Any:
    return await awaitable
