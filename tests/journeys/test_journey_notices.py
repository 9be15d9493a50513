"""What the page tells of its own accord: few notices at a time, problems in a list, nothing that moves the page."""

from __future__ import annotations

from collections.abc import Callable

from conftest import Trouble
from journey_engine import EngineProcess
from journey_files import javascript_plugin, python_plugin
from journey_page import Workbench
from playwright.sync_api import Page, expect

FAILS = '    throw new Error("no");'
# It takes what would end it for an ordinary error.
STUBBORN = """import time
for second in range(60):
    try:
        time.sleep(1)
    except BaseException:
        pass"""


def test_one_failure_at_a_time(workbench: Workbench) -> None:
    page = workbench.page
    for name in ("Fails", "Breaks"):
        workbench.install_text(javascript_plugin(name, FAILS), name)
        workbench.run(name)
        workbench.expect_alert(f"Running {name}")
    notices = page.get_by_label("Notices")
    expect(notices.get_by_role("alert")).to_have_count(1)
    expect(notices.get_by_role("alert")).to_contain_text("Running Breaks")
    more = notices.get_by_role("button", name="more")
    more.click()
    expect(notices.get_by_role("alert")).to_have_count(2)
    notices.get_by_role("button", name="Show fewer").click()
    expect(notices.get_by_role("alert")).to_have_count(1)


def test_a_failure_without_a_job_is_listed(workbench: Workbench) -> None:
    page = workbench.page
    workbench.drop("notes.xyz", b"nothing that can be shown")
    workbench.expect_alert("notes.xyz")
    problems = page.get_by_role("contentinfo").get_by_role("button", name="1 problem")
    problems.click()
    listed = page.get_by_role("tabpanel")
    expect(listed).to_contain_text("notes.xyz")
    workbench.dismiss_all()
    page.get_by_role("button", name="Clear the list").click()
    expect(listed).not_to_contain_text("notes.xyz")
    expect(
        page.get_by_role("contentinfo").get_by_role("button", name="No problems")
    ).to_be_visible()


def test_the_end_of_a_list_can_be_seen_below_notices(
    new_page: Callable[..., Page], engine: EngineProcess
) -> None:
    workbench = Workbench(new_page(viewport={"width": 360, "height": 640}))
    page = workbench.page
    workbench.open(engine.link())
    for number in range(4):
        name = f"Fails {number}"
        workbench.install_text(javascript_plugin(name, FAILS), name)
    workbench.run("Fails 3")
    alert = workbench.expect_alert("Running Fails 3")
    last = page.get_by_role("button", name="Remove Fails 3")
    page.locator("#side-content").evaluate("view => view.scrollTo(0, view.scrollHeight)")
    told, box = alert.bounding_box(), last.bounding_box()
    assert told is not None and box is not None
    assert box["y"] + box["height"] <= told["y"]


def test_a_removed_plugin_comes_back(workbench: Workbench) -> None:
    page = workbench.page
    workbench.install_text(javascript_plugin("Comes back", FAILS), "Comes back")
    page.get_by_role("button", name="Remove Comes back").click()
    expect(workbench.plugin("Comes back")).to_have_count(0)
    notice = page.get_by_label("Notices").get_by_role("status").filter(has_text="is removed")
    notice.get_by_role("button", name="Undo").click()
    workbench.expect_installed("Comes back")
    expect(notice).to_have_count(0)


def test_stopping_is_said(workbench: Workbench) -> None:
    page = workbench.page
    workbench.install_text(python_plugin("Stubborn", STUBBORN), "Stubborn")
    workbench.run("Stubborn")
    workbench.expect_state("Stubborn", "running", seconds=60)
    workbench.watch_jobs()
    page.get_by_role("button", name="Stop Stubborn").click()
    workbench.expect_state("Stubborn", "stopping")
    workbench.expect_state("Stubborn", "not started")
    assert "Running Stubborn: Stopping" in workbench.seen_jobs()[0]
    workbench.tab("Jobs")
    job = page.get_by_role("article", name="Running Stubborn")
    expect(job).to_contain_text("cancelled")
    job.locator("summary", has_text="Steps").click()
    expect(job.get_by_role("listitem").last).to_contain_text("Stopping")


def test_a_lost_engine_moves_nothing(
    new_page: Callable[..., Page], start_engine: Callable[..., EngineProcess], trouble: Trouble
) -> None:
    trouble.allow("ERR_CONNECTION_REFUSED", "WebSocket")
    engine = start_engine()
    workbench = Workbench(new_page())
    page = workbench.page
    workbench.open(engine.link())
    workbench.expect_engine("Engine connected")
    # What has not been shown yet is there all the same.
    page.wait_for_load_state("networkidle")
    parts = [page.get_by_role("main"), page.get_by_role("contentinfo")]
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 700})
        before = [part.bounding_box() for part in parts]
        if width == 1280:
            engine.stop()
        workbench.expect_engine("Engine disconnected")
        said = page.get_by_role("contentinfo").get_by_role("status")
        expect(said).to_contain_text("The engine does not answer.")
        if width == 1280:
            assert [part.bounding_box() for part in parts] == before
    page.get_by_role("contentinfo").get_by_role("button", name="Reconnecting").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("Plugins in the browser go on working.")


def test_what_ran_is_there_after_a_reload(workbench: Workbench) -> None:
    page = workbench.page
    says = '    await api.log("half of it"); throw new Error("no");'
    workbench.install_text(javascript_plugin("Fails", says), "Fails")
    workbench.run("Fails")
    workbench.expect_alert("Running Fails")
    waits = "    await new Promise(() => undefined);"
    workbench.install_text(javascript_plugin("Waits", waits), "Waits")
    workbench.run("Waits")
    workbench.expect_state("Waits", "running")
    body = 'import time\nprint("it sleeps")\ntime.sleep(4)\nreturn 4'
    workbench.install_text(python_plugin("Sleeps", body), "Sleeps")
    workbench.run("Sleeps")
    workbench.expect_state("Sleeps", "running", seconds=60)
    # What is kept is kept a moment later.
    page.wait_for_timeout(1500)
    page.reload()
    workbench.expect_engine("Engine connected")
    workbench.tab("Jobs")
    lost = page.get_by_role("article", name="Running Waits")
    expect(lost).to_contain_text("could not be taken up again")
    failed = page.get_by_role("article", name="Running Fails")
    expect(failed).to_contain_text("before the page was loaded again")
    failed.locator("summary", has_text="What it said").click()
    expect(failed.get_by_role("log")).to_contain_text("half of it")
    slept = page.get_by_role("article", name="Running Sleeps")
    expect(slept).to_have_count(1)
    expect(slept).to_contain_text("done")
    expect(slept).not_to_contain_text("could not")
    assert workbench.violations() == []
    page.get_by_role("button", name="Clear the list").click()
    expect(failed).to_have_count(0)
