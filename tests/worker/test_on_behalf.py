"""Which page the plugin's code works for."""

from __future__ import annotations

import asyncio
import threading

from imjoy.worker.on_behalf import page_of_now, work_for

FIRST, LAST = "a" * 32, "b" * 32
PAGES = [FIRST, LAST]


def test_the_page_that_called_else_the_last() -> None:
    assert page_of_now(PAGES) == LAST
    with work_for(f"{FIRST}/{'c' * 32}"):  # a plugin inside that page
        assert page_of_now(PAGES) == FIRST
        with work_for("d" * 32):  # not a page of this plugin
            assert page_of_now(PAGES) == LAST
        with work_for(None):
            assert page_of_now(PAGES) == LAST
        assert page_of_now(PAGES) == FIRST
        assert page_of_now([LAST]) == LAST  # it has gone
    assert page_of_now(PAGES) == LAST


def test_tasks_keep_it_and_threads_do_not() -> None:
    async def later() -> str:
        await asyncio.sleep(0)
        return page_of_now(PAGES)

    async def main() -> None:
        with work_for(FIRST):
            task = asyncio.ensure_future(later())
            thread = threading.Thread(target=lambda: found.append(page_of_now(PAGES)))
            thread.start()
            thread.join()
        assert await task == FIRST
        assert found == [LAST]

    found: list[str] = []
    asyncio.run(main())
