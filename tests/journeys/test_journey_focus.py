"""Nobody who works by keyboard loses their place: what had the focus may go, and the focus goes to what is next."""

from __future__ import annotations

from journey_files import javascript_plugin
from journey_page import Workbench, act
from playwright.sync_api import Page, expect

FAILS = '    throw new Error("no");'
FOCUSED = """() => {
  const element = document.activeElement;
  return element === document.body ? "nothing" : element.getAttribute("aria-label")
    ?? element.textContent.trim();
}"""
OVERFLOW = "more tabs"


def expect_focus(page: Page, name: str) -> None:
    page.wait_for_function(
        "([of, name]) => new Function(`return (${of})()`)() === name", arg=[FOCUSED, name]
    )


def test_closing_windows_goes_on_with_the_next(workbench: Workbench) -> None:
    page = workbench.page
    for name in ("Synthetic coins", "Test pattern"):
        act(page, f"Open sample: {name}")
        workbench.expect_window(name)
    page.get_by_role("button", name="Close Test pattern", exact=True).focus()
    page.keyboard.press("Enter")
    expect_focus(page, "Synthetic coins")
    # Its tab has the focus, so that Delete closes it, too.
    page.keyboard.press("Delete")
    expect_focus(page, "Windows")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_keys_lead_into_a_view_and_back_to_the_window(workbench: Workbench) -> None:
    page = workbench.page
    act(page, "Open sample: Test pattern")
    workbench.expect_window("Test pattern")
    page.keyboard.press("Alt+2")
    page.wait_for_function("document.activeElement.id === 'side-content'")
    page.keyboard.press("Tab")
    page.wait_for_function("document.activeElement.type === 'search'")
    page.keyboard.press("Alt+0")
    expect_focus(page, "Test pattern")
    act(page, "Show Jobs")
    page.wait_for_function("document.activeElement.id === 'side-content'")


def test_removing_a_plugin_goes_on_with_the_next(workbench: Workbench) -> None:
    page = workbench.page
    for name in ("First of them", "Second of them"):
        workbench.install_text(javascript_plugin(name, FAILS), name)
    page.get_by_role("button", name="Remove First of them").focus()
    page.keyboard.press("Enter")
    expect_focus(page, "Run Second of them")
    page.keyboard.press("Enter")  # a double press, which was meant for the one that is gone
    expect(workbench.plugin("Second of them")).to_contain_text("not started")
    workbench.dismiss_all()


def test_a_notice_gives_the_focus_back(workbench: Workbench) -> None:
    page = workbench.page
    workbench.install_text(javascript_plugin("Fails", FAILS), "Fails")
    workbench.dismiss_all()
    run = page.get_by_role("button", name="Run Fails", exact=True)
    run.focus()
    page.keyboard.press("Enter")
    workbench.expect_alert("Running Fails")
    expect(run).to_be_focused()
    page.get_by_label("Notices").get_by_role("button", name="Dismiss").focus()
    page.keyboard.press("Enter")
    expect(run).to_be_focused()


def test_an_installed_plugin_leaves_the_focus_beside_it(workbench: Workbench) -> None:
    page = workbench.page
    workbench.tab("Library")
    page.get_by_role("button", name="Install Gaussian blur", exact=True).focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Install Gaussian blur?")).to_be_focused()
    dialog.get_by_role("button", name="Install", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Notices")).to_contain_text("is installed")
    page.wait_for_function("document.activeElement.closest('aside') !== null")


def test_tabs_without_room_have_names_and_keys(workbench: Workbench) -> None:
    page = workbench.page
    page.set_viewport_size({"width": 640, "height": 700})
    page.keyboard.press("Control+,")
    settings = page.get_by_role("dialog", name="Settings")
    settings.get_by_label("New windows").select_option(index=1)
    page.keyboard.press("Escape")
    expect(settings).to_have_count(0)
    for _ in range(6):
        act(page, "Open sample: Test pattern")
    workbench.expect_window("Test pattern (6)")
    more = page.get_by_role("button", name=OVERFLOW)
    expect(more).to_be_visible()
    assert workbench.violations() == []
    more.focus()
    page.keyboard.press("Enter")
    rows = page.get_by_role("menuitem")
    expect(rows.first).to_be_focused()
    page.keyboard.press("Escape")
    expect(rows).to_have_count(0)
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    expect(rows.first).to_be_focused()
    name = rows.first.inner_text().replace("✕", "").strip()
    page.keyboard.press("Enter")
    expect(workbench.window(name)).to_be_visible()
    expect(rows).to_have_count(0)
