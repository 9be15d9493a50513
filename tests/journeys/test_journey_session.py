"""What a person loses when the network goes, or when they reload the page: nothing."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator

import psutil
import pytest
from chaos_proxy import ChaosProxy
from journey_engine import EngineProcess
from journey_files import python_plugin
from journey_page import Workbench
from journey_servers import free_port
from playwright.sync_api import Browser, CDPSession, Page, expect

SLOW = """
import os, time
for step in range(40):
    api.progress(step / 40)
    time.sleep(0.1)
with open("effects.txt", "a") as file:
    file.write("x")
return "done by process " + str(os.getpid())
"""


@pytest.fixture
def proxied(
    start_engine: Callable[..., EngineProcess],
) -> Iterator[tuple[EngineProcess, ChaosProxy]]:
    port = free_port()
    proxy = ChaosProxy(port)
    engine = start_engine("--base-url", f"http://127.0.0.1:{proxy.port}/", port=port)
    yield engine, proxy
    proxy.close()


def test_nothing_is_lost_in_a_cut_or_a_reload(
    proxied: tuple[EngineProcess, ChaosProxy], page: Page, trouble
) -> None:
    trouble.allow("WebSocket", "ERR_", "Failed to load resource")
    engine, proxy = proxied
    workbench = Workbench(page)
    workbench.open(engine.first_link)
    workbench.expect_engine("Engine connected")
    workbench.install_text(python_plugin("Slow", SLOW), "Slow")
    connection = page.get_by_label("Status", exact=True).locator(".connection")

    # The network goes while the plugin works, and comes back.
    workbench.run("Slow")
    workbench.expect_state("Slow", "running", seconds=60)
    proxy.refuses = True
    proxy.cut(reset=True)
    expect(connection).to_contain_text("Reconnecting", timeout=10_000)
    page.wait_for_timeout(5000)
    assert workbench.window("Slow").count() == 0
    proxy.refuses = False
    expect(connection).to_contain_text("Engine", timeout=15_000)
    result = workbench.expect_window("Slow", seconds=30)
    expect(result).to_contain_text("done by process")
    pid = int(result.inner_text().split("process ")[1].split()[0])
    workbench.close("Slow")

    # The page is loaded again while the plugin works.
    workbench.run("Slow")
    workbench.expect_state("Slow", "running", seconds=60)
    page.wait_for_timeout(500)
    page.reload()
    workbench.expect_engine("Engine connected")
    result = workbench.expect_window("Slow", seconds=30)
    expect(result).to_contain_text(f"done by process {pid}")
    workbench.close("Slow")

    # The page is away for a while, and what was printed meanwhile is there.
    page.reload()
    workbench.expect_state("Slow", "ready", seconds=30)
    (effects,) = list(engine.home.rglob("effects.txt"))
    assert effects.read_text() == "xx"
    assert psutil.pid_exists(pid)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_nothing_is_lost_in_silence_or_sleep(
    proxied: tuple[EngineProcess, ChaosProxy], browser: Browser, page: Page, trouble
) -> None:
    trouble.allow("WebSocket", "ERR_", "Failed to load resource")
    engine, proxy = proxied
    workbench = Workbench(page)
    workbench.open(engine.first_link)
    workbench.expect_engine("Engine connected")
    workbench.install_text(python_plugin("Slow", SLOW), "Slow")
    connection = page.get_by_label("Status", exact=True).locator(".connection")

    # Half-open: the connection stays, nothing comes, and nobody says so.
    workbench.run("Slow")
    workbench.expect_state("Slow", "running", seconds=60)
    proxy.hang()
    expect(connection).to_contain_text("Reconnecting", timeout=60_000)
    proxy.cut(reset=True)
    proxy.flow()
    expect(connection).to_contain_text("Engine", timeout=30_000)
    expect(workbench.expect_window("Slow", seconds=30)).to_contain_text("done by process")
    workbench.close("Slow")

    # The computer sleeps, and its connections are gone when it wakes.
    workbench.run("Slow")
    workbench.expect_state("Slow", "running", seconds=60)
    cdp = browser.new_browser_cdp_session()
    processes = cdp.send("SystemInfo.getProcessInfo")["processInfo"]
    asleep = [one["id"] for one in processes if one["type"] in ("browser", "renderer")]
    for pid in asleep:
        os.kill(pid, signal.SIGSTOP)
    try:
        proxy.cut()
        time.sleep(15)  # longer than the engine waits for a sign of life, and than the plugin works
    finally:
        for pid in asleep:
            os.kill(pid, signal.SIGCONT)
    expect(workbench.expect_window("Slow", seconds=60)).to_contain_text("done by process")
    expect(connection).to_contain_text("Engine", timeout=30_000)
    (effects,) = list(engine.home.rglob("effects.txt"))
    assert effects.read_text() == "xx"


def test_an_engine_that_was_started_anew_is_told_apart(
    proxied: tuple[EngineProcess, ChaosProxy],
    start_engine: Callable[..., EngineProcess],
    page: Page,
    trouble,
) -> None:
    trouble.allow("WebSocket", "ERR_", "Failed to load resource")
    engine, proxy = proxied
    workbench = Workbench(page)
    workbench.open(engine.first_link)
    workbench.expect_engine("Engine connected")
    workbench.install_text(python_plugin("Slow", SLOW), "Slow")
    workbench.run("Slow")
    workbench.expect_state("Slow", "running", seconds=60)
    engine.process.kill()
    engine.stop()
    port = proxy._server_port
    base = f"http://127.0.0.1:{proxy.port}/"
    again = start_engine("--base-url", base, port=port, home=engine.home)
    workbench.expect_alert("Slow", "started anew", seconds=30)
    workbench.dismiss_all()
    workbench.run("Slow")
    expect(workbench.expect_window("Slow", seconds=60)).to_contain_text("done by process")
    again.stop()


class CrashedTab:
    """A tab whose page has crashed: the test tool has given it up, and the browser has not."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._cdp: CDPSession = browser.new_browser_cdp_session()
        targets = self._cdp.send("Target.getTargets")["targetInfos"]
        [target] = [one for one in targets if one["type"] == "page" and address in one["url"]]
        attached = {"targetId": target["targetId"], "flatten": False}
        self._session = self._cdp.send("Target.attachToTarget", attached)["sessionId"]
        self._answers: dict[int, dict] = {}
        self._count = 0
        self._cdp.on("Target.receivedMessageFromTarget", self._on_message)

    def _on_message(self, event: dict) -> None:
        message = json.loads(event["message"])
        if "id" in message:
            self._answers[message["id"]] = message

    def crash(self, page: Page) -> None:
        """Kill the processes of the browser that show pages."""
        with page.expect_event("crash"):
            for process in self._cdp.send("SystemInfo.getProcessInfo")["processInfo"]:
                if process["type"] == "renderer":
                    os.kill(process["id"], signal.SIGKILL)

    def ask(self, method: str, **parameters: object) -> dict:
        self._count += 1
        message = json.dumps({"id": self._count, "method": method, "params": parameters})
        self._cdp.send(
            "Target.sendMessageToTarget", {"sessionId": self._session, "message": message}
        )
        while self._count not in self._answers:
            self._cdp.send("Target.getTargets")  # lets the answer in
        return self._answers[self._count]

    def wait_for_text(self, text: str) -> str:
        """The text of the page, when this is in it."""
        while True:
            answer = self.ask("Runtime.evaluate", expression="document.body?.innerText ?? ''")
            found = str(answer.get("result", {}).get("result", {}).get("value", ""))
            if text in found:
                return found


@pytest.mark.timeout(180)
def test_nothing_is_lost_when_the_page_crashes(
    start_engine: Callable[..., EngineProcess], browser: Browser, page: Page, trouble
) -> None:
    trouble.allow("crash", "WebSocket", "ERR_")
    engine = start_engine()
    workbench = Workbench(page)
    workbench.open(engine.first_link)
    workbench.expect_engine("Engine connected")
    workbench.install_text(python_plugin("Slow", SLOW), "Slow")
    workbench.run("Slow")
    workbench.expect_state("Slow", "running", seconds=60)
    page.wait_for_timeout(500)
    tab = CrashedTab(browser, engine.address)
    tab.crash(page)
    tab.ask("Page.reload")
    tab.wait_for_text("done by process")
    (effects,) = list(engine.home.rglob("effects.txt"))
    assert effects.read_text() == "x"
