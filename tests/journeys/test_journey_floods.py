"""Plugins that flood the page or never end: the person goes on working, and ends them within two seconds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from journey_engine import EngineProcess
from journey_page import Workbench
from malicious import FOLDER, Prison
from playwright.sync_api import Page, expect

FLOODS = sorted(path.name.removesuffix(".imjoy.html") for path in FOLDER.glob("flood-*"))
# From a press of a key to what is painted next; the browser counts only those above 16 ms.
_WATCH = """() => {
  window.delays = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.delays.push(Math.round(entry.duration));
  }).observe({ type: "event", durationThreshold: 16 });
}"""
# Milliseconds from the press on the button until the plugin is said to be stopped.
_STOP = """(name) => new Promise((resolve, reject) => {
  const plugin = document.querySelector(`article[aria-label="${name}"]`);
  const state = plugin.querySelector('[data-testid="plugin-state"]');
  let began = 0;
  const done = () => {
    if (state.textContent === "not started" && began) resolve(Math.round(performance.now() - began));
    else setTimeout(done, 10);
  };
  addEventListener("pointerdown", () => { began ||= performance.now(); done(); }, { once: true, capture: true });
  setTimeout(() => reject(new Error("It was not stopped.")), 20000);
})"""
LONGEST = 500
STOPPED = 2000


@pytest.fixture
def prison(new_page: Callable[..., Page], engine: EngineProcess, trouble):
    trouble.allow(".")
    workbench = Workbench(new_page())
    workbench.open(engine.link())
    workbench.expect_engine("Engine connected")
    return Prison(workbench, engine.address)


@pytest.mark.slow
def test_a_flood_is_ended_and_leaves_the_page_alive(prison: Prison) -> None:
    page, workbench = prison.page, prison.workbench
    page.evaluate(_WATCH)
    measured: dict[str, tuple[int, int]] = {}
    for file in FLOODS:
        name = prison.install(file)
        page.evaluate("window.refusing = false")
        workbench.run(name)
        prison.wait_for(name, 30)
        page.evaluate("window.delays.length = 0")
        for _ in range(10):
            page.keyboard.press("Shift")
            page.wait_for_timeout(150)
        slowest = max(page.evaluate("window.delays"), default=0)
        stopping = page.evaluate_handle(f"(name) => {{ window.stopping = ({_STOP})(name); }}", name)
        stopping.dispose()
        button = page.get_by_role("button", name=f"Stop {name}", exact=True)
        dialogs = page.get_by_role("dialog")
        (
            dialogs.last.get_by_role("button", name=f"Stop {name}") if dialogs.count() else button
        ).click(no_wait_after=True)
        measured[file] = (slowest, page.evaluate("window.stopping"))
        expect(dialogs).to_have_count(0)
        page.get_by_role("button", name=f"Remove {name}", exact=True).click()
        expect(workbench.plugin(name)).to_have_count(0)
        page.keyboard.press("Control+k")
        page.get_by_role("combobox", name="Action").fill("Close all windows")
        page.keyboard.press("Enter")
        workbench.dismiss_all()
    print(measured)
    assert {file: ms for file, (ms, _) in measured.items() if ms > LONGEST} == {}
    assert {file: ms for file, (_, ms) in measured.items() if ms > STOPPED} == {}
    # Another plugin runs as ever.
    prison.install("victim")
    workbench.run("Victim")
    expect(workbench.expect_window("Victim")).to_contain_text("victim ran")
