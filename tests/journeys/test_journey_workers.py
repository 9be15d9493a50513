"""A person sees the engine and its processes, and ends what is too much."""

from __future__ import annotations

import re
from collections.abc import Callable

import psutil
from journey_engine import EngineProcess
from journey_files import plugin, python_plugin
from journey_page import Workbench
from playwright.sync_api import Page, expect

BUSY = """
import time
print("about to be busy", flush=True)
for i in range(6000):
    time.sleep(0.01)
"""
SHARED = """
count = 0
class ImJoyPlugin:
    def setup(self):
        print("set up")
    def resume(self):
        print("resumed")
    def run(self, ctx):
        global count
        count += 1
        return f"run number {count}"
api.export(ImJoyPlugin())
"""


def test_the_engine_and_its_processes(new_page: Callable[..., Page], engine: EngineProcess) -> None:
    workbench = Workbench(new_page())
    page = workbench.page
    workbench.open(engine.link())
    workbench.tab("Engine")
    panel = page.get_by_role("tabpanel")
    expect(panel).to_contain_text(re.compile(r"Round trip\s*\d+ ms"))
    for words in ("Machine", "Python 3", "uv ", "free", "GPU"):
        expect(panel).to_contain_text(words)

    workbench.install_text(python_plugin("Busy", BUSY), "Busy")
    workbench.run("Busy")
    workbench.expect_state("Busy", "running", seconds=120)
    workbench.tab("Engine")
    process = page.get_by_role("article", name="Process of Busy")
    expect(process.get_by_test_id("worker-state")).to_have_text("working")
    expect(process.get_by_role("list", name="Calls of Busy")).to_contain_text(
        re.compile(r"run\s+runs")
    )
    expect(process).to_contain_text(re.compile(r"MB of [\d.]+ GB allowed,\s+processor \d+ %"))
    process.get_by_text("Output").click()
    expect(process.get_by_role("log")).to_contain_text("about to be busy")
    found = {"light": workbench.violations()}
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 700})
    found["dark and narrow"] = workbench.violations()
    sideways = "document.documentElement.scrollWidth - innerWidth"
    assert found == {"light": [], "dark and narrow": []} and page.evaluate(sideways) <= 0
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(color_scheme="light")

    process.get_by_role("button", name="Interrupt Busy").click()
    expect(process.get_by_test_id("worker-state")).to_have_text("waits for work")
    workbench.dismiss_all()
    pid = int(re.search(r"Process (\d+)", process.inner_text())[1])  # type: ignore[index]
    process.get_by_role("button", name="Restart Busy").click()
    expect(process).not_to_contain_text(f"Process {pid},")
    expect(process.get_by_test_id("worker-state")).to_have_text("waits for work")
    assert not psutil.pid_exists(pid)
    workbench.tab("Plugins")
    workbench.run("Busy")  # at the same address as before
    workbench.expect_state("Busy", "running")
    workbench.tab("Engine")
    process.get_by_role("button", name="End Busy").click()
    expect(process).to_have_count(0)
    workbench.dismiss_all()


def test_each_workspace_has_a_process_of_its_own(
    new_page: Callable[..., Page], engine: EngineProcess
) -> None:
    text = plugin("Counts", SHARED).replace('"ui": "",', '"ui": "", "flags": ["allow-detach"],')
    workbench = Workbench(new_page())
    page = workbench.page
    workbench.open(engine.link())
    workbench.install_text(text, "Counts")
    result = workbench.window(re.compile("Counts"))
    for number in (1, 2):
        workbench.run("Counts")
        expect(result).to_have_count(number, timeout=120_000)
        expect(result.last).to_contain_text(f"run number {number}")
    page.keyboard.press("Control+Shift+o")
    page.get_by_role("button", name="New workspace", exact=True).click()
    expect(page.get_by_test_id("window")).to_have_count(0)
    workbench.run("Counts")
    expect(result).to_contain_text("run number 1")
    workbench.tab("Engine")
    for name in ("My workspace", "Workspace"):
        process = page.get_by_role("article", name=f"Process of Counts in {name}", exact=True)
        expect(process).to_contain_text(f"Workspace {name}.")
    workbench.tab("Plugins")
    page.keyboard.press("Control+Shift+o")
    page.get_by_role("button", name="Open My workspace", exact=True).click()
    expect(page.get_by_test_id("window")).to_have_count(2)
    workbench.run("Counts")  # the process of before, which counts on
    expect(result).to_have_count(3)
    expect(result.last).to_contain_text("run number 3")
    expect(workbench.log_of("Counts")).to_contain_text("resumed")


def test_a_plugin_that_was_left_is_found_again(
    new_page: Callable[..., Page], engine: EngineProcess
) -> None:
    text = plugin("Stays", SHARED).replace('"ui": "",', '"ui": "", "flags": ["allow-detach"],')
    first = Workbench(new_page())
    first.open(engine.link())
    first.install_text(text, "Stays")
    first.run("Stays")
    expect(first.expect_window(re.compile("Stays"), seconds=120)).to_contain_text("run number 1")
    second = Workbench(new_page())
    second.open(engine.link())
    first.page.context.close()
    second.tab("Engine")
    process = second.page.get_by_role("article", name="Process of Stays")
    expect(process.get_by_test_id("worker-state")).to_have_text(
        "waits for work, runs without a page", timeout=30_000
    )
    second.tab("Plugins")
    second.install_text(text, "Stays")
    second.run("Stays")
    expect(second.expect_window(re.compile("Stays"))).to_contain_text("run number 2")
    log = second.log_of("Stays")
    expect(log).to_contain_text("set up")
    expect(log).to_contain_text("this page uses it too now")
    expect(log).to_contain_text("resumed")
