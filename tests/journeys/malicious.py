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

from journey_page import Workbench
from playwright.sync_api import ConsoleMessage, expect

FOLDER = Path(__file__).resolve().parents[1] / "malicious"

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

    def __init__(self, workbench: Workbench, engine: str, reached: Listeners) -> None:
        self.workbench = workbench
        self.page = workbench.page
        self.engine = engine
        self.reached = reached
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
        places = {"LISTENER": self.reached.tcp, "UDP": str(self.reached.udp), "ENGINE": self.engine}
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

    def run(self, file: str, seconds: float = 30) -> list[str]:
        """Installs and runs a file; gives what the plugin could do, as it says."""
        name = self.install(file)
        self.workbench.run(name)
        self.wait_for(name, seconds)
        self.page.get_by_role("button", name=f"Stop {name}", exact=True).click()
        self.page.evaluate("window.refusing = false")
        return self.reports[name]

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
