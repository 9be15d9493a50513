"""How the page looks and feels: keyboard alone, screen readers, dark, narrow."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from journey_engine import EngineProcess
from journey_files import javascript_plugin, python_plugin
from journey_page import Workbench, act
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
    expect(page.get_by_label("Notices")).to_contain_text("Gaussian blur is installed.")
    act(page, "Run Gaussian blur")
    workbench.expect_window("Synthetic coins, blurred")


def test_tab_reaches_the_first_steps(workbench: Workbench) -> None:
    press_until(workbench.page, "Open sample image")
    workbench.page.keyboard.press("Enter")
    workbench.expect_window("Synthetic nuclei")


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


WIDTHS = (360, 560, 768, 960, 1280, 2560)


def test_the_bar_fits_every_width(new_page: Callable[..., Page], engine: EngineProcess) -> None:
    workbench = Workbench(new_page())
    page = workbench.page
    workbench.open(engine.link())
    workbench.expect_engine("Engine connected")
    bar = page.get_by_role("banner")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert bar.evaluate("bar => bar.scrollWidth - bar.clientWidth") <= 0, width
        shown = [
            page.locator("summary", has_text="More"),
            bar.get_by_role("button", name="Settings"),
        ]
        assert sum(one.is_visible() for one in shown) == 1, width
    names = page.get_by_role("navigation", name="Views").locator("[role=tab] span:first-of-type")
    for width in (320, 360):  # no name of a view is cut
        page.set_viewport_size({"width": width, "height": 640})
        assert names.count() > 5
        for name in names.all():
            whole = "span => span.clientWidth > 0 && span.scrollWidth <= span.clientWidth"
            assert name.evaluate(whole), name.inner_text()
    page.set_viewport_size({"width": 360, "height": 640})
    page.locator("summary", has_text="More").click()
    page.get_by_role("button", name="Colours: auto").click()
    page.get_by_role("button", name="Colours: light").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert workbench.violations() == []
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_role("dialog", name="Settings")).to_be_visible()


def test_keys_that_follow_each_other_at_once(
    new_page: Callable[..., Page], engine: EngineProcess
) -> None:
    workbench = Workbench(new_page(viewport={"width": 360, "height": 640}))
    page = workbench.page
    workbench.open(engine.link())
    workbench.expect_engine("Engine connected")
    # The first time each dialog is loaded; what counts is what comes after that.
    for keys, name in (("Control+,", "Settings"), ("Control+Shift+O", "Workspaces")):
        page.keyboard.press(keys)
        expect(page.get_by_role("dialog", name=name)).to_be_visible()
        page.keyboard.press("Escape")
    for keys, name in (
        ("Control+,", "Settings"),
        ("Control+Shift+O", "Workspaces"),
        ("Control+Shift+O", "Workspaces"),
        ("Control+k", "Search actions"),
        ("Control+k", "Search actions"),
    ):
        page.keyboard.press(keys)
        expect(page.get_by_role("dialog", name=name)).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(1)
        page.keyboard.press("Escape")


def test_notices_leave_the_views_free(new_page: Callable[..., Page], engine: EngineProcess) -> None:
    workbench = Workbench(new_page(viewport={"width": 360, "height": 640}))
    page = workbench.page
    workbench.open(engine.link())
    # The empty page offers to install it, too.
    page.get_by_role("main").get_by_role("button", name="Install Otsu threshold").click()
    workbench.agree_to_install("Otsu threshold")
    notices = page.get_by_label("Notices")
    expect(notices).to_contain_text("Otsu threshold is installed.")
    views = page.get_by_role("navigation", name="Views").bounding_box()
    told = notices.bounding_box()
    assert views is not None and told is not None
    assert told["y"] + told["height"] <= views["y"]
    workbench.open_sample("Synthetic coins")
    workbench.tab("Plugins")
    workbench.run("Otsu threshold")
    # It begins with its own name, which is not said twice.
    said = notices.get_by_role("status").filter(has_text="objects")
    expect(said).to_be_visible()
    assert said.inner_text().count("Otsu threshold") == 1
    # A view covers the windows here; its button is beside the heading, never over what is in the view.
    workbench.tab("Plugins")
    close = page.get_by_role("button", name="Close the side panel")
    other = page.get_by_role("button", name="New plugin").bounding_box()
    box = close.bounding_box()
    assert other is not None and box is not None and other["x"] + other["width"] <= box["x"]
    close.click()
    expect(page.locator("#side-content")).to_have_count(0)


def test_a_failed_installation_is_a_problem(workbench: Workbench) -> None:
    page = workbench.page
    workbench.drop("broken.imjoy.html", b"<config>{</config><script>1</script>")
    workbench.expect_alert("broken.imjoy.html")
    page.get_by_role("contentinfo").get_by_role("button", name="1 problem").click()
    listed = page.get_by_role("article", name="Installing broken.imjoy.html")
    expect(listed).to_contain_text("failed")
    page.get_by_role("button", name="Clear the list").click()
    expect(listed).to_have_count(0)
    expect(
        page.get_by_role("contentinfo").get_by_role("button", name="No problems")
    ).to_be_visible()


WIDE_FORM = (
    "The largest size of an object that counts: "
    "{id: 'a', type: 'number', min: 0, max: 20, step: 0.5, placeholder: 2}"
)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_form_stays_within_its_plugin(
    new_page: Callable[..., Page], engine: EngineProcess, width: int
) -> None:
    workbench = Workbench(new_page(viewport={"width": width, "height": 800}))
    workbench.open(engine.link())
    text = javascript_plugin("Sized", "    return ctx.config.a;")
    workbench.install_text(text.replace('"ui": ""', f'"ui": "{WIDE_FORM}"', 1), "Sized")
    article = workbench.plugin("Sized")
    for field in article.locator("input").all():
        inner, outer = field.bounding_box(), article.bounding_box()
        assert inner is not None and outer is not None
        assert inner["x"] + inner["width"] <= outer["x"] + outer["width"]
        assert inner["width"] >= 40
