"""Windows can be opened and closed all day: memory stays flat."""

from __future__ import annotations

import pytest
from journey_page import Workbench
from playwright.sync_api import CDPSession, expect

CYCLES = 500
# What can be taken back is kept: a hundred closed windows.
WARM = 120
_CYCLE = """async (count) => {
  const wait = async (ready) => {
    for (let i = 0; i < 2000 && !ready(); i += 1) await new Promise((done) => setTimeout(done, 5));
    if (!ready()) throw new Error("The window did not come or go.");
  };
  const windows = () => document.querySelectorAll('[data-testid="window"]').length;
  for (let i = 0; i < count; i += 1) {
    const button = (name) => [...document.querySelectorAll("button")]
      .find((one) => (one.getAttribute("aria-label") ?? one.textContent.trim()) === name);
    button(i % 2 ? "Log of Gaussian blur" : "Open sample image").click();
    await wait(() => windows() === 1);
    const close = () => [...document.querySelectorAll("button")]
      .find((one) => /^Close (?!the side)/.test(one.getAttribute("aria-label") ?? ""));
    await wait(close);
    close().click();
    await wait(() => windows() === 0);
  }
}"""


def used(session: CDPSession) -> dict[str, float]:
    """Bytes of the heap, and numbers of nodes and listeners, after everything unused was collected."""
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return {entry["name"]: entry["value"] for entry in metrics}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_memory_is_flat_over_many_windows(workbench: Workbench) -> None:
    page = workbench.page
    page.set_default_timeout(600_000)
    workbench.install("Gaussian blur")
    workbench.dismiss_all()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.evaluate(_CYCLE, WARM)
    before = used(session)
    page.evaluate(_CYCLE, CYCLES)
    after = used(session)
    expect(page.get_by_test_id("window")).to_have_count(0)
    grown = after["JSHeapUsedSize"] - before["JSHeapUsedSize"]
    assert grown < 4_000_000, f"{grown / CYCLES:.0f} bytes are kept of each window."
    assert after["Nodes"] - before["Nodes"] < 500
    assert after["JSEventListeners"] - before["JSEventListeners"] < 100
