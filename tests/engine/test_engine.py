"""An engine and its pages: who may steer it, whose plugins are whose, what happens at the end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from imjoy.engine.engine import Engine
from imjoy.errors import ImJoyError, MethodNotFound, PeerGone, RemoteError
from imjoy.protocol.frame import Frame
from imjoy.rpc.peer import Peer
from imjoy.settings import Settings

PLUGIN = """
<config lang="json">{"name": "Echo", "type": "native-python", "version": "1.0.0"}</config>
<script lang="python">
import asyncio
from imjoy import api

class Plugin:
    def setup(self):
        pass
    def echo(self, value):
        return value
    async def wait(self):
        await asyncio.sleep(60)
    async def steer(self, engine_function):
        return await engine_function()

api.export(Plugin())
</script>
"""
CONFIG = {"name": "Echo", "type": "native-python", "version": "1.0.0"}


class Page:
    """A page's peer, linked to the engine without a network."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.address = secrets.token_hex(16)
        self.heard: list[Frame] = []
        self.peer = Peer(self.address, self._send)
        self.connect()

    def connect(self) -> None:
        self.welcome = self.engine.connect_page(self.address, self._receive, {})

    def leave(self, reason: str = "gone") -> None:
        self.engine.disconnect_page(self.address, reason)
        self.peer.peer_gone(self.engine.address, reason)

    def _send(self, frame: Frame) -> None:
        asyncio.get_running_loop().call_soon(self.engine.receive, self.address, frame)

    def _receive(self, frame: Frame) -> None:
        self.heard.append(frame)
        self.peer.receive(frame)

    async def ask(self, name: str, *args: Any) -> Any:
        return await self.peer.call(self.engine.address, f"engine.{name}", *args, timeout=50)

    async def start(self, plugin_id: str = "echo", **callbacks: Any) -> dict[str, Any]:
        plugin = {"id": plugin_id, "name": "Echo", "code": PLUGIN, "config": CONFIG}
        return dict(await self.ask("start", plugin, callbacks))


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Kept between tests, so that the environment is made once."""
    return tmp_path_factory.mktemp("home")


@contextlib.asynccontextmanager
async def an_engine(home: Path, grace: float = 60.0) -> AsyncIterator[Engine]:
    async with Engine(Settings(home=home), plain_grace=grace) as engine:
        yield engine


async def test_info_has_facts_about_the_machine(home: Path) -> None:
    async with an_engine(home) as engine:
        info = await Page(engine).ask("info")
    expected = {"name", "version", "python", "platform", "machine", "cpu_count", "memory_total"}
    assert set(info) == expected | {"host", "pid", "uv"}
    assert info["name"] == "imjoy" and info["cpu_count"] >= 1 and info["memory_total"] > 1 << 20


async def test_a_plan_is_made_without_starting_anything(home: Path) -> None:
    async with an_engine(home) as engine:
        plan = await Page(engine).ask("plan", {"name": "Echo", "config": CONFIG})
        assert {"python", "packages", "conda", "cached", "commands", "notes"} <= set(plan)


@pytest.mark.parametrize("caller", ["{page}/" + "b" * 32, "{engine}/" + "b" * 32, "c" * 32])
async def test_only_the_page_itself_steers_the_engine(home: Path, caller: str) -> None:
    async with an_engine(home) as engine:
        page = Page(engine)
        address = caller.format(page=page.address, engine=engine.address)
        answers: list[Frame] = []
        if address.startswith(engine.address):
            engine.router.attach(address, answers.append)
        for name in ("info", "plan", "start", "stop", "interrupt", "list", "log"):
            header = {"type": "call", "id": secrets.token_hex(16), "to": engine.address,
                      "from": address, "target": f"engine.{name}"}  # fmt: skip
            frame = Frame(header, '["x"]' if name not in ("info", "list") else "[]", [])
            if answers or address.startswith(engine.address):
                engine.router.route(frame, address)
            else:
                engine.receive(page.address, frame)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        heard = answers + page.heard
        if caller == "c" * 32:
            assert heard == []  # a forged sender is not even answered
        else:
            codes = [json.loads(frame.body)["code"] for frame in heard]
            assert codes == ["auth.forbidden"] * 7


async def test_there_is_nothing_to_call_but_what_is_exported(home: Path) -> None:
    async with an_engine(home) as engine:
        page = Page(engine)
        for name in ("__class__", "info.__globals__", "start.__func__", "export", ""):
            with pytest.raises(MethodNotFound):
                await page.ask(name)


@pytest.mark.parametrize(
    "plugin", [None, [], "x", {}, {"id": 3, "name": "a", "code": ""}, {"id": "a", "name": "b"},
               {"id": "a", "name": "b", "code": "", "config": "x"}],
)  # fmt: skip
async def test_a_malformed_plugin_is_refused(home: Path, plugin: Any) -> None:
    async with an_engine(home) as engine:
        with pytest.raises(ImJoyError) as refused:
            await Page(engine).ask("start", plugin, {})
        assert refused.value.code == "protocol.malformed"


async def test_a_plugin_of_another_page_cannot_be_seen_or_touched(home: Path) -> None:
    async with an_engine(home) as engine:
        mine, other = Page(engine), Page(engine)
        started = await mine.start()
        assert [one["id"] for one in await mine.ask("list")] == ["echo"]
        assert await other.ask("list") == []
        assert await other.ask("stop", "echo") is False
        assert await other.ask("interrupt", "echo") is False
        assert await other.ask("log", "echo") == []
        theirs = await other.start()
        assert theirs["pid"] != started["pid"]
        assert await other.ask("stop", "echo") is True
        assert await mine.peer.call(started["peer"], "echo", [1, "two"], timeout=10) == [1, "two"]


async def test_a_plugin_outlives_a_short_absence_of_its_page(home: Path) -> None:
    async with an_engine(home) as engine:
        page = Page(engine)
        started = await page.start()
        waiting = asyncio.ensure_future(page.peer.call(started["peer"], "wait"))
        await asyncio.sleep(0.05)
        page.leave("a test")
        with pytest.raises(PeerGone):
            await waiting
        page.connect()
        assert await page.peer.call(started["peer"], "echo", 5, timeout=10) == 5
        assert [one["pid"] for one in await page.ask("list")] == [started["pid"]]


async def test_the_plugins_of_a_page_that_stays_away_are_stopped(home: Path) -> None:
    async with an_engine(home, grace=0.2) as engine:
        page, other = Page(engine), Page(engine)
        started, kept = await page.start(), await other.start()
        page.leave()
        process = psutil.Process(started["pid"])
        await asyncio.to_thread(process.wait, 10)
        assert psutil.pid_exists(kept["pid"])


async def test_leaving_the_engine_leaves_no_process(home: Path) -> None:
    async with an_engine(home) as engine:
        pids = [(await Page(engine).start())["pid"] for _ in range(2)]
    assert not any(psutil.pid_exists(pid) for pid in pids)


async def test_a_plugin_cannot_use_the_engine_through_its_page(home: Path) -> None:
    async with an_engine(home) as engine:
        page = Page(engine)
        started = await page.start()
        engine_info = page.peer.remote(engine.address, "engine.info")
        with pytest.raises(RemoteError) as refused:
            await page.peer.call(started["peer"], "steer", engine_info, timeout=10)
        assert refused.value.code == "auth.forbidden"


async def test_python_is_read_for_mistakes_and_not_run(home: Path) -> None:
    async with an_engine(home) as engine:
        page = Page(engine)
        found = await page.ask("syntax", ["raise SystemExit", "x = 1\n  y = 2", "\0"])
        assert found[0] is None
        assert found[1]["line"] == 2 and "indent" in found[1]["message"]
        assert found[2]["message"]
        assert await page.ask("syntax", "no list") == []
