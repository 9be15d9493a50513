"""The life of a worker: load, run, exit, and the ends that nobody asked for."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import psutil
import pytest

from imjoy.errors import MethodNotFound, RemoteError

from .harness import RunningWorker, interpreters, with_worker

PLUGIN = """
    import sys
    from imjoy import api as api_1
    from imjoy_rpc import api as api_2
    import imjoy
    assert api is api_1 is api_2 is imjoy.api
    assert __name__ == "__main__"

    class Plugin:
        secret = 1

        async def setup(self):
            api.log("ready")

        async def run(self, ctx):
            answer = await api.prompt("Name?", placeholder="x")
            total = 0
            for step in range(3):
                total += await ctx.report(step)
            return {"answer": answer, "n": ctx.config.n, "missing": ctx.config.nothing,
                    "total": total, "version": list(sys.version_info[:2])}

        def add(self, a, b=1):
            return a + b

        def values(self, value):
            return [value, float("nan"), 2 ** 70, b"bytes", (1, 2), {"a": None}]

        def _hidden(self):
            pass

    api.export(Plugin())
"""


@pytest.mark.parametrize("python", interpreters(), ids=lambda path: Path(path).name)
def test_a_plugin_on_every_python(tmp_path: Path, python: str) -> None:
    async def use(worker: RunningWorker) -> None:
        worker.serve("log")
        worker.serve("prompt", lambda *args: "Ada")
        assert sorted(await worker.load(PLUGIN, api_version="0.1.8")) == [
            "add",
            "run",
            "setup",
            "values",
        ]
        assert await worker.call("setup") is None
        assert ("log", ("ready",)) in worker.heard
        ctx = {"config": {"n": 5}, "report": lambda step: step * 10}
        result = await worker.call("run", ctx)
        assert result.pop("version") in [[3, minor] for minor in range(7, 15)]
        assert result == {"answer": "Ada", "n": 5, "missing": None, "total": 30}
        assert ("prompt", ("Name?", {"placeholder": "x"})) in worker.heard
        assert await worker.call("add", 2) == 3
        assert await worker.call("add", 2, b=5) == 7
        value = [1, "text", {"k": [True, None]}]
        values = await worker.call("values", value)
        assert values[0] == value
        assert values[1] != values[1]
        assert values[2:] == [2**70, b"bytes", [1, 2], {"a": None}]
        with pytest.raises(RemoteError) as caught:
            await worker.call("add", "text")
        assert caught.value.name == "TypeError"
        with pytest.raises(MethodNotFound):
            await worker.call("_hidden")
        await worker.call("worker.exit")
        assert await worker.ended() == 0

    with_worker(tmp_path, use, python)


def test_exit_is_called(tmp_path: Path) -> None:
    async def use(worker: RunningWorker) -> None:
        await worker.load("api.export({'exit': lambda: print('goodbye'), 'run': print})")
        await worker.call("worker.exit")
        assert await worker.ended() == 0
        await worker.says("goodbye")

    with_worker(tmp_path, use)


def test_a_failing_exit_ends_all_the_same(tmp_path: Path) -> None:
    async def use(worker: RunningWorker) -> None:
        await worker.load("def bad():\n    raise ValueError('no')\napi.export({'exit': bad})")
        await worker.call("worker.exit")
        assert await worker.ended() == 0

    with_worker(tmp_path, use)


@pytest.mark.parametrize(
    ("script", "says", "line"),
    [
        ("x = 1\nprint(x)", "did not export", None),
        ("x = (", "was never closed", "line 41"),
        ("x = 1\ny = 2\n1 / 0", "division by zero", "line 43"),
        ("import nosuchmodule", "nosuchmodule", "line 41"),
        ("import sys\nsys.exit(3)", "exit(3)", None),
        ("api.export({})", "nothing to call", "line 41"),
    ],
)
def test_what_cannot_be_loaded(tmp_path: Path, script: str, says: str, line: str | None) -> None:
    async def use(worker: RunningWorker) -> None:
        with pytest.raises(RemoteError) as caught:
            await worker.load(script, line=41)
        assert caught.value.code == "plugin.load_failed"
        assert says in caught.value.message
        if line:
            assert caught.value.traceback is not None
            assert f'"Demo.imjoy.html", {line}' in caught.value.traceback
            assert "/imjoy/" not in caught.value.traceback

    with_worker(tmp_path, use)


def test_a_lost_connection_ends_it_and_its_children(tmp_path: Path) -> None:
    script = """
        import subprocess, sys
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        api.export({"pid": lambda: child.pid})
    """

    async def use(worker: RunningWorker) -> None:
        await worker.load(script)
        child = psutil.Process(await worker.call("pid"))
        worker.transport.close()
        assert await worker.ended() == -signal.SIGKILL
        assert child.wait(5) is None or not child.is_running()

    with_worker(tmp_path, use)


def test_output_of_all_kinds_reaches_the_pipes(tmp_path: Path) -> None:
    script = """
        import logging, os, sys
        print("by print", end="")
        os.write(1, b"by the system\\n")
        sys.stderr.write("by stderr\\n")
        logging.warning("by logging")
        api.export({"run": print})
    """

    async def use(worker: RunningWorker) -> None:
        await worker.load(script)
        shown = await worker.says("by logging")
        for text in ("by printby the system", "by stderr"):
            assert text in shown

    with_worker(tmp_path, use)


def test_a_crash_leaves_the_python_lines_in_the_output(tmp_path: Path) -> None:
    script = """
        import os, signal
        def crash():
            os.kill(os.getpid(), signal.SIGSEGV)
        api.export({"crash": crash})
    """

    async def use(worker: RunningWorker) -> None:
        await worker.load(script)
        call = worker.start_call("crash")
        assert await worker.ended() == -signal.SIGSEGV
        assert "in crash" in await worker.says("Segmentation fault")
        call.cancel()

    with_worker(tmp_path, use)


def test_descriptors_are_not_passed_on_to_children(tmp_path: Path) -> None:
    code = "import os; print(sorted(os.listdir('/proc/self/fd')))"
    script = f"""
        import subprocess, sys
        def run():
            return subprocess.run([sys.executable, "-c", {code!r}], stdout=-1).stdout.decode()
        api.export(run)
    """

    async def use(worker: RunningWorker) -> None:
        assert await worker.load(script) == ["run"]
        assert (await worker.call("run")).strip() == str(["0", "1", "2", "3"])

    assert os.path.exists("/proc/self/fd")
    with_worker(tmp_path, use)


def test_arrays_of_numpy(tmp_path: Path) -> None:
    script = """
        import numpy as np
        class Plugin:
            def describe(self, array):
                return [array.dtype.str, list(array.shape), int(array.sum()), array.flags.writeable]
            def make(self, dtype, shape):
                return np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
            async def double(self, ctx):
                return {"labels": ctx.data.image * 2}
        api.export(Plugin)
    """

    async def use(worker: RunningWorker) -> None:
        await worker.load(script)
        for dtype in ("|u1", "<u2", "<i4", "<i8", "<f4", "<f8", ">i2"):
            array = np.arange(24, dtype=dtype).reshape(2, 3, 4)
            assert await worker.call("describe", array) == [dtype, [2, 3, 4], 276, True]
            made = await worker.call("make", dtype, [4, 6])
            assert made.dtype == np.dtype(dtype)
            assert made.tolist() == np.arange(24).reshape(4, 6).tolist()
        image = np.full((2048, 2048, 4), 3, np.uint8)
        result = await worker.call("double", {"data": {"image": image}})
        assert (result["labels"] == 6).all()

    with_worker(tmp_path, use)


def test_other_plugins_cannot_load_or_end_a_plugin(tmp_path: Path) -> None:
    async def use(worker: RunningWorker) -> None:
        for target, args in (("load", [{}]), ("exit", []), ("interrupt", [])):
            with pytest.raises(RemoteError) as caught:
                await worker.page.call(worker.address, f"worker.{target}", *args)
            assert caught.value.code == "plugin.permission"
        assert await worker.load("api.export({'run': lambda ctx: 1})") == ["run"]

    with_worker(tmp_path, use)


def test_what_the_worker_logs_has_its_level(tmp_path: Path) -> None:
    script = """
        import logging
        def run():
            logging.getLogger("imjoy.rpc").error("it failed")
            logging.getLogger("mine").warning("careful")
        api.export(run)
    """

    async def use(worker: RunningWorker) -> None:
        await worker.load(script)
        await worker.call("run")
        assert await worker.says("ERROR: it failed")
        assert await worker.says("careful")

    with_worker(tmp_path, use)
