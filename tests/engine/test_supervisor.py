"""Plugins of several pages; starts that are cancelled, replaced, refused."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from supervisor_harness import Page, with_page

from imjoy.errors import EnvError, ImJoyError

QUIET = "api.export({'run': lambda x=1: x})"


def test_lists_and_logs_are_each_pages_own(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        started = await page.start("print('mine', flush=True)\n" + QUIET)
        (facts,) = page.supervisor.list(page.address)
        assert facts["pid"] == started["pid"]
        assert (facts["id"], facts["name"], facts["state"]) == ("p", "Demo", "running")
        assert facts["memory"] > 1_000_000
        await page.until(lambda: page.supervisor.log(page.address, "p"))
        other = secrets.token_hex(16)
        assert page.supervisor.list(other) == []
        assert page.supervisor.log(other, "p") == []
        assert await page.supervisor.stop(other, "p") is False
        await page.supervisor.stop_all(other)
        assert psutil.pid_exists(started["pid"])
        await page.supervisor.stop_all(page.address)
        assert not psutil.pid_exists(started["pid"])

    with_page(tmp_path, use)


def test_a_second_start_replaces_the_first(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        first = await page.start(QUIET)
        second = await page.start(QUIET)
        assert not psutil.pid_exists(first["pid"])
        assert [facts["pid"] for facts in page.supervisor.list(page.address)] == [second["pid"]]
        both = await asyncio.gather(page.start(QUIET), page.start(QUIET), return_exceptions=True)
        (last,) = (result for result in both if isinstance(result, dict))
        assert any(isinstance(result, asyncio.CancelledError) for result in both)
        assert [facts["pid"] for facts in page.supervisor.list(page.address)] == [last["pid"]]

    with_page(tmp_path, use)


@pytest.mark.parametrize("way", ["cancel", "stop"])
def test_a_start_can_be_given_up_while_the_script_runs(tmp_path: Path, way: str) -> None:
    async def use(page: Page) -> None:
        starting = asyncio.create_task(
            page.start("import time\nprint('begun', flush=True)\ntime.sleep(60)")
        )
        await page.until(lambda: "begun" in page.texts())
        if way == "cancel":
            starting.cancel()
        else:
            assert await page.supervisor.stop(page.address, "p") is True
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(starting, 20)
        assert page.supervisor.list(page.address) == []

    with_page(tmp_path, use)


def test_cancelling_a_start_over_the_wire(tmp_path: Path) -> None:
    """As a page does it: its call to the engine is cancelled."""

    async def use(page: Page) -> None:
        async def start() -> object:
            return await page.start("print('begun', flush=True)\nwhile True: pass")

        page.engine.export("engine.start", start)
        call = asyncio.create_task(page.peer.call(page.router.address, "engine.start"))
        await page.until(lambda: "begun" in page.texts())
        call.cancel()
        await asyncio.wait([call])
        await page.until(lambda: not page.supervisor.list(page.address), 0.5)

    with_page(tmp_path, use)


def test_interrupt(tmp_path: Path) -> None:
    script = """
        import time
        def wait():
            print("begun", flush=True)
            time.sleep(60)
        api.export({"wait": wait, "run": lambda: 1})
    """

    async def use(page: Page) -> None:
        started = await page.start(script)
        assert await page.supervisor.interrupt(page.address, "p") is False
        call = asyncio.create_task(page.peer.call(started["peer"], "wait"))
        await page.until(lambda: "begun" in page.texts())
        assert await page.supervisor.interrupt(page.address, "p") is True
        with pytest.raises(ImJoyError) as caught:
            await call
        assert caught.value.code == "rpc.cancelled"
        assert await page.peer.call(started["peer"], "run") == 1
        assert await page.supervisor.interrupt(page.address, "other") is False

    with_page(tmp_path, use)


def test_a_plugin_that_cannot_have_an_environment(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        with pytest.raises(EnvError) as caught:
            await page.start(QUIET, requirements=["cmd: make everything"])
        assert caught.value.code == "env.consent"
        assert page.supervisor.list(page.address) == []
        plan = page.supervisor.plan({"config": {"requirements": "numpy"}})
        assert plan["packages"] == ["numpy"]
        with pytest.raises(EnvError):
            page.supervisor.plan({"config": {"requirements": ["npm: left-pad"]}})

    with_page(tmp_path, use)


def test_names_of_workspaces_stay_below_their_folder(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        plugin = {
            "id": "p",
            "name": "Demo",
            "workspace": "../../etc",
            "scripts": [{"content": QUIET, "lang": "python"}],
        }
        started = await page.supervisor.start(page.address, plugin, {})
        folder = Path(psutil.Process(started["pid"]).cwd())
        assert folder.parent == tmp_path / "workspaces"

    with_page(tmp_path, use)


def test_nothing_starts_when_the_engine_is_ending(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        started = await page.start(QUIET)
        await page.supervisor.aclose()
        assert not psutil.pid_exists(started["pid"])
        with pytest.raises(ImJoyError):
            await page.start(QUIET)

    with_page(tmp_path, use)


def test_no_process_outlives_a_killed_engine(tmp_path: Path) -> None:
    here = Path(__file__).parent
    program = f"""
import asyncio, pathlib, sys, time
sys.path.insert(0, {str(here)!r})
from supervisor_harness import Page
SCRIPT = '''
import os, subprocess, sys
sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
child = subprocess.Popen(sleep)
left = subprocess.Popen(sleep, start_new_session=True)
told, tell = os.pipe()
if os.fork() == 0:  # as a daemon does: its parent ends, and it leads a session of its own
    os.setsid()
    daemon = subprocess.Popen(sleep, start_new_session=True)
    os.write(tell, str(daemon.pid).encode())
    os._exit(0)
daemon = int(os.read(told, 20))
def busy():
    while True:
        sum(range(10 ** 6))
api.export({{"busy": busy, "children": lambda: [child.pid, left.pid, daemon]}})
'''
async def main():
    page = Page(pathlib.Path({str(tmp_path)!r}))
    started = await page.start(SCRIPT)
    children = await page.peer.call(started["peer"], "children")
    call = asyncio.ensure_future(page.peer.call(started["peer"], "busy"))
    print(started["pid"], *children, flush=True)
    time.sleep(60)
asyncio.run(main())
"""
    env = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    engine = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=env)
    assert engine.stdout is not None
    pids = [int(text) for text in engine.stdout.readline().split()]
    assert len(pids) == 4
    engine.send_signal(signal.SIGKILL)
    engine.communicate()
    until = time.monotonic() + 5
    while any(map(_runs, pids)):
        assert time.monotonic() < until
        time.sleep(0.01)


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
