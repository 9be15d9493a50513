"""How the page looks and feels: keyboard alone, screen readers, dark, narrow."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from journey_engine import EngineProcess
from journey_files import javascript_plugin, python_plugin
from journey_page import Workbench
from playwright.sync_api import Locator, Page, expect

LOOKS = [
    pytest.param({}, id="light"),
    pytest.param({"color_scheme": "dark"}, id="dark"),
    pytest.param({"viewport": {"width": 360, "height": 700}}, id="narrow"),
]


@pytest.mark.parametrize("look", LOOKS)
def test_no_state_shuts_anyone_out(
    new_page: Callable[..., Page], engine: EngineProcess, look: dict[str, object]
) -> None:
    workbench = Workbench(new_page(**look))
    page = workbench.page
    workbench.open(engine.link())
    workbench.expect_engine("Engine connected")
    found = {"empty": workbench.violations()}
    no_sideways(page)
    page.locator("summary", has_text="Samples").click()
    on_screen(page, page.get_by_role("button", name="Synthetic coins"))
    page.keyboard.press("Escape")
    for view in page.get_by_role("navigation", name="Views").get_by_role("tab").all():
        on_screen(page, view)

    workbench.open_sample("Synthetic coins")
    found["image"] = workbench.violations()
    no_sideways(page)
    workbench.tab("Library")
    found["library"] = workbench.violations()
    page.get_by_role("button", name="Install Gaussian blur", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found["dialog"] = workbench.violations()
    workbench.agree_to_install("Gaussian blur")
    found["installed"] = workbench.violations()

    body = "import time\ntime.sleep(60)"
    workbench.install_text(python_plugin("Sleeps", body), "Sleeps")
    workbench.run("Sleeps")
    workbench.expect_state("Sleeps", "running", seconds=60)
    found["running"] = workbench.violations()
    page.get_by_test_id("running-job").get_by_role("button", name="Cancel").click()
    expect(page.get_by_test_id("running-job")).to_have_count(0, timeout=30_000)
    workbench.dismiss_all()

    workbench.install_text(javascript_plugin("Fails", '    throw new Error("no");'), "Fails")
    workbench.run("Fails")
    workbench.expect_alert("Fails")
    found["failed"] = workbench.violations()
    no_sideways(page)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    found["palette"] = workbench.violations()
    assert {state: list_ for state, list_ in found.items() if list_} == {}


def no_sideways(page: Page) -> None:
    """Nothing is wider than the screen."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def on_screen(page: Page, part: Locator) -> None:
    """All of it is seen without scrolling sideways."""
    box = part.bounding_box()
    assert box is not None
    assert box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"], box  # type: ignore[index]


def test_colours_of_the_system_and_no_motion(
    new_page: Callable[..., Page], engine: EngineProcess
) -> None:
    """Where the system forces its colours, shadows are gone: what is chosen is still seen."""
    workbench = Workbench(new_page(forced_colors="active", reduced_motion="reduce"))
    page = workbench.page
    workbench.open(engine.link())
    workbench.expect_engine("Engine connected")
    workbench.tab("Library")
    chosen, other = (page.get_by_role("tab", name=name, exact=True) for name in ("Library", "Data"))
    outline = "tab => getComputedStyle(tab).outlineStyle"
    assert (chosen.evaluate(outline), other.evaluate(outline)) == ("solid", "none")
    workbench.open_sample("Synthetic coins")
    assert workbench.violations() == []
    page.keyboard.press("Control+,")
    settings = page.get_by_role("dialog", name="Settings")
    settings.get_by_label("Contrast").select_option("High")
    expect(page.locator("html")).to_have_attribute("data-contrast", "more")
    assert workbench.violations() == []
    assert page.evaluate("document.getAnimations().length") == 0


def test_the_sign_in_shuts_no_one_out(page: Page, engine: EngineProcess) -> None:
    workbench = Workbench(page)
    workbench.open(engine.address)
    workbench.expect_engine("Signed out")
    assert workbench.violations() == []


def test_the_keyboard_is_enough(workbench: Workbench) -> None:
    page = workbench.page
    act(page, "Open sample: Synthetic coins")
    workbench.expect_window("Synthetic coins")
    act(page, "Install Gaussian blur")
    expect(page.get_by_role("dialog")).to_contain_text("Gaussian blur")
    press_until(page, "Install")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    act(page, "Run Gaussian blur")
    workbench.expect_window("Synthetic coins, blurred")


def test_tab_reaches_the_first_steps(workbench: Workbench) -> None:
    press_until(workbench.page, "Open sample image")
    workbench.page.keyboard.press("Enter")
    workbench.expect_window("Synthetic nuclei")


def act(page: Page, name: str) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Search actions")).to_be_visible()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Search actions")).to_have_count(0)


def press_until(page: Page, text: str) -> None:
    """Tabs on until the focus is on the button with this text."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement?.textContent?.trim()") == text:
            return
    raise AssertionError(f"Tab never reached {text!r}")


def test_the_choice_of_colours_stays(workbench: Workbench) -> None:
    page = workbench.page
    page.get_by_role("button", name="Colours: auto").click()
    page.get_by_role("button", name="Colours: light").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="Colours: dark")).to_be_visible()
