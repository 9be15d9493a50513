"""What of a page's calls and plugins survives cuts, reloads and long absence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from session_page import SessionPage

from imjoy.engine.engine import Engine
from imjoy.engine.page_link import ANSWERED, PageLink
from imjoy.errors import ImJoyError
from imjoy.settings import Settings


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture
async def page(home: Path) -> AsyncIterator[SessionPage]:
    async with Engine(Settings(home=home)) as engine:
        yield SessionPage(engine)


async def until(holds: Any) -> None:
    for _ in range(500):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come to be")


async def test_a_cut_costs_no_call_and_repeats_none(page: SessionPage) -> None:
    page.connect()
    peer = (await page.start())["peer"]
    calls = []
    for item in range(60):
        calls.append(asyncio.ensure_future(page.peer.call(peer, "add", item, timeout=30)))
        await asyncio.sleep(0)
        if item % 7 == 0:
            page.cut()
        if item % 7 == 3:
            page.connect()
    page.connect()
    assert await asyncio.gather(*calls) == list(range(1, 61))
    assert await page.peer.call(peer, "seen") == list(range(60))


async def test_a_call_made_without_a_socket_is_sent_by_the_next_one(page: SessionPage) -> None:
    page.connect()
    peer = (await page.start())["peer"]
    page.cut()
    call = asyncio.ensure_future(page.peer.call(peer, "add", "x", timeout=30))
    await asyncio.sleep(0.1)
    assert not call.done()
    page.connect()
    assert await call == 1


async def test_callbacks_and_the_log_go_on_after_a_cut(page: SessionPage) -> None:
    lines: list[str] = []
    exits: list[Any] = []
    page.connect()
    started = await page.start(
        on_log=lambda batch: lines.extend(line["text"] for line in batch), on_exit=exits.append
    )
    steps: list[int] = []
    telling = asyncio.ensure_future(page.peer.call(started["peer"], "tell", steps.append, 20))
    await until(lambda: len(steps) > 3)
    page.cut()
    await asyncio.sleep(0.2)
    page.connect()
    await telling
    assert steps == list(range(20))
    page.cut()
    psutil.Process(started["pid"]).kill()
    await asyncio.sleep(0.3)
    assert exits == []
    page.connect()
    await until(lambda: exits)
    assert exits[0]["signal"] == "SIGKILL"


async def test_calls_of_a_worker_that_died_end_with_a_known_outcome(page: SessionPage) -> None:
    page.connect()
    peer = (await page.start())["peer"]
    call = asyncio.ensure_future(page.peer.call(peer, "slow", 60, 1))
    await asyncio.sleep(0.1)
    page.cut()
    with pytest.raises(ImJoyError):
        await page.peer.call(page.engine.address, "engine.info", timeout=0.05)  # withdrawn
    dying = asyncio.ensure_future(page.peer.call(peer, "die"))
    page.connect()
    for ended in (call, dying):
        with pytest.raises(ImJoyError) as caught:
            await asyncio.wait_for(ended, 20)
        assert caught.value.code == "plugin.crashed"


async def test_a_page_that_is_loaded_again_finds_its_plugin_and_its_calls(
    page: SessionPage,
) -> None:
    page.connect()
    started = await page.start()
    peer = started["peer"]
    slow = asyncio.ensure_future(page.peer.call(peer, "slow", 0.6, "result"))
    quick = asyncio.ensure_future(page.peer.call(peer, "add", "first"))
    await asyncio.sleep(0.15)
    for lost in (slow, quick):
        lost.cancel()  # the program of the page ends without a word
    told = page.reload()
    assert told["resumed"]
    (call,) = [one for one in told["calls"] if one["target"] == "slow"]
    assert call["to"] == peer and call["state"] == "running"
    lines: list[str] = []
    callbacks = {"on_log": lambda batch: lines.extend(line["text"] for line in batch)}
    again = await page.ask("attach", "counter", callbacks)
    assert (again["peer"], again["pid"]) == (peer, started["pid"])
    assert set(again["interface"]) >= {"add", "slow"}
    outcome = page.peer.adopt(call["id"], call["to"])
    assert await page.ask("fetch", call["id"]) == "running"
    assert await asyncio.wait_for(outcome, 10) == "result"
    assert await page.peer.call(peer, "seen") == ["first", "result"]
    await page.peer.call(peer, "print", "hello again")
    await until(lambda: "hello again" in lines)


async def test_an_outcome_that_came_while_the_page_was_away_is_kept(page: SessionPage) -> None:
    page.connect()
    peer = (await page.start())["peer"]
    call = asyncio.ensure_future(page.peer.call(peer, "slow", 0.1, "late"))
    await asyncio.sleep(0.05)
    page.cut()
    await asyncio.sleep(0.3)
    call.cancel()
    (kept,) = page.reload()["calls"]
    assert kept["state"] == "done" and kept["target"] == "slow"
    outcome = page.peer.adopt(kept["id"], kept["to"])
    assert await page.ask("fetch", kept["id"]) == "sent"
    assert await asyncio.wait_for(outcome, 10) == "late"
    assert await page.ask("fetch", kept["id"]) == "unknown"
    assert await page.peer.call(peer, "seen") == ["late"]


async def test_an_older_socket_cannot_take_a_session_back(page: SessionPage) -> None:
    page.connect()
    page.connect()
    with pytest.raises(ImJoyError) as refused:
        page.connect(generation=1)
    assert refused.value.code == "rpc.fenced"


async def test_a_session_needs_its_key(page: SessionPage) -> None:
    first = page.connect()
    page.cut()
    told = page.connect(key="0" * 64)
    assert not told["resumed"] and told["id"] != first["id"]


async def test_nonsense_costs_the_socket_and_not_the_session(page: SessionPage) -> None:
    page.connect()
    peer = (await page.start())["peer"]
    page.session._sent += 5  # numbers that never were
    call = asyncio.ensure_future(page.peer.call(peer, "add", 1))
    await asyncio.sleep(0.1)
    assert not page.session.is_open
    call.cancel()
    page.reload()
    assert await page.ask("attach", "counter", {})


async def test_plugins_end_when_their_page_stays_away_too_long(home: Path) -> None:
    async with Engine(Settings(home=home, grace_seconds=0.4)) as engine:
        page = SessionPage(engine)
        page.connect()
        process = psutil.Process((await page.start())["pid"])
        page.cut()
        await asyncio.to_thread(process.wait, 10)
        assert page.address not in engine.pages


async def test_a_plugin_without_work_does_not_wait_long_for_its_page(home: Path) -> None:
    async with Engine(Settings(home=home, idle_seconds=0.6)) as engine:
        page = SessionPage(engine)
        page.connect()
        exits: list[Any] = []
        started = await page.start(on_exit=exits.append)
        process = psutil.Process(started["pid"])
        work = asyncio.ensure_future(page.peer.call(started["peer"], "slow", 4, "done", timeout=30))
        await asyncio.sleep(0.1)
        page.cut()
        await asyncio.sleep(2.5)
        assert process.is_running()  # it works, so it goes on
        await asyncio.to_thread(process.wait, 10)
        assert page.address in engine.pages  # the page may still come back
        page.connect()
        assert await work == "done"  # and finds what came meanwhile
        await until(lambda: exits)
        assert "its page was away" in exits[0]["reason"] and exits[0]["cause"] == "stopped"


async def test_who_signs_out_ends_its_plugins_at_once(page: SessionPage) -> None:
    page.connect()
    process = psutil.Process((await page.start())["pid"])
    page.engine.disconnect_page(page.address, "logged out", for_good=True)
    await asyncio.to_thread(process.wait, 10)


async def test_a_page_that_takes_nothing_holds_its_plugins_not_the_engine(
    page: SessionPage,
) -> None:
    page.connect()
    peer = (await page.start())["peer"]
    got: list[int] = []
    report = lambda data: got.append(len(data))  # noqa: E731
    link: Any = page.engine.pages._links[page.address]
    before = psutil.Process().memory_info().rss
    flood = asyncio.ensure_future(page.peer.call(peer, "flood", report, 40, 10 << 20))
    await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    page.cut()
    await until(lambda: link._is_full)
    await asyncio.sleep(1)
    assert psutil.Process().memory_info().rss - before < 200 << 20
    page.connect()
    await asyncio.wait_for(flood, 30)
    await until(lambda: len(got) == 40)
    assert not link._is_full


@pytest.fixture
async def absent(page: SessionPage) -> AsyncIterator[Any]:
    """The link of a page that went away in the middle of a large call, and the call."""
    page.connect()
    page.engine.peer.export("measure", len)
    call = asyncio.ensure_future(page.peer.call(page.engine.address, "measure", bytes(20 << 20)))
    link: Any = page.engine.pages._links[page.address]
    while not link.arriving_bytes:
        await asyncio.sleep(0)  # at each turn, as all of it may arrive within milliseconds
    page.cut()
    yield link, call
    call.cancel()


async def test_half_a_call_waits_for_its_page(page: SessionPage, absent: Any) -> None:
    link, call = absent
    await asyncio.sleep(1.2)
    assert link.arriving_bytes == 20 << 20
    page.connect()
    assert await asyncio.wait_for(call, 10) == 20 << 20


@pytest.mark.parametrize("bound", [{"absent_seconds": 0.1}, {"absent_bytes": 1 << 20}])
async def test_half_a_call_does_not_wait_for_ever(
    page: SessionPage, absent: Any, bound: dict[str, Any]
) -> None:
    link, call = absent
    vars(page.engine.pages).update(bound)
    await until(lambda: not link.arriving_bytes)
    page.connect()
    with pytest.raises(ImJoyError, match="away for too long") as caught:
        await asyncio.wait_for(call, 10)
    assert caught.value.code == "rpc.overloaded"
    assert await page.peer.call(page.engine.address, "measure", b"four") == 4


def test_the_newest_answered_calls_are_remembered_and_not_all() -> None:
    link = PageLink("a" * 32, lambda frame, page: None, 0.0)
    ids = [f"{number:032d}" for number in range(3 * ANSWERED + 7)]
    for call_id in ids:
        link._calls[call_id] = ("engine", "run", 0.0)
        link._settled(call_id)
    known = {**link._earlier, **link._answered}
    assert known.keys() >= set(ids[-ANSWERED:])
    assert len(known) <= 2 * ANSWERED and not link._calls
