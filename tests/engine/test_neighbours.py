"""Workers that cannot hurt each other, that pages share, and that are started again."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import psutil
import pytest
from supervisor_harness import Page, with_page

from imjoy.errors import ManifestError, RpcError
from imjoy.rpc.peer import Peer

QUIET = "api.export({'run': lambda x=1: x})"
HOG = """
    import time
    def hog():
        data = []
        while True:
            data.append(bytearray(10 << 20))
            time.sleep(0.002)
    api.export({"hog": hog})
"""
BOMB = """
    import os, time
    def bomb():
        while True:
            if os.fork() == 0:
                time.sleep(30)
                os._exit(0)
    api.export({"bomb": bomb})
"""


async def dies(page: Page, script: str, function: str, **config: object) -> str:
    """How a plugin ends while its neighbour goes on answering."""
    quiet = await page.start(QUIET, "quiet")
    started = await page.start(script, "bad", **config)
    call = asyncio.ensure_future(page.peer.call(started["peer"], function))
    while not page.exited.is_set():
        assert await asyncio.wait_for(page.peer.call(quiet["peer"], "run", 5), 10) == 5
        await asyncio.sleep(0.01)
    with pytest.raises(RpcError) as error:
        await call
    assert error.value.code == "plugin.crashed"
    assert [one["id"] for one in page.supervisor.list(page.address)] == ["quiet"]
    return page.exits[0]["cause"] + ": " + page.exits[0]["reason"]


def test_a_memory_hog_dies_alone(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        text = await dies(page, HOG, "hog", limits={"memory": "300 MB"})
        assert text.startswith("memory: It used 0.") and "0.3 GB are allowed" in text

    with_page(tmp_path, use)


def test_a_fork_bomb_is_bounded_and_nothing_of_it_stays(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        text = await dies(page, BOMB, "bomb", limits={"processes": 20})
        assert text.startswith("processes: It started ") and "20 are allowed" in text
        await page.until(lambda: len(psutil.Process().children(recursive=True)) < 5)

    with_page(tmp_path, use)


def test_time_of_the_processor(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        script = "def spin():\n    while True: pass\napi.export({'spin': spin})"
        text = await dies(page, script, "spin", limits={"cpu_time": 1})
        assert text.startswith("cpu_time: Its process used all the time")

    with_page(tmp_path, use)


def test_open_files_and_what_the_user_allows(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        started = await page.start(
            "import resource\napi.export({'files': lambda: resource.getrlimit(7)[0]})",
            limits={"open_files": 4000},
        )
        assert await page.peer.call(started["peer"], "files") == 99
        with pytest.raises(ManifestError, match="Known limits"):
            await page.start(QUIET, "other", limits={"speed": 1})

    with_page(tmp_path, use, limits=(("open_files", "99"),))


def test_a_call_that_cannot_be_ended_costs_its_process(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        started = await page.start("""
            import time
            def deaf():
                while True:
                    try: time.sleep(60)
                    except BaseException: pass
            api.export({"deaf": deaf})
        """)
        call = asyncio.ensure_future(page.peer.call(started["peer"], "deaf"))
        await asyncio.sleep(0.3)
        call.cancel()
        await asyncio.wait_for(page.exited.wait(), 15)
        assert page.exits[0]["cause"] == "stuck"
        said = [line["text"] for line in page.log if line["stream"] == "engine"]
        assert said[0] == "deaf was cancelled and is interrupted."
        assert said[1:3] == ["deaf goes on and is interrupted again."] * 2
        assert said[3] == "deaf does not end; its process is ended."

    with_page(tmp_path, use)


def test_a_process_that_left_the_session_is_ended_too(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        started = await page.start("""
            import subprocess
            child = subprocess.Popen(["sleep", "60"], start_new_session=True)
            api.export({"child": lambda: child.pid})
        """)
        child = psutil.Process(await page.peer.call(started["peer"], "child"))
        await page.supervisor.stop(page.address, "p")
        await page.until(lambda: not child.is_running() or child.status() == "zombie")

    with_page(tmp_path, use)


COUNTER = """
    import os
    count = 0
    def add():
        global count
        count += 1
        return count
    async def ask():
        return await api.whoami()
    print("begun")
    api.export({"add": add, "ask": ask, "setup": lambda: None, "resume": lambda: None,
                "fall": lambda: os._exit(3)})
"""


def test_pages_share_a_single_instance(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        page.peer.export("api.whoami", lambda: "first")
        one, two = await asyncio.gather(
            page.start(COUNTER, flags=["single-instance"]),
            page.start(COUNTER, page="b" * 32, flags=["single-instance"]),
        )
        assert one["peer"] == two["peer"] and one["pid"] == two["pid"]
        assert sorted([one.get("resumed", False), two.get("resumed", False)]) == [False, True]
        other = await page.start(COUNTER + "    # changed\n", "q", flags=["single-instance"])
        assert other["peer"] != one["peer"]
        [facts, _] = await page.supervisor.workers(page.address)
        assert (facts["pages"], facts["mine"], facts["flags"]) == (2, True, ["single-instance"])
        await page.supervisor.stop_all("b" * 32)
        assert await page.peer.call(one["peer"], "ask") == "first"  # its api is that of who is left
        assert await page.supervisor.stop(page.address, "p")
        assert not psutil.pid_exists(one["pid"])

    with_page(tmp_path, use)


def test_the_api_of_a_shared_process_is_that_of_the_page_that_calls(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        page.peer.export("api.whoami", lambda: "first")
        other = Peer("b" * 32, lambda frame: page.router.route(frame, "b" * 32))
        page.router.attach(other.address, other.receive)
        other.export("api.whoami", lambda: "second")
        flags = ["single-instance"]
        one = await page.start(COUNTER, flags=flags)
        await page.start(COUNTER, page=other.address, flags=flags)
        for _ in range(2):  # and not of the one that came last
            assert await page.peer.call(one["peer"], "ask") == "first"
            assert await other.call(one["peer"], "ask") == "second"
        answers = await asyncio.gather(
            *(peer.call(one["peer"], "ask") for peer in (page.peer, other) for _ in range(5))
        )
        assert answers == ["first"] * 5 + ["second"] * 5
        await page.supervisor.stop_all(other.address)
        assert await page.peer.call(one["peer"], "ask") == "first"
        await other.aclose()

    with_page(tmp_path, use)


def test_each_workspace_has_a_process_of_its_own(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        starts = [
            await page.start(COUNTER, "p", workspace="cells", flags=["single-instance"]),
            await page.start(COUNTER, "q", workspace="cells", flags=["single-instance"]),
            await page.start(COUNTER, "r", workspace="yeast", flags=["single-instance"]),
        ]
        assert starts[0]["pid"] == starts[1]["pid"] != starts[2]["pid"]
        assert [one["workspace"] for one in starts] == ["cells", "cells", "yeast"]
        assert await page.peer.call(starts[0]["peer"], "add") == 1
        assert await page.peer.call(starts[2]["peer"], "add") == 1
        listed = await page.supervisor.workers(page.address)
        assert sorted(facts["workspace"] for facts in listed) == ["cells", "yeast"]
        folders = [Path(psutil.Process(one["pid"]).cwd()).name for one in starts]
        assert folders == ["cells", "cells", "yeast"]

    with_page(tmp_path, use)


def test_who_changes_the_workspace_finds_the_process_again(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        flags = ["allow-detach"]
        first = await page.start(COUNTER, workspace="cells", flags=flags)
        assert await page.peer.call(first["peer"], "add") == 1
        assert await page.supervisor.stop(page.address, "p", leave=True)
        second = await page.start(COUNTER, workspace="yeast", flags=flags)
        assert second["pid"] != first["pid"]
        assert await page.supervisor.stop(page.address, "p", leave=True)
        again = await page.start(COUNTER, workspace="cells", flags=flags)
        assert again["resumed"] and again["pid"] == first["pid"]
        assert await page.peer.call(again["peer"], "add") == 2

    with_page(tmp_path, use)


def test_a_plugin_goes_on_without_its_page_and_is_found_again(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        old = "b" * 32
        started = await page.start(COUNTER, page=old, flags=["allow-detach"])
        assert await page.peer.call(started["peer"], "add") == 1
        await page.supervisor.stop_all(old)
        [facts] = await page.supervisor.workers(page.address)
        assert (facts["pages"], facts["mine"], facts["state"]) == (0, False, "running")
        again = await page.start(COUNTER, flags=["allow-detach"])
        assert again["resumed"] and again["peer"] == started["peer"]
        assert [line["text"] for line in again["log"]] == ["begun"]
        assert await page.peer.call(again["peer"], "add") == 2
        page.peer.export("api.whoami", lambda: "second")
        assert await page.peer.call(again["peer"], "ask") == "second"
        another = await page.start(COUNTER, page="c" * 32, flags=["allow-detach"])
        assert another["peer"] != again["peer"]  # whose page is there is not shared
        assert await page.supervisor.stop(page.address, "p")  # asked for, so it ends
        assert not psutil.pid_exists(started["pid"])

    with_page(tmp_path, use)


def test_a_plugin_that_fails_is_started_again_at_the_same_address(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        started = await page.start(COUNTER, restart="on-failure")
        for times in (1, 2, 3):
            pid = page.supervisor.list(page.address)[0]["pid"]
            with pytest.raises(RpcError):
                await page.peer.call(started["peer"], "fall")
            await page.until(lambda times=times: len(page.restarts) == times, 20)
            assert page.restarts[-1]["pid"] != pid and not page.exits
            assert await page.peer.call(started["peer"], "add") == 1
        with pytest.raises(RpcError):
            await page.peer.call(started["peer"], "fall")
        await asyncio.wait_for(page.exited.wait(), 5)
        assert page.exits[0]["code"] == 3
        assert any("3 times within a minute" in text for text in page.texts())

    with_page(tmp_path, use)


def test_the_user_restarts_a_worker(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        started = await page.start(COUNTER)
        [facts] = await page.supervisor.workers(page.address)
        plugin = page.supervisor.worker(facts["worker"])
        assert plugin.restart() and not plugin.restart()
        await page.until(lambda: page.restarts)
        assert await page.peer.call(started["peer"], "add") == 1
        assert plugin.restart()
        await page.supervisor.stop(page.address, "p")  # in the middle of it
        assert await page.supervisor.workers(page.address) == []

    with_page(tmp_path, use)


def test_the_process_list(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        script = """
            import asyncio, subprocess, time
            data = bytearray(60 << 20)
            child = subprocess.Popen(["sleep", "60"])
            def busy(): time.sleep(1.5)
            api.export({"busy": busy})
        """
        started = await page.start(script, limits={"memory": "1 GB"})
        calls = [asyncio.ensure_future(page.peer.call(started["peer"], "busy")) for _ in range(2)]
        await asyncio.sleep(0.3)
        [facts] = await page.supervisor.workers(page.address)
        assert facts["name"] == "Demo" and facts["pid"] == started["pid"]
        assert facts["processes"] == 2 and 60 << 20 < facts["memory"] < 300 << 20
        assert facts["limits"]["memory"] == 10**9 and facts["gpus"] == []
        assert sorted((one["name"], one["state"]) for one in facts["calls"]) == [
            ("busy", "running"),
            ("busy", "waiting"),
        ]
        await asyncio.gather(*calls)
        os.kill(started["pid"], signal.SIGSTOP)  # what does not answer is shown all the same
        [facts] = await page.supervisor.workers(page.address)
        assert facts["calls"] is None
        os.kill(started["pid"], signal.SIGCONT)

    with_page(tmp_path, use)


@pytest.mark.slow
def test_two_hundred_starts_and_ends_leave_nothing(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        for number in range(200):
            started = await page.start(QUIET)
            assert await page.peer.call(started["peer"], "run", number) == number
            if number % 3 == 0:
                os.kill(started["pid"], signal.SIGKILL)
                await page.until(lambda: not page.supervisor.list(page.address))
            else:
                await page.supervisor.stop(page.address, "p")
            if number == 20:
                memory, files = psutil.Process().memory_info().rss, psutil.Process().num_fds()
        assert psutil.Process().num_fds() <= files
        assert psutil.Process().memory_info().rss < memory + (10 << 20)

    async def patient() -> None:
        page = Page(tmp_path)
        try:
            await use(page)
        finally:
            await page.supervisor.aclose()
            await page.engine.aclose()
            await page.peer.aclose()

    asyncio.run(patient())
