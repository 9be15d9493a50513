"""One plugin: what its page hears, and how it ends."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
from pathlib import Path

import psutil
import pytest
from supervisor_harness import Page, with_page

from imjoy.envs import resolve
from imjoy.errors import LoadFailed, PluginCrashed, RemoteError, RpcError

QUIET = "api.export({'run': lambda x=1: x})"


def test_start_run_and_stop(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        started = await page.start("print('hello')\n" + QUIET)
        assert started["interface"] == ["run"]
        assert started["peer"].startswith(page.router.address + "/")
        assert started["environment"]["state"] == "built"
        assert psutil.Process(started["pid"]).cwd() == str(tmp_path / "workspaces/default")
        assert await page.peer.call(started["peer"], "run", [1, 2]) == [1, 2]
        await page.until(lambda: page.log)
        assert page.texts() == ["hello"]
        assert page.log[0]["stream"] == "stdout"
        assert [p["step"] for p in page.progress][-2:] == ["start", "load"]
        assert await page.supervisor.stop(page.address, "p") is True
        await page.until(lambda: page.exits)
        assert page.exits[0]["reason"] == "It was stopped."
        assert not psutil.pid_exists(started["pid"])

    with_page(tmp_path, use)


def test_the_second_start_runs_no_installer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def use(page: Page) -> None:
        await page.start(QUIET)
        await page.supervisor.stop(page.address, "p")
        monkeypatch.setattr(resolve.Tools, "find", None)
        started = await page.start(QUIET)
        assert started["environment"]["state"] == "reused"

    with_page(tmp_path, use)


@pytest.mark.parametrize(
    ("number", "word"), [(signal.SIGKILL, "SIGKILL"), (signal.SIGSEGV, "SIGSEGV")]
)
def test_a_killed_plugin_fails_its_calls_at_once(
    tmp_path: Path, number: signal.Signals, word: str
) -> None:
    script = """
        import subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        def wait():
            print("last words", flush=True)
            time.sleep(60)
        api.export({"wait": wait, "child": lambda: child.pid})
    """

    async def use(page: Page) -> None:
        started = await page.start(script)
        child = await page.peer.call(started["peer"], "child")
        call = asyncio.create_task(page.peer.call(started["peer"], "wait"))
        await page.until(lambda: "last words" in page.texts())
        os.kill(started["pid"], number)
        with pytest.raises(RpcError, match=word) as crashed:
            await asyncio.wait_for(call, 5)
        assert crashed.value.code == "plugin.crashed"
        await page.until(lambda: page.exits)
        assert page.exits[0]["signal"] == word
        assert page.exits[0]["code"] is None
        assert "last words" in page.exits[0]["tail"]
        assert page.supervisor.list(page.address) == []
        with pytest.raises(Exception, match="no such peer"):
            await page.peer.call(started["peer"], "wait")
        await page.until(
            lambda: (
                not psutil.pid_exists(child)
                or psutil.Process(child).status() == psutil.STATUS_ZOMBIE
            )
        )

    with_page(tmp_path, use)


def test_a_plugin_that_leaves_while_loading(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        with pytest.raises(PluginCrashed, match="exit code 7") as caught:
            await page.start("import os\nprint('before', flush=True)\nos._exit(7)")
        assert caught.value.data == {"tail": ["before"]}
        assert page.supervisor.list(page.address) == []

    with_page(tmp_path, use)


def test_a_script_that_fails_ends_its_process(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        with pytest.raises(RemoteError) as caught:
            await page.start("x = 1\n1 / 0")
        assert caught.value.code == "plugin.load_failed"
        assert 'Demo.imjoy.html", line 2' in (caught.value.traceback or "")
        assert page.supervisor.list(page.address) == []

    with_page(tmp_path, use)


def test_a_file_without_a_script(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        plugin = {"id": "p", "name": "Demo", "scripts": [], "config": {}}
        with pytest.raises(LoadFailed):
            await page.supervisor.start(page.address, plugin, {})

    with_page(tmp_path, use)


def test_scripts_are_found_in_the_file(tmp_path: Path) -> None:
    code = (
        '<config lang="json">\n{"name": "Demo", "type": "native-python", "version": "1.0"}\n'
        '</config>\n<script lang="python">\napi.export({"run": lambda: 1 / 0})\n</script>\n'
    )

    async def use(page: Page) -> None:
        plugin = {"id": "p", "name": "Demo", "code": code, "config": {}}
        started = await page.supervisor.start(page.address, plugin, {})
        with pytest.raises(RemoteError) as caught:
            await page.peer.call(started["peer"], "run")
        assert 'Demo.imjoy.html", line 5' in (caught.value.traceback or "")

    with_page(tmp_path, use)


def test_a_plugin_that_does_not_want_to_end(tmp_path: Path) -> None:
    script = """
        import signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        def exit():
            while True:
                time.sleep(1)
        api.export(exit)
    """

    async def use(page: Page) -> None:
        started = await page.start(script)
        await asyncio.wait_for(page.supervisor.stop(page.address, "p"), 20)
        assert not psutil.pid_exists(started["pid"])
        assert page.supervisor.list(page.address) == []

    with_page(tmp_path, use)


@pytest.mark.parametrize(
    "size", [200_000_000, pytest.param(1_000_000_000, marks=pytest.mark.slow, id="gigabyte")]
)
def test_a_plugin_that_prints_without_end(tmp_path: Path, size: int) -> None:
    script = """
        import os
        line = b"The quick brown fox jumps over the lazy dog, again and again.\\n"
        block = line * 4000
        def shout(size):
            written = 0
            while written < size:
                written += os.write(1, block)
            os.write(1, b"the end\\n")
            return written // len(line)
        api.export({"shout": shout, "ping": lambda: 1})
    """

    async def use(page: Page) -> None:
        started = await page.start(script)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        call = asyncio.create_task(page.peer.call(started["peer"], "shout", size))
        turns = 0
        while not call.done():
            await asyncio.sleep(0.01)
            turns += 1
        assert await call >= size // 62
        assert turns > 10, "The engine did nothing else meanwhile."
        await page.until(lambda: "the end" in page.texts())
        assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < 64_000_000
        assert any("were left out" in text for text in page.texts())
        assert len(page.log) < 50_000
        gaps = [b - a for a, b in zip(page.batches, page.batches[1:], strict=False)]
        assert all(gap > 0.09 for gap in gaps)
        assert len(page.supervisor.log(page.address, "p")) > 10_000

    with_page(tmp_path, use)


def test_a_page_that_does_not_answer_holds_nobody_up(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        never = asyncio.Event()

        async def on_log(lines: object) -> None:
            await never.wait()

        plugin = {
            "id": "p",
            "name": "Demo",
            "config": {},
            "scripts": [
                {
                    "content": "def run():\n    for n in range(20000): print(n)\napi.export(run)",
                    "lang": "python",
                    "line": 1,
                }
            ],
        }
        started = await page.supervisor.start(page.address, plugin, {"on_log": on_log})
        for _ in range(5):
            await page.peer.call(started["peer"], "run")
        await page.until(lambda: page.supervisor.log(page.address, "p")[-1]["text"] == "19999")
        assert await page.supervisor.stop(page.address, "p")

    with_page(tmp_path, use)


def test_notes_and_variables_of_the_manifest(tmp_path: Path) -> None:
    script = "import os\napi.export({'run': lambda: os.environ.get('MY_VALUE')})"

    async def use(page: Page) -> None:
        env = [{"type": "variable", "options": {"MY_VALUE": 3}}, {"type": "gputil"}]
        started = await page.start(script, env=env)
        assert await page.peer.call(started["peer"], "run") == "3"
        await page.until(lambda: any("GPU" in text for text in page.texts()))

    with_page(tmp_path, use)
