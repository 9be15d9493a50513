"""Runs the plugins of tests/malicious in a page and watches what they reach."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from journey_engine import EngineProcess
from journey_page import Workbench
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

FOLDER = Path(__file__).resolve().parents[1] / "malicious"
# Those that the page ends by itself, and why.
_LEAVES = "wanted to go to another address"
ENDED = {
    "self-navigation": _LEAVES,
    "refresh-navigation": _LEAVES,
    "click-navigation": _LEAVES,
    "data-navigation": _LEAVES,
    "forged-messages": "moved or loaded again",
}

# Plants what must not be read, and answers every question with no while `refusing` is set.
_GUARD = """async () => {
  localStorage.setItem("canary", "CANARY of the page");
  document.cookie = "canary=CANARY; path=/";
  window.refusing = false;
  window.questions = [];
  setInterval(() => {
    if (!window.refusing) return;
    for (const dialog of document.querySelectorAll("dialog[open]")) {
      const buttons = [...dialog.querySelectorAll(".buttons button:not(.stop)")];
      if (buttons.length === 0) continue;
      window.questions.push(dialog.innerText);
      buttons[0].click();
    }
  }, 100);
}"""
_STATE = """() => ({
  hacked: window.hacked ?? null,
  polluted: ({}).hacked ?? [].hacked ?? null,
  title: document.title,
  address: location.href,
  canary: localStorage.getItem("canary"),
  cookies: document.cookie,
  pictures: document.querySelectorAll('img[src="x"]').length,
  handlers: document.querySelectorAll("[onerror], [onload], [onclick]").length,
  scripts: [...document.querySelectorAll("a")].filter((a) => /^\\s*javascript:/i.test(a.getAttribute("href"))).length,
  foreign: document.querySelectorAll("iframe:not([sandbox])").length,
})"""


@dataclass
class Listeners:
    """A TCP and a UDP port that note who comes."""

    tcp: str
    udp: int
    requests: list[bytes] = field(default_factory=list)
    packets: list[bytes] = field(default_factory=list)

    def what(self, limited: bool) -> list[str]:
        """What arrived; of a plugin that may use the network, a connection alone is nothing."""
        heard = [data for data in (*self.requests, *self.packets) if limited or data]
        return [f"reached a port with {data[:60]!r}" for data in heard]


@contextmanager
def listeners() -> Iterator[Listeners]:
    tcp = socket.create_server(("127.0.0.1", 0))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    noted = Listeners(f"127.0.0.1:{tcp.getsockname()[1]}", udp.getsockname()[1])

    def serve(visitor: socket.socket) -> None:
        with visitor:
            visitor.settimeout(2)
            try:
                noted.requests.append(visitor.recv(2000))
            except OSError:
                noted.requests.append(b"")

    def accept() -> None:
        while True:
            try:
                visitor, _ = tcp.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(visitor,), daemon=True).start()

    def receive() -> None:
        while True:
            try:
                noted.packets.append(udp.recv(2000))
            except OSError:
                return

    for target in (accept, receive):
        threading.Thread(target=target, daemon=True).start()
    try:
        yield noted
    finally:
        tcp.shutdown(socket.SHUT_RDWR)
        tcp.close()
        udp.close()


class Prison:
    """A page in which malicious plugins are let loose, one after the other."""

    reached: Listeners

    def __init__(self, workbench: Workbench, engine: str) -> None:
        self.workbench = workbench
        self.page = workbench.page
        self.engine = engine
        self.reports: dict[str, list[str]] = {}
        self.page.on("console", self._hear)
        self.page.evaluate(_GUARD)
        self.before = self.state()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.text.startswith('{"malicious"'):
            report = json.loads(message.text)
            self.reports[report["malicious"]] = report["got"]

    def state(self) -> dict[str, object]:
        found: dict[str, object] = self.page.evaluate(_STATE)
        return found

    @property
    def questions(self) -> list[str]:
        asked: list[str] = self.page.evaluate("window.questions")
        return asked

    def text_of(self, file: str) -> str:
        text = (FOLDER / f"{file}.imjoy.html").read_text("utf-8")
        prelude = (FOLDER / "prelude.js").read_text("utf-8")
        text = text.replace('<script lang="javascript">', '<script lang="javascript">\n' + prelude)
        places = {"ENGINE": self.engine}
        if "{{LISTENER}}" in text or "{{UDP}}" in text:
            places |= {"LISTENER": self.reached.tcp, "UDP": str(self.reached.udp)}
        for name, value in places.items():
            text = text.replace("{{" + name + "}}", value)
        return text

    def install(self, file: str) -> str:
        """Installs a file; gives the name of the plugin."""
        text = self.text_of(file)
        config = text[text.index("{") : text.index("</config>")]
        name: str = json.loads(config)["name"]
        self.page.evaluate("window.refusing = false")
        self.workbench.drop(f"{file}.imjoy.html", text.encode())
        dialog = self.page.get_by_role("dialog").last
        dialog.get_by_role("button", name=re.compile("^(Install|Replace)$")).click()
        self.workbench.expect_installed(name)
        self.page.evaluate("window.refusing = true")
        return name

    def judge(self, file: str) -> list[str]:
        """Installs and runs a file; gives what the plugin could do, as it says and as is heard."""
        with listeners() as self.reached:
            name = self.install(file)
            self.workbench.run(name)
            self.wait_for(name, 30)
            if file in ENDED:
                self.expect_ended(name, ENDED[file])
            else:
                self.stop(name)
            self.page.evaluate("window.refusing = false")
            self.page.wait_for_timeout(500)
            found = self.reports[name] + self.reached.what(limited='"none"' in self.text_of(file))
        self.remove(name)
        return found

    def expect_ended(self, name: str, reason: str) -> None:
        """The page has ended it by itself, and says why."""
        said = self.page.get_by_text(re.compile(reason)).first
        expect(said).to_be_visible(timeout=30_000)
        self.workbench.dismiss_all()

    def stop(self, name: str) -> None:
        self.page.get_by_role("button", name=f"Stop {name}", exact=True).click()

    def remove(self, name: str) -> None:
        self.page.get_by_role("button", name=f"Remove {name}", exact=True).click()
        expect(self.workbench.plugin(name)).to_have_count(0)
        self.workbench.dismiss_all()

    def wait_for(self, name: str, seconds: float) -> None:
        for _ in range(int(seconds * 20)):
            if name in self.reports:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{name} did not report within {seconds} s.")

    def expect_untouched(self) -> None:
        assert self.state() == self.before
        assert len(self.page.context.pages) == 1
        expect(self.page.get_by_role("heading", name="ImJoy", exact=True)).to_be_visible()
        self.expect_victim_runs()

    def expect_victim_runs(self) -> None:
        """An honest plugin is as it was, and still runs."""
        self.page.evaluate("window.refusing = true")
        self.workbench.run("Victim")
        expect(self.workbench.expect_window("Victim")).to_contain_text("victim ran")
        self.workbench.close("Victim")
        self.page.evaluate("window.refusing = false")


class Block:
    """One page for many plugins; a new one after a plugin has done harm."""

    def __init__(self, browser: Browser, engine: EngineProcess) -> None:
        self._parts = (browser, engine)
        self._prison: Prison | None = None

    def cell(self) -> Prison:
        if self._prison is None:
            browser, engine = self._parts
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            context.set_default_timeout(20_000)
            self._prison = let_in(context.new_page(), engine)
        return self._prison

    def demolish(self) -> None:
        if self._prison is not None:
            self._prison.page.context.close()
            self._prison = None


def let_in(page: Page, engine: EngineProcess) -> Prison:
    """A page with an engine and an honest plugin."""
    workbench = Workbench(page)
    workbench.open(engine.link())
    workbench.expect_engine("Engine connected")
    prison = Prison(workbench, engine.address)
    prison.install("victim")
    return prison
