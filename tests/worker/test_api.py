"""The object `api`."""

from __future__ import annotations

import asyncio
import types
from pathlib import Path
from typing import Any

import pytest

from imjoy.errors import MethodNotFound
from imjoy.worker.api import Api, interface_of, values_of

from .harness import RunningWorker, with_worker


class Plugin:
    value = 3
    made = 0

    def __init__(self) -> None:
        Plugin.made += 1

    @property
    def costly(self) -> int:
        raise AssertionError("a property was read")

    def run(self) -> int:
        return self.value

    async def setup(self) -> None:
        pass

    def _hidden(self) -> None:
        pass


def test_interfaces() -> None:
    assert sorted(interface_of(Plugin())) == ["run", "setup"]
    before = Plugin.made
    assert interface_of(Plugin)["run"]() == 3
    assert Plugin.made == before + 1
    assert sorted(interface_of({"run": print, "_x": print, "n": 1, "C": Plugin})) == ["run"]
    module = types.ModuleType("m")
    module.run = print  # type: ignore[attr-defined]
    assert list(interface_of(module)) == ["run"]
    assert list(interface_of(test_interfaces)) == ["test_interfaces"]


@pytest.mark.parametrize("interface", [{}, None, 3, object()])
def test_nothing_to_export(interface: Any) -> None:
    with pytest.raises(TypeError):
        interface_of(interface)


def test_names_and_arguments(tmp_path: Path) -> None:
    script = """
        async def run():
            await api.show_message("a", 3)
            await api.showMessage("b")
            await api.create_window(name="x", data={"n": 1})
            await api.show_dialog({"a": 1}, type="t")
            await api.utils.open_url("u")
            await api.fs.readFile("f")
            return [api.TAG, api.WORKSPACE, api.config.tag, api.config["name"], api.WORK_DIR]
        api.export(run)
    """

    async def use(worker: RunningWorker) -> None:
        for name in ("showMessage", "createWindow", "showDialog", "utils.openUrl", "fs.readFile"):
            worker.serve(name)
        await worker.load(script, name="Demo")
        result = await worker.call("run")
        assert result == ["CPU", "default", "CPU", "Demo", str(tmp_path)]
        assert worker.heard == [
            ("showMessage", ("a", 3)),
            ("showMessage", ("b",)),
            ("createWindow", ({"name": "x", "data": {"n": 1}},)),
            ("showDialog", ({"a": 1}, {"type": "t"})),
            ("utils.openUrl", ("u",)),
            ("fs.readFile", ("f",)),
        ]

    with_worker(tmp_path, use)


def test_what_the_page_gives_has_attributes(tmp_path: Path) -> None:
    script = """
        async def run():
            window = await api.create_window(type="x")
            return [window.config.id, await window.run({"a": 1})]
        api.export(run)
    """

    async def use(worker: RunningWorker) -> None:
        worker.serve(
            "createWindow", lambda *_: {"config": {"id": 7}, "run": lambda value: value["a"]}
        )
        await worker.load(script)
        assert await worker.call("run") == [7, 1]

    with_worker(tmp_path, use)


def test_functions_of_the_plugin_itself_may_be_awaited_or_not(tmp_path: Path) -> None:
    script = """
        import asyncio
        got = []
        async def run():
            await api.on("seen", got.append)
            api.on("seen", lambda value: got.append(-value)).then(got.append)
            api.emit("seen", 1)
            await api.emit("seen", 2)
            await api.off("seen")
            api.emit("seen", 3).then(lambda _: got.append("told")).catch(got.append)
            for wait in (api.on_load(list), api.on_close(print), api.dispose_object()):
                await wait
            await asyncio.sleep(0.1)
            return got
        api.export(run)
    """

    async def use(worker: RunningWorker) -> None:
        worker.serve("emit")
        await worker.load(script)
        got = await worker.call("run")
        got.remove(None)  # what followed the second handler
        assert got == [1, -1, 2, -2, "told"]
        assert [args for _, args in worker.heard] == [("seen", 1), ("seen", 2), ("seen", 3)]

    with_worker(tmp_path, use)


def test_an_event_of_a_function_without_a_loop_is_told(tmp_path: Path) -> None:
    script = """
        got = []
        api.on("late", got.append)
        def run():
            api.emit("late", 7)
        def heard():
            return got
        api.export({"run": run, "heard": heard})
    """

    async def use(worker: RunningWorker) -> None:
        worker.serve("emit")
        await worker.load(script)
        await worker.call("run")
        while await worker.call("heard") != [7]:  # its handlers run after the function
            await asyncio.sleep(0.01)
        assert worker.heard == [("emit", ("late", 7))]

    with_worker(tmp_path, use)


def test_a_later_export_replaces_the_first(tmp_path: Path) -> None:
    script = """
        api.init()
        api.export({"old": lambda: 1})
        api.export({"new": lambda: 2})
    """

    async def use(worker: RunningWorker) -> None:
        assert await worker.load(script) == ["new"]
        assert await worker.call("new") == 2
        with pytest.raises(MethodNotFound):
            await worker.call("old")

    with_worker(tmp_path, use)


def test_codecs_of_a_plugin(tmp_path: Path) -> None:
    script = """
        class Cell:
            def __init__(self, area):
                self.area = area
        api.registerCodec({"name": "cell", "type": Cell, "encoder": lambda cell: {"area": cell.area}})
        api.export({"run": lambda: Cell(5)})
    """

    async def use(worker: RunningWorker) -> None:
        await worker.load(script)
        assert (await worker.call("run"))["area"] == 5

    with_worker(tmp_path, use)


def test_plain_values_beside_the_functions() -> None:
    class Plugin:
        version, _secret, table, kind = "1", "no", [1], Api

        def __init__(self) -> None:
            self.size, self.ready, self.nothing = 3, True, None

        @property
        def costly(self) -> int:
            raise AssertionError("it was asked")

        def run(self) -> None: ...

    assert values_of(Plugin()) == {"version": "1", "size": 3, "ready": True}
    assert values_of({"a": 1, "run": print, 2: 3}) == {"a": 1}
    assert values_of(print) == values_of(3) == {}
