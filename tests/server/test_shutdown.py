"""An engine with plugins that do not want to end is gone within seconds, and so are they."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from page_client import Page, linked_peer

import imjoy
from imjoy.server.tokens import Sessions

STUBBORN = """
<config lang="json">{"name": "Stubborn", "type": "native-python", "version": "1.0.0"}</config>
<script lang="python">
import signal, subprocess, time
from imjoy import api
signal.signal(signal.SIGTERM, signal.SIG_IGN)
class Plugin:
    def setup(self):
        pass
    def child(self):
        return subprocess.Popen(["sleep", "600"]).pid
    def exit(self):
        time.sleep(600)
api.export(Plugin())
</script>
"""
CONFIG = {"name": "Stubborn", "type": "native-python", "version": "1.0.0"}
TOKEN = "a token of this test"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_stubborn_plugins_end_with_their_engine(tmp_path: Path, number: int) -> None:
    home = tmp_path / "home"
    session = Sessions(home, TOKEN).open()
    process = subprocess.Popen(
        [sys.executable, "-m", "imjoy", "--port=0", f"--home={home}"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(imjoy.__file__).parents[1]), "IMJOY_TOKEN": TOKEN},
    )
    assert process.stdout is not None
    try:
        lines = iter(process.stdout.readline, "")
        port = next(int(m[1]) for line in lines if (m := re.match(r"http://[^:]+:(\d+)/#", line)))
        workers, children = asyncio.run(asyncio.wait_for(start_plugins(port, session), 50))
        # Killed, the engine takes its workers along; nobody is left to look after their children.
        pids = workers if number == signal.SIGKILL else workers + children
        process.send_signal(number)
        code = process.wait(10)
        _, left = psutil.wait_procs([psutil.Process(pid) for pid in running(pids)], timeout=5)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    for pid in running(children):
        os.kill(pid, signal.SIGKILL)
    assert left == []
    assert code == (-9 if number == signal.SIGKILL else 0)


def running(pids: list[int]) -> list[int]:
    return [pid for pid in pids if psutil.pid_exists(pid)]


async def start_plugins(port: int, session: str) -> tuple[list[int], list[int]]:
    """Start two plugins through the socket; gives their processes and those they started."""
    workers, children = [], []
    page = Page(port)
    async with linked_peer(page, session) as (peer, engine):
        for name in ("one", "two"):
            plugin = {"id": name, "name": "Stubborn", "code": STUBBORN, "config": CONFIG}
            started = await peer.call(engine, "engine.start", plugin, {}, timeout=40)
            workers.append(started["pid"])
            children.append(await peer.call(started["peer"], "child", timeout=10))
    assert running(workers + children) == workers + children
    return workers, children
