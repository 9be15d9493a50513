"""How soon the page can be used, how much it loads, and how fast it answers while plugins are busy."""

from __future__ import annotations

import gzip
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from records import Record

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    Engine = Any

ROOT = Path(__file__).resolve().parents[1]
RUNS = 5
PRESSES = 40
# Written by hand as small as it goes, it opens as fast as this browser opens anything.
BARE = "data:text/html,<button>Open</button>"
BUSY = "for (const end = Date.now() + 20000; Date.now() < end; ) Math.sqrt(2);"
LINES = """for (let i = 0; i < 20000; i += 1) {
  api.log(`line ${i} of many`);
  if (i % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 10));
}"""
# From the time that the browser gives a press to the first moment after the next picture.
_WATCH = """() => {
  window.paints = [];
  addEventListener("keydown", ({ timeStamp }) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => window.paints.push(performance.now() - timeStamp);
    port2.postMessage(null);
  }), true);
}"""


def measure(browser_path: str) -> list[Record]:
    from playwright.sync_api import sync_playwright

    sys.path.insert(0, str(ROOT / "tests" / "journeys"))
    from journey_engine import EngineProcess

    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        flags = ["--disable-gpu", "--no-sandbox"]
        browser = playwright.chromium.launch(executable_path=browser_path, args=flags)
        engine = EngineProcess(Path(name))
        try:
            records = starts(browser, engine)
            records += answers(browser, engine)
        finally:
            engine.stop()
            browser.close()
    return [*records, size()]


def starts(browser: Browser, engine: Engine) -> list[Record]:
    """Cold: a browser that was never here. Warm: the second visit. Both to an engine that runs."""
    cold, warm, bare = [], [], []
    for _ in range(RUNS):
        context = browser.new_context()
        page = context.new_page()
        cold.append(usable(page, engine.link()))
        warm.append(usable(page, engine.address))
        began = time.perf_counter()
        page.goto(BARE)
        page.get_by_role("button", name="Open").click()
        bare.append(time.perf_counter() - began)
        context.close()
    name = "a page of one button"
    return [
        Record("page can be used, cold", min(cold), min(bare), name, "s", None, RUNS),
        Record("page can be used, warm", min(warm), min(bare), name, "s", None, RUNS),
    ]


def usable(page: Page, address: str) -> float:
    """Seconds until a press on a button of the page is answered."""
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.get_by_role("button", name="Search actions").click()
    page.get_by_role("dialog", name="Search actions").wait_for()
    return time.perf_counter() - began


def answers(browser: Browser, engine: Engine) -> list[Record]:
    """From a press of a key to the next picture: alone, beside a busy plugin, and beside a loud one."""
    import journey_files
    from journey_page import Workbench

    def median(prepare: str | None) -> float:
        page = browser.new_page()
        page.set_default_timeout(30_000)
        workbench = Workbench(page)
        workbench.open(engine.link())
        workbench.expect_engine("Engine connected")
        if prepare is not None:
            workbench.install_text(journey_files.javascript_plugin("Works", prepare), "Works")
            workbench.dismiss_all()
            if prepare == LINES:
                page.get_by_role("button", name="Log of Works", exact=True).click()
            page.get_by_role("button", name="Run Works", exact=True).click()
            workbench.expect_state("Works", "running")
        found = presses(page)
        page.close()
        return found

    alone, busy, loud = median(None), median(BUSY), median(LINES)
    name = "the same while nothing runs"
    return [
        Record("key to paint, a plugin computes", busy, alone, name, "ms", None, PRESSES),
        Record("key to paint, 1000 log lines a second", loud, alone, name, "ms", None, PRESSES),
    ]


def presses(page: Page) -> float:
    """The median time in ms from a press of a key to the picture that answers it."""
    page.get_by_role("button", name="Search actions").click()
    field = page.get_by_role("combobox", name="Action").or_(page.get_by_label("Action"))
    field.first.focus()
    page.evaluate(_WATCH)
    for number in range(PRESSES):
        page.keyboard.press("ArrowDown" if number % 2 else "ArrowUp")
        page.wait_for_timeout(30)
    page.wait_for_function(f"window.paints.length >= {PRESSES}")
    times: list[float] = sorted(page.evaluate("window.paints"))
    return times[PRESSES // 2]


def size() -> Record:
    """The compressed scripts that the page loads before its lazy parts."""
    app = ROOT / "src" / "imjoy" / "web"
    wanted = re.findall(r'(?:src|href)="\./([^"]+\.js)"', (app / "index.html").read_text("utf-8"))
    total = sum(len(gzip.compress((app / name).read_bytes(), 9)) for name in set(wanted))
    return Record("scripts of the first load, gzip", total / 1024, 200, "the limit", "kB", 1, 1)
