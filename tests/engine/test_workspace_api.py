"""A page keeps workspaces on its engine through the engine's own peer; nobody else reaches them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from supervisor_harness import Page, with_page
from test_workspace_store import ID, record

from imjoy.engine.workspace_api import WorkspaceApi
from imjoy.engine.workspace_store import WorkspaceStore
from imjoy.errors import ImJoyError


def test_a_page_keeps_and_reads_workspaces(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        store = WorkspaceStore(tmp_path / "kept")
        WorkspaceApi(page.engine, store, {page.address}).export()  # type: ignore[arg-type]

        async def ask(name: str, *args: Any) -> Any:
            return await page.peer.call(page.engine.address, f"workspaces.{name}", *args)

        assert await ask("write", record(1)) is True
        assert await ask("write", record(1)) is False
        assert json.loads(await ask("read", ID))["name"] == "Cells"
        assert [entry["id"] for entry in await ask("list")] == [ID]
        data = np.arange(100_000, dtype=np.uint8)
        await ask("write_blob", "1" * 64, data.tobytes())
        assert bytes(await ask("read_blob", "1" * 64)) == data.tobytes()
        assert await ask("has_blob", "2" * 64) is False
        with pytest.raises(ImJoyError):
            await ask("read", "../secret")
        await ask("erase", ID)
        assert await ask("list") == [] and await ask("blobs") == []

    with_page(tmp_path, use)


def test_only_pages_may(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        WorkspaceApi(page.engine, WorkspaceStore(tmp_path), set()).export()  # type: ignore[arg-type]
        with pytest.raises(ImJoyError) as caught:
            await page.peer.call(page.engine.address, "workspaces.list")
        assert caught.value.code == "auth.forbidden"

    with_page(tmp_path, use)
