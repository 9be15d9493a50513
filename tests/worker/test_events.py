"""Events of a plugin in Python."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from imjoy.worker.events import Events


def test_handlers_are_called_in_order_until_taken_away() -> None:
    async def use() -> None:
        events, seen = Events(), []  # type: ignore[var-annotated]

        async def later(value: Any) -> None:
            seen.append(("later", value))

        events.on("x", seen.append)
        events.on("x", later)
        await events.emit("x", 1)
        events.off("x", later)
        await events.emit("x", 2)
        events.off("x")
        await events.emit("x", 3)
        assert seen == [1, ("later", 1), 2]

    asyncio.run(use())


def test_what_nobody_heard_is_told_to_who_asks_for_it() -> None:
    async def use() -> None:
        events = Events()
        seen: list[Any] = []
        await events.emit("early", 1)
        events.on("early", seen.append)
        assert seen == []
        events.on("early", seen.append, True)
        assert seen == [1]

    asyncio.run(use())


def test_all_are_called_before_an_error_is_raised() -> None:
    async def use() -> None:
        events = Events()
        seen: list[Any] = []
        events.on("x", lambda value: 1 / 0)
        events.on("x", seen.append)
        with pytest.raises(ZeroDivisionError):
            await events.emit("x", 1)
        assert seen == [1]

    asyncio.run(use())
