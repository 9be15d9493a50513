"""Files of the engine: looking, searching, opening, dragging, sending, and choosing them for a plugin."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from journey_engine import EngineProcess
from journey_files import javascript_plugin, png
from journey_page import Workbench
from playwright.sync_api import Locator, Page, expect

MANY = 20_000
_DRAG = """([name, target]) => {
  const row = [...document.querySelectorAll('[role=option]')].find((r) => r.textContent.includes(name));
  const dataTransfer = new DataTransfer();
  const options = { bubbles: true, cancelable: true, dataTransfer };
  row.dispatchEvent(new DragEvent("dragstart", options));
  const place = document.querySelector(target);
  for (const event of ["dragenter", "dragover", "drop"]) place.dispatchEvent(new DragEvent(event, options));
}"""
READS = """
    const [file] = await api.showFileDialog({ type: "file", title: "Which table?" });
    if (!file) return api.alert("nothing");
    const text = await (await fetch(file.url)).text();
    await api.alert(`${file.path.split("/").at(-1)} has ${text.length} letters`);
"""
HERE = """
    const [file] = await api.showFileDialog({ type: "file" });
    await api.alert(`${file.name} says ${await file.file.text()} and ${await (await fetch(file.url)).text()}`);
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("measured")
    (folder / "many").mkdir()
    for number in range(MANY):
        (folder / "many" / f"frame-{number:05}.txt").touch()
    (folder / "ramp.png").write_bytes(png())
    (folder / "table.csv").write_text("a,b\n1,2\n")
    (folder / ".secret").write_text("s")
    return folder


@pytest.fixture(scope="module")
def files_engine(
    start_engine: Callable[..., EngineProcess], folder: Path
) -> Iterator[EngineProcess]:
    yield start_engine("--files", str(folder))


@pytest.fixture
def workbench(page: Page, files_engine: EngineProcess) -> Workbench:
    opened = Workbench(page)
    opened.open(files_engine.link())
    opened.expect_engine("Engine connected")
    return opened


def rows(within: Locator | Page) -> Locator:
    return within.get_by_role("listbox", name="Files").get_by_role("option")


def test_files_are_looked_at_opened_and_sent(
    workbench: Workbench, folder: Path, tmp_path: Path
) -> None:
    page = workbench.page
    workbench.tab("Files")
    expect(rows(page)).to_have_count(3)
    assert workbench.violations() == []

    # By the keyboard into a folder of many entries, of which only a few rows are made.
    listed = page.get_by_role("listbox", name="Files")
    listed.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{MANY} entries")).to_be_visible()
    assert rows(page).count() < 60
    page.keyboard.press("End")
    expect(page.get_by_role("option", name=f"frame-{MANY - 1:05}.txt")).to_be_visible()
    assert workbench.violations() == []
    page.get_by_label("Search files").fill("00777")
    expect(rows(page)).to_have_count(1)
    listed.focus()
    page.keyboard.press("Backspace")
    expect(rows(page)).to_have_count(3)
    page.get_by_label("Search files").fill("00778")
    page.get_by_label("Search files").press("Enter")
    expect(page.get_by_role("option", name="many/frame-00778.txt")).to_be_visible()
    page.get_by_role("button", name="Folder above").click()

    # Opening: by a double click, and by dragging to the windows.
    page.get_by_role("option", name="ramp.png").dblclick()
    workbench.expect_window("ramp.png")
    workbench.close("ramp.png")
    page.evaluate(_DRAG, ["ramp.png", "#windows"])
    workbench.expect_window("ramp.png")

    # Sending: what is there is replaced only after asking; a cancelled one leaves nothing.
    sent = tmp_path / "sent.txt"
    sent.write_text("one")
    page.get_by_label("Files to send").set_input_files(sent)
    expect(page.get_by_role("option", name="sent.txt")).to_be_visible()
    sent.write_text("two")
    page.get_by_label("Files to send").set_input_files(sent)
    expect(page.get_by_role("dialog")).to_contain_text("Replace sent.txt?")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert (folder / "sent.txt").read_text() == "one"
    page.get_by_label("Files to send").set_input_files(sent)
    page.get_by_role("dialog").get_by_role("button", name="Replace").click()
    page.wait_for_function("() => !document.querySelector('[data-testid=running-job]')")
    assert (folder / "sent.txt").read_text() == "two"
    large = tmp_path / "large.bin"
    large.write_bytes(b"x" * 8_000_000)
    throttle(page, 400_000)
    page.get_by_label("Files to send").set_input_files(large)
    job = page.get_by_test_id("running-job")
    expect(job).to_contain_text(re.compile(r"[\d.]+ [kM]B of 8\.0 MB"))
    job.get_by_role("button", name="Cancel").click()
    expect(job).to_have_count(0)
    throttle(page, -1)
    page.wait_for_timeout(300)
    assert sorted(path.name for path in folder.iterdir()) == [
        ".secret", "many", "ramp.png", "sent.txt", "table.csv",
    ]  # fmt: skip
    (folder / "sent.txt").unlink()

    # A new folder
    page.get_by_role("button", name="New folder").click()
    page.get_by_label("Name of the new folder").fill("results")
    page.get_by_label("Name of the new folder").press("Enter")
    expect(page.get_by_role("option", name="results/")).to_be_visible()
    (folder / "results").rmdir()


def throttle(page: Page, bytes_per_second: int) -> None:
    """Slow down what the page sends; -1: as fast as it goes."""
    session = page.context.new_cdp_session(page)
    wish = {"offline": False, "latency": 0, "downloadThroughput": -1}
    session.send("Network.emulateNetworkConditions", {**wish, "uploadThroughput": bytes_per_second})


def test_a_plugin_is_given_the_file_that_the_user_chooses(
    workbench: Workbench, tmp_path: Path
) -> None:
    page = workbench.page
    workbench.install_text(javascript_plugin("Reads", READS), "Reads")
    workbench.run("Reads")
    dialog = page.get_by_role("dialog", name="Which table?")
    expect(dialog).to_contain_text("Reads will be able to use what you choose, and nothing else.")
    choose = dialog.get_by_role("button", name="Choose", exact=True)
    expect(choose).to_be_disabled()
    assert workbench.violations() == []
    # By keyboard alone: search, down to the list, Enter.
    dialog.get_by_label("Search files").fill("table")
    expect(rows(dialog)).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    alert = page.get_by_role("dialog")
    expect(alert).to_contain_text("table.csv has 8 letters")
    alert.get_by_role("button", name="OK").click()

    # Closing it is an answer too; and what it showed last is shown again.
    workbench.run("Reads")
    dialog.get_by_role("option", name="many/").dblclick()
    expect(dialog.get_by_text(f"{MANY} entries")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_contain_text("nothing")
    page.get_by_role("dialog").get_by_role("button", name="OK").click()
    workbench.run("Reads")
    expect(dialog.get_by_text(f"{MANY} entries")).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 700})
    assert page.evaluate("document.querySelector('dialog').scrollWidth <= innerWidth")
    assert workbench.violations() == []
    page.set_viewport_size({"width": 1280, "height": 800})
    page.keyboard.press("Escape")
    page.get_by_role("dialog").get_by_role("button", name="OK").click()

    # A file of this computer, by the browser's own dialog.
    workbench.install_text(javascript_plugin("Here", HERE), "Here")
    workbench.run("Here")
    own = tmp_path / "own.txt"
    own.write_text("hello")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="From this computer …").click()
    chooser.value.set_files(own)
    expect(page.get_by_role("dialog")).to_contain_text("own.txt says hello and hello")
