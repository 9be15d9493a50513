"""No view, dialog or window shuts anyone out: axe finds nothing, light, dark and in high contrast, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from journey_engine import EngineProcess
from journey_files import javascript_plugin, python_plugin
from journey_page import Workbench, act
from playwright.sync_api import Page, expect

LOOKS = [
    pytest.param({}, id="light"),
    pytest.param({"color_scheme": "dark"}, id="dark"),
    pytest.param({"contrast": "more"}, id="contrast"),
]
WIDTHS = (1280, 360)
DIALOGS = {
    "Settings": "Settings",
    "Keyboard shortcuts": "Keyboard shortcuts",
    "New plugin": "New plugin",
    "Workspaces": "Workspaces",
    "Copy link to this workspace": "Link to this workspace",
    "Take the tour": "Open data",
}


@pytest.mark.parametrize("look", LOOKS)
def test_everything_there_is_can_be_used_by_all(
    new_page: Callable[..., Page], engine: EngineProcess, look: dict[str, object]
) -> None:
    workbench = Workbench(new_page(**look))
    page = workbench.page
    workbench.open(engine.link())
    workbench.expect_engine("Engine connected")
    found: dict[str, list[str]] = {}
    for state in everything(workbench):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            if violations := workbench.violations():
                found[f"{state}, {width} px"] = violations
            sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert sideways <= 0, f"{state} is wider than {width} px by {sideways}"
        page.set_viewport_size({"width": WIDTHS[0], "height": 800})
        # A new window takes its place on the narrow page.
        if page.locator("#side-content").count() == 0:
            page.get_by_role("button", name="Side panel", exact=True).click()
    assert found == {}


def everything(workbench: Workbench) -> Iterator[str]:
    """Shows one thing after the other and gives its name."""
    page = workbench.page
    workbench.install_text(javascript_plugin("Fails", '    throw new Error("no");'), "Fails")
    workbench.install_text(python_plugin("Says", 'print("said")'), "Says")
    workbench.run("Says")
    workbench.expect_state("Says", "ready", seconds=60)
    workbench.run("Fails")
    workbench.expect_alert("Fails")
    yield "a failure"
    page.get_by_label("Notices").get_by_role("button", name="more").click()
    yield "all notices"
    workbench.dismiss_all()
    yield from views(page)
    yield from windows(workbench)
    yield from dialogs(page)


def views(page: Page) -> Iterator[str]:
    names = page.get_by_role("navigation", name="Views").get_by_role("tab").all_inner_texts()
    for name in [name.split("\n")[0].strip() for name in names]:
        page.get_by_role("tab", name=name, exact=True).click()
        expect(page.get_by_role("tabpanel", name=name).get_by_role("heading").first).to_be_visible()
        closed = page.locator("#side-content details:not([open]) > summary")
        for _ in range(min(4, closed.count())):
            closed.first.click()
        yield f"view {name}"


def windows(workbench: Workbench) -> Iterator[str]:
    page = workbench.page
    workbench.tab("Plugins")
    workbench.log_of("Fails")
    yield "a log"
    page.get_by_role("button", name="About Fails", exact=True).click()
    workbench.expect_window("About Fails")
    yield "documentation"
    page.get_by_role("button", name="Edit Fails", exact=True).click()
    expect(page.get_by_role("toolbar").first).to_be_visible()
    yield "the editor"
    workbench.open_sample("Synthetic coins")
    page.get_by_role("button", name="Info", exact=True).click()
    yield "an image"
    page.get_by_role("button", name="Info", exact=True).click()
    page.get_by_role("button", name="Versions of Fails").click()
    yield "versions"


def dialogs(page: Page) -> Iterator[str]:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Search actions")).to_be_visible()
    yield "the palette"
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    for action, name in DIALOGS.items():
        act(page, action)
        expect(page.get_by_role("dialog", name=name)).to_be_visible()
        yield f"dialog {name}"
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("tab", name="Plugins", exact=True).click()
    page.get_by_role("button", name="Permissions of Fails").click()
    expect(page.get_by_role("dialog", name="Permissions of Fails")).to_be_visible()
    yield "permissions"
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Library", exact=True).click()
    page.get_by_role("button", name="Install Gaussian blur", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.locator("summary", has_text="Change what it may do").click()
    yield "what a plugin may do"
    page.keyboard.press("Escape")
