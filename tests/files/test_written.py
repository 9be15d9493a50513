"""Who waits for a file is told once it is there, whoever came first."""

from __future__ import annotations

import asyncio

import pytest

from imjoy.files import written as module
from imjoy.files.written import Written


def test_before_and_after_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    async def use() -> None:
        written = Written()
        waiting = [asyncio.ensure_future(written.wait("a")) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.sleep(0)
        facts = {"id": "a", "path": "/a", "size": 1}
        written.note(facts)
        assert await asyncio.gather(*waiting[1:], written.wait("a")) == [facts] * 3
        assert waiting[0].cancelled() and written._waiting == {}
        monkeypatch.setattr(module, "KEPT", 1)
        written.note({"id": "b"})
        assert list(written._facts) == ["b"]

    asyncio.run(use())
