"""A file is read for pages, and again when an editor has saved it, in whatever way."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from imjoy.engine.dev_file import DevFile
from imjoy.errors import PeerGone


async def test_a_page_is_told_of_every_save(tmp_path: Path) -> None:
    path = tmp_path / "find.py"
    path.write_text("one", "utf-8")
    told: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    async with DevFile(path, 0.02) as file:
        assert file.follow("page", told.put) == {"name": "find.py", "text": "one"}
        path.write_text("second", "utf-8")
        assert await asyncio.wait_for(told.get(), 5) == {"name": "find.py", "text": "second"}
        # Many editors write another file and put it in the place of the old one.
        (tmp_path / "new").write_text("third!", "utf-8")
        os.replace(tmp_path / "new", path)
        assert (await asyncio.wait_for(told.get(), 5))["text"] == "third!"
        path.unlink()
        await asyncio.sleep(0.1)
        path.write_text("back", "utf-8")
        assert (await asyncio.wait_for(told.get(), 5))["text"] == "back"
        assert told.empty()


async def test_a_page_that_has_gone_is_not_told_again(tmp_path: Path) -> None:
    path = tmp_path / "find.py"
    path.write_text("one", "utf-8")
    calls: list[str] = []
    tried = asyncio.Event()

    async def gone(content: dict[str, Any]) -> None:
        calls.append(content["text"])
        tried.set()
        raise PeerGone("It went away.")

    there: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    async with DevFile(path, 0.02) as file:
        file.follow("gone", gone)
        file.follow("there", there.put)
        path.write_text("second", "utf-8")
        await asyncio.wait_for(tried.wait(), 5)
        await there.get()
        path.write_text("the third", "utf-8")
        await asyncio.wait_for(there.get(), 5)
    assert calls == ["second"]


def test_a_file_that_cannot_be_read_is_empty(tmp_path: Path) -> None:
    assert DevFile(tmp_path / "none.py").read() == {"name": "none.py", "text": ""}
