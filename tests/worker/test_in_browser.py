"""A plugin in the Python of a browser: messages in, messages out, no threads."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import numpy as np
import pytest

from imjoy.errors import RemoteError
from imjoy.protocol.frame import Frame
from imjoy.rpc.peer import Peer
from imjoy.worker.in_browser import start

PAGE, PLUGIN = "a" * 32, "a" * 32 + "/" + "b" * 32


class Buffer:
    """As the browser hands over an ArrayBuffer."""

    def __init__(self, data: Any) -> None:
        self.data = bytes(data)

    def to_memoryview(self) -> memoryview:
        return memoryview(bytearray(self.data))


def connect(served: dict[str, Any] | None = None) -> Peer:
    """A page and a plugin's Python that exchange messages through the running loop."""
    loop = asyncio.get_running_loop()

    def to_page(header: str, body: str, buffers: list[Any]) -> None:
        loop.call_soon(page.receive, Frame(json.loads(header), body, buffers))

    receive = start(PLUGIN, to_page)
    page = Peer(
        PAGE,
        lambda frame: (
            loop.call_soon(
                receive,
                json.dumps(frame.header),
                frame.body,
                [Buffer(one) for one in frame.buffers],
            )
            and None
        ),
    )
    for name, function in (served or {}).items():
        page.export(f"api.{name}", function)
    return page


async def load(page: Peer, code: str, **config: Any) -> list[str]:
    plugin = {
        "host": PAGE,
        "name": "Test",
        "code": code,
        "config": config,
        "scripts": [{"content": code, "lang": "python", "line": 1}],
    }
    return list((await page.call(PLUGIN, "worker.load", plugin))["interface"])


def run(test: Any) -> Any:
    return asyncio.run(test)


def test_it_loads_runs_and_calls_the_page() -> None:
    code = (
        "import asyncio\nawait asyncio.sleep(0)\nfrom imjoy_rpc import api as same\n"
        "class Plugin:\n"
        "    async def run(self, ctx):\n"
        "        answer = await same.prompt('Name?', placeholder='x')\n"
        "        return {'answer': answer, 'sum': ctx.data.sum(), 'none': ctx.missing}\n"
        "    def add(self, a, b=1):\n        return a + b\n"
        "api.export(Plugin())\n"
    )

    async def use() -> None:
        page = connect({"prompt": lambda *args: list(args)})
        assert sorted(await load(page, code)) == ["add", "run"]
        result = await page.call(PLUGIN, "run", {"data": np.arange(4.0)})
        assert result == {"answer": ["Name?", {"placeholder": "x"}], "sum": 6, "none": None}
        assert await page.call(PLUGIN, "add", 1, b=4) == 5
        await page.call(PLUGIN, "sdk.idle")

    run(use())


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("1 / 0", "division by zero"),
        ("x = 1", "did not export anything"),
        ("import asyncio\nawait asyncio.sleep(0)\n1 / 0", "division by zero"),
        ("def f(:", "invalid syntax"),
    ],
)
def test_a_script_that_fails_is_an_error_with_its_line(code: str, said: str) -> None:
    async def use() -> None:
        with pytest.raises(RemoteError, match=said) as caught:
            await load(connect(), code)
        assert caught.value.code == "plugin.load_failed"
        if "export" not in said:
            assert "Test.imjoy.html" in (caught.value.traceback or "")

    run(use())


def test_an_error_of_a_method_has_the_lines_of_the_plugin_only() -> None:
    async def use() -> None:
        page = connect()
        await load(page, "def run(ctx):\n    return ctx['x'][3]\napi.export({'run': run})")
        with pytest.raises(RemoteError) as caught:
            await page.call(PLUGIN, "run", {"x": [1]})
        assert "line 2" in str(caught.value.traceback)
        assert "in_browser" not in str(caught.value.traceback)

    run(use())
