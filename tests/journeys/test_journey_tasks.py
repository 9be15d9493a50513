"""Ten everyday tasks, counted in steps; docs/decisions/0022 compares them with other programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from journey_engine import EngineProcess
from journey_files import javascript_plugin, png
from journey_page import Workbench
from playwright.sync_api import Locator, Page, expect

# What the decision record says; a step is a click, a key or a chord, a text, or a drop.
STEPS = {
    "see an image of this computer": 1,
    "see a sample": 2,
    "install a plugin": 3,
    "blur an image": 1,
    "change the contrast": 1,
    "stop what runs": 1,
    "do something by its name": 3,
    "see two images side by side": 0,
    "go on with yesterday's work": 1,
    "pass on what is open": 1,
}


class Steps:
    """Does what a person does, and counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.counts, self._now = page, {}, 0  # type: ignore[var-annotated]

    @contextmanager
    def task(self, name: str) -> Iterator[None]:
        self._now = 0
        yield
        self.counts[name] = self._now

    def click(self, target: Locator) -> None:
        self._now += 1
        target.click()

    def press(self, keys: str) -> None:
        self._now += 1
        self.page.keyboard.press(keys)

    def type(self, text: str) -> None:
        self._now += 1
        self.page.keyboard.type(text)

    def drop(self, name: str, data: bytes) -> None:
        self._now += 1
        Workbench(self.page).drop(name, data)

    def go(self, address: str) -> None:
        self._now += 1
        self.page.goto(address)


def test_ten_everyday_tasks(
    new_page: Callable[..., Page], start_engine: Callable[..., EngineProcess]
) -> None:
    engine = start_engine()
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    workbench = Workbench(page)
    workbench.open(engine.link())
    workbench.expect_engine("Engine connected")
    workbench.install_text(javascript_plugin("Waits", "    await new Promise(() => {});"), "Waits")
    workbench.dismiss_all()
    steps = Steps(page)

    def button(name: str) -> Locator:
        return page.get_by_role("button", name=name, exact=True)

    with steps.task("see an image of this computer"):
        steps.drop("cells.png", png())
        workbench.expect_window("cells.png")
    with steps.task("see a sample"):
        steps.click(page.locator("summary", has_text="Samples"))
        steps.click(page.get_by_role("button", name="Synthetic coins"))
        workbench.expect_window("Synthetic coins")
    with steps.task("see two images side by side"):
        for title in ("cells.png", "Synthetic coins"):
            expect(workbench.window(title)).to_be_visible()
    with steps.task("install a plugin"):
        steps.click(page.get_by_role("tab", name="Library"))
        steps.click(button("Install Gaussian blur"))
        steps.click(page.get_by_role("dialog").get_by_role("button", name="Install"))
        expect(workbench.plugin("Gaussian blur")).to_be_visible()
    with steps.task("blur an image"):
        steps.click(button("Run Gaussian blur"))
        workbench.expect_window("Synthetic coins, blurred")
    with steps.task("change the contrast"):
        shown = workbench.window("Synthetic coins, blurred")
        steps.click(shown.get_by_role("button", name="Auto contrast"))
    workbench.run("Waits")
    workbench.expect_state("Waits", "running")
    with steps.task("stop what runs"):
        job = page.get_by_test_id("running-job")
        steps.click(job.get_by_role("button", name="Cancel"))
        expect(job).to_have_count(0)
    workbench.dismiss_all()
    with steps.task("do something by its name"):
        steps.press("Control+k")
        steps.type("Open sample: Test pattern")
        steps.press("Enter")
        workbench.expect_window("Test pattern")
    with steps.task("pass on what is open"):
        steps.click(button("Copy link to this workspace"))
        expect(page.get_by_role("dialog").get_by_role("status")).to_have_text("The link is copied.")
        assert "open=sample%3Acoins" in page.evaluate("navigator.clipboard.readText()")
    page.keyboard.press("Escape")
    banner = page.get_by_role("banner").get_by_role("button", name="Workspace: ")
    expect(banner).to_contain_text("saved")
    page.wait_for_timeout(1500)
    expect(banner).not_to_contain_text("not saved")
    with steps.task("go on with yesterday's work"):
        steps.go(engine.address)
        workbench.expect_window("Synthetic coins, blurred")
    assert steps.counts == STEPS
