"""A workspace is left while its images are being kept, on a slow disk or with the engine away; nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Callable

from conftest import Trouble
from journey_engine import EngineProcess
from journey_files import png
from journey_page import Workbench
from playwright.sync_api import Locator, Page, expect

# The files of the browser take nothing before `goOn`.
SLOW_DISK = """
  const held = new Promise((resolve) => { window.goOn = resolve; });
  const create = FileSystemFileHandle.prototype.createWritable;
  FileSystemFileHandle.prototype.createWritable = async function (...args) {
    const writer = await create.apply(this, args);
    const write = writer.write.bind(writer);
    writer.write = async (data) => { await held; return write(data); };
    return writer;
  };
"""
KEEPING = "Keeping the workspace My workspace"


def switch(page: Page, name: str) -> None:
    page.keyboard.press("Control+Shift+o")
    page.get_by_role("dialog", name="Workspaces").get_by_role(
        "button", name=name, exact=True
    ).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_browser_that_keeps_nothing_says_so_and_offers_a_file(
    new_page: Callable[..., Page], engine: EngineProcess
) -> None:
    page = new_page()
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    workbench = Workbench(page)
    workbench.open(engine.link())
    workbench.expect_engine("Engine connected")
    expect(page.get_by_label("Notices")).to_contain_text("Export a workspace to keep it.")
    button = page.get_by_role("banner").get_by_role("button", name="Workspace: ")
    workbench.open_sample("Synthetic coins")
    expect(button).to_contain_text("not kept")
    button.click()
    dialog = page.get_by_role("dialog", name="Workspaces")
    expect(dialog).to_contain_text("In this page only")
    assert workbench.violations() == []
    said = dialog.locator("p").filter(has_text="This browser keeps nothing")
    with page.expect_download() as download:
        said.get_by_role("button", name="Export with its data").click()
    assert download.value.suggested_filename == "My workspace.imjoy.zip"
    page.keyboard.press("Escape")

    # Another one can be opened and left meanwhile, and a phone says it in its menu.
    switch(page, "New workspace")
    switch(page, "Open My workspace")
    workbench.expect_window("Synthetic coins")
    page.set_viewport_size({"width": 360, "height": 640})
    page.locator("summary", has_text="More").click()
    expect(page.get_by_role("button", name="Workspace: My workspace (not kept)")).to_be_visible()


def job(page: Page, step: str) -> Locator:
    """What the list of work says of what began last of that name."""
    page.get_by_role("tab", name=re.compile("^Jobs")).click()
    return page.get_by_role("article", name=step).first


def test_an_image_that_takes_long_is_kept_after_its_workspace_was_left(
    new_page: Callable[..., Page], engine: EngineProcess
) -> None:
    page = new_page()
    page.add_init_script(SLOW_DISK)
    workbench = Workbench(page)
    workbench.open(engine.link())
    workbench.open_sample("Synthetic coins")
    switch(page, "New workspace")
    expect(page.get_by_test_id("window")).to_have_count(0)
    running = page.get_by_test_id("running-job")
    expect(running).to_contain_text(KEEPING)
    expect(running.get_by_role("button", name="Cancel")).to_have_count(0)
    assert workbench.violations() == []

    # It comes back from the page, and can be left again.
    switch(page, "Open My workspace")
    workbench.expect_window("Synthetic coins")
    workbench.open_sample("Test pattern")
    switch(page, "Open Workspace")
    kept = job(page, KEEPING)
    expect(kept).to_contain_text("running")
    page.evaluate("goOn()")
    expect(kept).to_contain_text("done")
    page.reload()
    # Keys that come before the page is there go nowhere.
    expect(page.get_by_role("button", name="Workspace: ")).to_be_visible()
    switch(page, "Open My workspace")
    workbench.expect_window("Synthetic coins")
    page.get_by_role("tab", name="Test pattern", exact=True).click()
    workbench.expect_window("Test pattern")


def test_a_workspace_of_an_engine_that_is_away_is_kept_once_it_is_back(
    new_page: Callable[..., Page], start_engine: Callable[..., EngineProcess], trouble: Trouble
) -> None:
    trouble.allow("ERR_CONNECTION_REFUSED", "WebSocket connection", "Failed to load resource")
    engine = start_engine()
    workbench = Workbench(new_page())
    page = workbench.page
    workbench.open(engine.link())
    workbench.expect_engine("Engine connected")
    switch(page, "New workspace on the engine")
    workbench.expect_saved()
    engine.stop()
    workbench.expect_engine("Engine disconnected")
    workbench.drop("small.png", png())
    workbench.expect_window("small.png")
    switch(page, "Open My workspace")
    expect(page.get_by_test_id("window")).to_have_count(0)

    port = int(engine.address.rsplit(":", 1)[1].strip("/"))
    start_engine(port=port, home=engine.home)
    workbench.expect_engine("Engine connected")
    expect(job(page, "Keeping the workspace Workspace")).to_contain_text("done")
    expect(page.get_by_label("Notices").get_by_role("alert")).to_have_count(0)
    page.reload()
    workbench.expect_engine("Engine connected")
    switch(page, "Open Workspace")
    workbench.expect_window("small.png")
