"""A cancelled call ends: by itself, by an interrupt, or with its process; each step is told."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from imjoy.errors import CallCancelled, RpcError

from .harness import RunningWorker, with_worker

SCRIPT = """
    import time
    log = []
    def polite():
        while not api.is_cancelled():
            time.sleep(0.01)
        return "ended by itself"
    def checking():
        for _ in range(3000):
            time.sleep(0.01)
            api.check_cancelled()
    def rude():
        for _ in range(2):
            try:
                while True: time.sleep(0.01)
            except BaseException as exc:
                log.append(type(exc).__name__)
        return "never mind"
    def deaf():
        for _ in range(100):
            try:
                while True: time.sleep(0.01)
            except BaseException:
                pass
    def idle(): return api.is_cancelled()
    api.export({"polite": polite, "checking": checking, "rude": rude, "deaf": deaf,
                "log": lambda: log, "idle": idle})
"""


def listen(worker: RunningWorker) -> list[tuple[Any, ...]]:
    """The test's page takes the place of the engine, which hears the reports."""
    told: list[tuple[Any, ...]] = []
    receive = worker._receive

    def tap(frame: Any) -> None:
        if frame.header.get("target") == "worker.report":
            told.append(frame.body)
        else:
            receive(frame)

    worker.transport._on_frame = tap
    return told


async def cancel(worker: RunningWorker, name: str) -> tuple[Any, float]:
    call = worker.start_call(name)
    await asyncio.sleep(0.3)
    began = time.monotonic()
    pending = worker.page._pending
    [call_id] = [key for key, one in pending._waiting.items()]
    worker.transport.send(_cancel(worker, call_id))
    try:
        return await asyncio.wait_for(call, 10), time.monotonic() - began
    except RpcError as error:
        return error, time.monotonic() - began


def _cancel(worker: RunningWorker, call_id: str) -> Any:
    from imjoy.protocol import messages
    from imjoy.protocol.frame import Frame

    return Frame(messages.cancel(call_id, worker.address, worker.host), "", [])


def test_each_step(tmp_path: Path) -> None:
    async def use(worker: RunningWorker) -> None:
        told = listen(worker)
        await worker.load(SCRIPT)
        value, seconds = await cancel(worker, "polite")
        assert value == "ended by itself" and seconds < 1
        assert "asked to end by itself" in told[-1]
        value, seconds = await cancel(worker, "checking")
        assert isinstance(value, CallCancelled) and seconds < 1
        value, seconds = await cancel(worker, "rude")
        assert value == "never mind" and 0.5 < seconds < 3
        assert await worker.call("log") == ["Interrupted", "Interrupted"]
        assert "interrupted again" in told[-1]
        assert await worker.call("idle") is False

    with_worker(tmp_path, use)


def test_what_never_ends_is_told_so_that_its_process_can_be_ended(tmp_path: Path) -> None:
    async def use(worker: RunningWorker) -> None:
        told = listen(worker)
        await worker.load(SCRIPT)
        call = asyncio.ensure_future(cancel(worker, "deaf"))
        while not any("its process is ended" in text for text in told):
            await asyncio.sleep(0.05)
        assert told[-1].endswith("true]")
        facts = await worker.call("worker.calls")
        assert [(one["name"], one["state"]) for one in facts] == [("deaf", "cancelling")]
        call.cancel()

    with_worker(tmp_path, use)


def test_a_call_over_its_time(tmp_path: Path) -> None:
    async def use(worker: RunningWorker) -> None:
        listen(worker)
        plugin = worker.load
        await plugin(
            "import time\ndef slow(): time.sleep(20)\nasync def late():\n    import asyncio\n"
            "    await asyncio.sleep(20)\napi.export({'slow': slow, 'late': late, 'quick': abs})",
        )
        await worker.call("worker.load", {**worker.plugin, "call_time": 0.3})
        for name in ("slow", "late"):
            with pytest.raises(RpcError, match=r"longer than the 0.3 seconds") as late:
                await worker.call(name)
            assert late.value.code == "rpc.timeout"
        assert await worker.call("quick", -1) == 1

    with_worker(tmp_path, use)
