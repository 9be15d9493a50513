"""A person runs Python on an image: environment, progress, result, log, errors."""

from __future__ import annotations

import re

import pytest
from journey_engine import EngineProcess
from journey_files import line_of, python_plugin
from journey_page import Workbench, coloured_share
from playwright.sync_api import expect


@pytest.mark.registry
@pytest.mark.timeout(420)
def test_cells_are_segmented(workbench: Workbench) -> None:
    workbench.install("Segment cells")
    workbench.open_sample("Synthetic coins")
    workbench.watch_jobs()
    workbench.run("Segment cells")
    result = workbench.expect_window("Synthetic coins, 20 cells", seconds=300)
    seen = "\n".join(workbench.seen_jobs())
    assert re.search(r"[\d.]+ [kM]B of [\d.]+ MB", seen), seen

    assert coloured_share(workbench.picture(result)) > 0.05
    result.get_by_role("button", name="Labels").click()
    expect(result.get_by_role("button", name="Labels")).to_have_attribute("aria-pressed", "false")
    assert coloured_share(workbench.picture(result)) < 0.01
    expect(workbench.log_of("Segment cells")).to_contain_text("Found 20 objects")

    # The second time nothing is installed.
    workbench.page.get_by_role("button", name="Stop Segment cells").click()
    workbench.expect_state("Segment cells", "not started")
    workbench.close("Synthetic coins, 20 cells")
    workbench.activate(workbench.window("Synthetic coins"))
    workbench.watch_jobs()
    workbench.run("Segment cells")
    result = workbench.expect_window("Synthetic coins, 20 cells", seconds=60)
    assert not any("ownloading" in text for text in workbench.seen_jobs())

    # The labels can be measured by another plugin, which shares the environment.
    workbench.install("Measure regions")
    workbench.activate(result)
    workbench.run("Measure regions")
    table = workbench.expect_window(re.compile("Regions of"), seconds=120)
    expect(table.get_by_role("row")).to_have_count(21)


def test_an_error_shows_its_own_line(workbench: Workbench) -> None:
    body = 'print("before")\nnumbers = [1, 2]\nreturn numbers[7]'
    text = python_plugin("Breaks", body)
    workbench.install_text(text, "Breaks")
    workbench.run("Breaks")
    alert = workbench.expect_alert("Breaks", "list index out of range", seconds=60)
    alert.get_by_text("Details").click()
    expect(alert).to_contain_text(f"line {line_of(text, 'return numbers[7]')}")
    expect(workbench.log_of("Breaks")).to_contain_text("before")
    workbench.dismiss_all()

    workbench.install_text(python_plugin("Works", 'return "still here"'), "Works")
    workbench.run("Works")
    expect(workbench.expect_window("Works")).to_contain_text("still here")


def test_progress_moves_and_work_can_be_cancelled(workbench: Workbench) -> None:
    body = "import time\nfor i in range(1000):\n    api.progress(i / 1000)\n    time.sleep(0.1)"
    workbench.install_text(python_plugin("Slow", body), "Slow")
    workbench.run("Slow")
    workbench.expect_state("Slow", "running", seconds=60)
    bar = workbench.plugin("Slow").get_by_role("progressbar")
    expect(bar).to_have_attribute("value", re.compile(r"0\.\d*[1-9]"))
    workbench.page.get_by_test_id("running-job").get_by_role("button", name="Cancel").click()
    expect(workbench.page.get_by_test_id("running-job")).to_have_count(0, timeout=15_000)
    expect(workbench.plugin("Slow").get_by_test_id("plugin-state")).not_to_have_text("running")


def test_a_run_that_is_stopped_has_not_failed(workbench: Workbench) -> None:
    workbench.install_text(python_plugin("Slow", "import time\ntime.sleep(100)"), "Slow")
    workbench.run("Slow")
    workbench.expect_state("Slow", "running", seconds=60)
    workbench.page.get_by_role("button", name="Stop Slow").click()
    workbench.expect_state("Slow", "not started")
    workbench.tab("Jobs")
    panel = workbench.page.get_by_role("tabpanel", name="Jobs")
    expect(panel).to_contain_text("cancelled")
    expect(panel).not_to_contain_text("failed")


def test_plugins_go_when_the_page_says_stop(workbench: Workbench, engine: EngineProcess) -> None:
    import psutil

    body = "import os\nreturn str(os.getpid())"
    workbench.install_text(python_plugin("Number", body), "Number")
    workbench.run("Number")
    window = workbench.expect_window("Number", seconds=60)
    pid = int(re.search(r"\d+", window.locator("pre").inner_text())[0])  # type: ignore[index]
    assert psutil.pid_exists(pid)
    workbench.page.get_by_role("button", name="Stop Number").click()
    workbench.expect_state("Number", "not started")
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10)
    assert not psutil.pid_exists(pid)
