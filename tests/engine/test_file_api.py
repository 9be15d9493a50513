"""What a page does with the files of its engine, through the engine's own peer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from supervisor_harness import Page, with_page

from imjoy.engine.file_api import FileApi
from imjoy.errors import ImJoyError
from imjoy.files import FileStore, Roots


def test_a_page_lists_opens_and_writes_and_nobody_else_does(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    (folder / "a.txt").write_text("a")
    store = FileStore(Roots([("Open", folder)]))

    async def use(page: Page) -> None:
        async def ask(name: str, *args: object) -> object:
            return await page.peer.call(page.engine.address, f"files.{name}", *args)

        FileApi(page.engine, store, {page.address}).export()  # type: ignore[arg-type]
        assert await ask("places") == [{"name": "Open", "path": str(folder)}]
        listed = await ask("list", str(folder))
        assert [entry["name"] for entry in listed["entries"]] == ["a.txt"]  # type: ignore[index]
        assert (await ask("show", "a.txt"))["size"] == 1  # type: ignore[index]
        assert (await ask("find", str(folder), "A"))["entries"]  # type: ignore[index]
        assert str(await ask("read_address", "a.txt", 60)).startswith("files/")
        assert str(await ask("write_address", "b.txt")).startswith("files/")
        address = str(await ask("write_address", "c.txt"))
        coming = asyncio.ensure_future(ask("written", address))
        facts = {"id": address.split("/")[1], "path": str(folder / "c.txt"), "size": 2}
        store.written.note(facts)
        assert await coming == facts == await ask("written", address)
        await ask("make_folder", "new")
        await ask("remove", "new")
        for name, args in (
            ("list", ["../"]),
            ("list", [None]),
            ("read_address", ["a.txt", "long"]),
            ("write_address", ["a.txt"]),
            ("remove", [str(folder)]),
        ):
            with pytest.raises(ImJoyError):
                await ask(name, *args)
        FileApi(page.engine, store, set()).export()  # type: ignore[arg-type]
        for name in ("places", "list", "read_address", "write_address", "written", "remove"):
            with pytest.raises(ImJoyError) as caught:
                await ask(name, "a.txt") if name != "places" else await ask(name)
            assert caught.value.code == "auth.forbidden"

    with_page(tmp_path, use)
