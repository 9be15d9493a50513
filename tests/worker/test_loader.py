"""Tracebacks that show the lines of the plugin's file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from imjoy.errors import RemoteError
from imjoy.plugins.module_plugin import plugin_from_module
from imjoy.plugins.parser import parse_plugin

from .harness import RunningWorker, with_worker

FILE = """<config lang="json">
{"name": "Demo"}
</config>

<script lang="python">
    from imjoy import api

    def helper(value):
        return 1 / value  # the culprit

    class Plugin:
        def run(self, value):
            return helper(value)
        async def ask(self):
            try:
                await api.prompt()
            except Exception as error:
                raise RuntimeError("no answer") from error
        def key(self):
            return {}["missing"]
        def odd(self):
            class Odd(Exception):
                def __str__(self):
                    raise ValueError
            raise Odd
        def source(self):
            import inspect
            return inspect.getsource(helper)

    api.export(Plugin())
</script>
"""
LINE = 6


async def failure(worker: RunningWorker, name: str, *args: Any) -> RemoteError:
    with pytest.raises(RemoteError) as caught:
        await worker.call(name, *args)
    assert caught.value.traceback is not None
    return caught.value


def test_tracebacks(tmp_path: Path) -> None:
    def fail(*args: Any) -> None:
        raise ValueError("the page is closed")

    async def use(worker: RunningWorker) -> None:
        worker.serve("prompt", fail)
        script = FILE[FILE.index("    from") : FILE.index("</script>")]
        await worker.load(script, line=LINE, code=FILE)

        error = await failure(worker, "run", 0)
        assert (error.code, error.name) == ("plugin.error", "ZeroDivisionError")
        assert error.message == "division by zero"
        lines = (error.traceback or "").splitlines()
        assert lines[0] == "Traceback (most recent call last):"
        assert lines[1:3] == [
            '  File "Demo.imjoy.html", line 13, in run',
            "    return helper(value)",
        ]
        assert '  File "Demo.imjoy.html", line 9, in helper' in lines
        assert "    return 1 / value  # the culprit" in lines

        error = await failure(worker, "ask")
        assert error.name == "RuntimeError"
        assert "the page is closed" in (error.traceback or "")
        assert "line 16, in ask" in (error.traceback or "")

        assert (await failure(worker, "key")).message == "The key 'missing' is missing."
        assert (await failure(worker, "odd")).name == "Odd"
        assert "the culprit" in await worker.call("source")

    with_worker(tmp_path, use)


def test_a_file_that_does_not_match_is_not_shown(tmp_path: Path) -> None:
    async def use(worker: RunningWorker) -> None:
        await worker.load("def run():\n    1 / 0\napi.export(run)", line=3, code="other\n" * 9)
        error = await failure(worker, "run")
        assert '  File "Demo.imjoy.html", line 4, in run\n    1 / 0' in (error.traceback or "")

    with_worker(tmp_path, use)


def test_a_module_is_named_and_what_was_made_of_it_is_left_out(tmp_path: Path) -> None:
    async def use(worker: RunningWorker) -> None:
        source = parse_plugin(
            plugin_from_module("def half(x: int):\n    return x / 0\n", "half.py")
        )
        scripts = [vars(script) for script in source.scripts]
        plugin = {"name": "Half", "file": "half.py", "code": source.code, "scripts": scripts}
        place = {"host": worker.host, "workspace": "default", "work_dir": str(tmp_path)}
        await worker.call("worker.load", {**plugin, **place})
        error = await failure(worker, "run", {"data": None, "config": {"x": 1}})
        files = [line for line in (error.traceback or "").splitlines() if "File" in line]
        assert files == ['  File "half.py", line 2, in half']

    with_worker(tmp_path, use)


def test_classes_of_a_plugin_can_be_pickled(tmp_path: Path) -> None:
    script = """
        import pickle, dataclasses
        @dataclasses.dataclass
        class Cell:
            area: int
        api.export({"run": lambda: pickle.loads(pickle.dumps(Cell(3))).area})
    """

    async def use(worker: RunningWorker) -> None:
        await worker.load(script)
        assert await worker.call("run") == 3
        await asyncio.sleep(0)

    with_worker(tmp_path, use)
