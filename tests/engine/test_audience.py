"""Pages hear of a plugin; one that fails or is slow holds nobody up."""

from __future__ import annotations

import asyncio
from typing import Any

from imjoy.engine.audience import Audience


async def test_all_pages_hear_it_and_the_newest_is_known() -> None:
    audience, heard = Audience(), []
    for page in "abc":
        audience.add(page, {"on_exit": lambda value, page=page: heard.append((page, value))})
    audience.remove("b")
    audience.add("a", {"on_exit": lambda value: heard.append(("a again", value))})
    assert (audience.newest, len(audience), "b" in audience) == ("a", 2, False)
    audience.tell("on_exit", 1)
    audience.tell("on_progress", 2)
    assert heard == [("c", 1), ("a again", 1)]


async def test_a_function_that_fails_is_no_matter() -> None:
    audience, heard = Audience(), []

    def fail(value: Any) -> None:
        raise ValueError(value)

    audience.add("a", {"on_exit": fail})
    audience.add("b", {"on_exit": heard.append})
    audience.tell("on_exit", 1)
    assert heard == [1]


async def test_output_comes_in_batches_and_the_rest_at_the_end() -> None:
    audience, heard = Audience(), []
    audience.add("a", {"on_log": lambda lines: heard.extend(line["text"] for line in lines)})
    for number in range(50):
        audience.output("stdout", b"%d\n" % number)
    assert heard == []
    while not heard:
        await asyncio.sleep(0.01)
    audience.output("stdout", b"no end")
    audience.end()
    assert heard == [*map(str, range(50)), "no end"]
    assert audience.newest == "a" and Audience().newest is None
