"""Lists of any length scroll smoothly: only the rows in view are on the page."""

from __future__ import annotations

import json

from journey_engine import EngineProcess
from journey_files import javascript_plugin
from journey_page import Workbench
from playwright.sync_api import Page, Route, expect

MANY = 20_000
INSTALLED = 200
# Each frame: how many rows are on the page, and whether there is one in the middle of what is seen.
_SCROLL = """async () => {
  const frames = [];
  const panel = document.querySelector("#side-content");
  const { left, top, width, height } = panel.getBoundingClientRect();
  for (let i = 0; i < 60; i += 1) {
    panel.scrollTop += 400;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const middle = document.elementFromPoint(left + width / 2, top + height / 2);
    frames.push([panel.querySelectorAll("[data-row]").length, middle?.closest("[data-row]") != null]);
  }
  return frames;
}"""
# Copies of what is installed, as if each had been installed by hand.
_COPIES = """async (count) => {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const database = await done(indexedDB.open("imjoy"));
  const table = () => database.transaction("plugins", "readwrite").objectStore("plugins");
  const [first] = await done(table().getAll());
  for (let i = 1; i < count; i += 1) {
    const number = String(i).padStart(3, "0");
    const id = `${first.id}-${number}`;
    const code = first.code.replaceAll("Numbered 000", `Numbered ${number}`);
    await done(table().put({ ...first, id, code }, id));
  }
  database.close();
}"""


def library_of(page: Page, count: int) -> None:
    """Makes the library of the app as long as that."""
    plugins = [
        {"name": f"Plugin {number:05}", "type": "web-worker", "version": "1.0.0",
         "description": "One of many. " * (1 + number % 3), "labels": [f"label {number % 7}"]}
        for number in range(count)
    ]  # fmt: skip
    text = json.dumps({"plugins": plugins})

    def answer(route: Route) -> None:
        route.fulfill(body=text, content_type="application/json")

    page.route("**/repository/manifest.imjoy.json", answer)


def test_twenty_thousand_rows_scroll(page: Page, engine: EngineProcess) -> None:
    library_of(page, MANY)
    workbench = Workbench(page)
    workbench.open(engine.link())
    workbench.tab("Library")
    rows = page.get_by_role("list", name="Plugins of the library").get_by_role("listitem")
    expect(rows.first).to_contain_text("Plugin 00000")
    assert rows.count() < 60
    expect(rows.first).to_have_attribute("aria-setsize", str(MANY))
    assert workbench.violations() == []

    frames = page.evaluate(_SCROLL)
    assert all(count < 60 and filled for count, filled in frames), frames
    shown = rows.first.get_attribute("aria-posinset")
    assert shown is not None and 100 < int(shown) < 1000

    page.get_by_role("searchbox", name="Search plugins").fill("Plugin 19999")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Plugin 19999")
    page.get_by_role("searchbox", name="Search plugins").fill("")
    page.locator("#side-content").evaluate("panel => { panel.scrollTop = panel.scrollHeight; }")
    expect(rows.last).to_contain_text("Plugin 19999")
    assert rows.count() < 60


def test_two_hundred_installed_plugins_scroll(workbench: Workbench) -> None:
    page = workbench.page
    form = "Width: {id: 'w', type: 'number', placeholder: 3}"
    text = javascript_plugin("Numbered 000", "    return ctx.config.w;")
    text = text.replace('"ui": ""', f'"ui": "{form}"', 1)
    workbench.install_text(text, "Numbered 000")
    page.evaluate(_COPIES, INSTALLED)
    page.reload()
    workbench.tab("Plugins")
    rows = page.get_by_role("list", name="Installed plugins").get_by_role("listitem")
    expect(rows.first).to_have_attribute("aria-setsize", str(INSTALLED))
    assert rows.count() < 30
    assert workbench.violations() == []
    frames = page.evaluate(_SCROLL)
    assert all(count < 30 and filled for count, filled in frames), frames

    search = page.get_by_role("searchbox", name="Search installed plugins")
    page.locator("#side-content").evaluate("panel => { panel.scrollTop = 0; }")
    search.fill("numbered 137")
    expect(rows).to_have_count(1)
    page.get_by_label("Width", exact=True).fill("8")
    workbench.run("Numbered 137")
    expect(workbench.expect_window("Numbered 137")).to_contain_text("8")
    search.fill("")
    page.locator("#side-content").evaluate("panel => { panel.scrollTop = panel.scrollHeight; }")
    expect(workbench.plugin(f"Numbered {INSTALLED - 1}")).to_be_visible()
    search.fill("numbered 137")
    expect(page.get_by_label("Width", exact=True)).to_have_value("8")


def test_a_log_follows_its_end(workbench: Workbench) -> None:
    page = workbench.page
    body = """    for (let i = 0; i < 3000; i += 1) api.log(`line ${i}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    api.log("the end");"""
    workbench.install_text(javascript_plugin("Talks", body), "Talks")
    log = workbench.log_of("Talks")
    workbench.run("Talks")
    expect(log.get_by_role("listitem").last).to_contain_text("the end")
    expect(log.get_by_role("listitem").last).to_be_in_viewport()
    assert log.get_by_role("listitem").count() < 150
    log.evaluate("box => { box.scrollTop = 0; }")
    expect(log).to_contain_text("line 1010")
    expect(log).not_to_contain_text("the end")
    page.mouse.move(0, 0)
    assert workbench.violations() == []
