"""A person arranges windows: moves, splits, floats and maximises them with keys, and no plugin starts anew."""

from __future__ import annotations

from collections.abc import Callable

from journey_files import png
from journey_page import Workbench
from playwright.sync_api import FloatRect, Locator, Page, expect

COUNTER = """<config lang="json">
{"name": "Counter", "type": "window", "version": "1.0", "api_version": "0.1.8",
 "description": "Knows when its frame was loaded."}
</config>
<script lang="javascript">
class Counter {
  setup() { document.body.dataset.born = String(Math.random()); }
  run() {}
}
api.export(new Counter());
</script>
<window lang="html"><h1>Counter</h1></window>
"""
BORN = "document.body.dataset.born ?? ''"


def born(page: Page) -> list[str]:
    """When the frames of window plugins were loaded."""
    frames = [frame for frame in page.frames if frame.parent_frame]
    return [text for text in (frame.evaluate(BORN) for frame in frames) if text]


def box(window: Locator) -> FloatRect:
    found = window.bounding_box()
    assert found is not None
    return found


def until(page: Page, holds: Callable[[], bool]) -> None:
    """The dock arranges its windows a moment after the key."""
    for _ in range(50):
        if holds():
            return
        page.wait_for_timeout(100)
    assert holds()


def test_windows_are_arranged_and_stay_alive(workbench: Workbench) -> None:
    page = workbench.page
    workbench.install_text(COUNTER, "Counter")
    workbench.dismiss_all()
    workbench.run("Counter")
    counter = workbench.expect_window("Counter")
    frame = counter.frame_locator("iframe")
    expect(frame.get_by_role("heading")).to_be_visible()
    coins = workbench.open_sample("Synthetic coins")
    workbench.open_sample("Test pattern")
    before = born(page)
    assert len(before) == 1

    assert box(counter)["x"] < box(coins)["x"]
    workbench.activate(counter)
    page.keyboard.press("Alt+Shift+ArrowRight")
    until(page, lambda: box(counter)["x"] > box(coins)["x"])
    page.keyboard.press("Alt+Shift+ArrowLeft")
    until(page, lambda: box(counter)["x"] < box(coins)["x"])

    # By the keyboard as with the border between two windows.
    narrow = box(counter)["width"]
    page.keyboard.press("Alt+PageUp")
    until(page, lambda: box(counter)["width"] > narrow + 3)
    wide = box(counter)["width"]
    page.keyboard.press("Alt+PageDown")
    until(page, lambda: box(counter)["width"] < wide - 3)
    page.keyboard.press("Alt+PageUp")
    until(page, lambda: abs(box(counter)["width"] - wide) < 3)

    page.keyboard.press("Alt+M")
    expect(coins).to_be_hidden()
    button = page.get_by_role("button", name="Maximise Counter", exact=True)
    expect(button).to_have_attribute("aria-pressed", "true")
    assert workbench.violations() == []
    page.keyboard.press("Alt+M")
    expect(coins).to_be_visible()

    page.keyboard.press("Alt+F")
    button = page.get_by_role("button", name="Float Counter", exact=True)
    expect(button).to_have_attribute("aria-pressed", "true")
    assert workbench.violations() == []
    page.keyboard.press("Alt+F")
    expect(button).to_have_attribute("aria-pressed", "false")

    page.keyboard.press("Alt+T")
    assert box(counter)["width"] > 250 and box(coins)["width"] > 250
    assert born(page) == before

    # The names of the windows follow the language; the windows themselves stay.
    for words, language, named in (
        ("Settings", "Deutsch", "Mein Arbeitsbereich"),
        ("Einstellungen", "English", "My workspace"),
    ):
        page.keyboard.press("Control+,")
        settings = page.get_by_role("dialog", name=words)
        settings.locator("select").filter(has_text="Deutsch").select_option(language)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_role("banner")).to_contain_text(named)
    assert born(page) == before

    workbench.activate(counter)
    page.keyboard.press("Delete")
    expect(counter).to_have_count(0)
    page.keyboard.press("Alt+W")
    expect(page.get_by_test_id("window")).to_have_count(1)


def test_only_what_somebody_did_is_taken_back(workbench: Workbench) -> None:
    page = workbench.page
    coins = workbench.open_sample("Synthetic coins")
    workbench.open_sample("Test pattern")
    workbench.activate(coins)
    page.set_viewport_size({"width": 1000, "height": 700})
    page.get_by_role("button", name="Side panel").click()
    page.keyboard.press("Control+k")
    page.keyboard.type("Undo")
    expect(page.get_by_role("dialog")).to_contain_text("No action has this name.")
    page.keyboard.press("Escape")

    x = box(coins)["x"]
    page.keyboard.press("Alt+Shift+ArrowRight")
    until(page, lambda: box(coins)["x"] > x)
    page.keyboard.press("Control+k")
    page.keyboard.type("Undo")
    expect(page.get_by_role("option", name="Undo: Move Synthetic coins")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    until(page, lambda: box(coins)["x"] == x)


def test_a_maximised_window_is_so_after_a_reload(workbench: Workbench) -> None:
    page = workbench.page
    workbench.open_sample("Synthetic coins")
    workbench.open_sample("Test pattern")
    page.keyboard.press("Alt+M")
    windows = page.get_by_test_id("window")
    expect(windows.filter(visible=True)).to_have_count(1)
    workbench.expect_saved()
    page.reload()
    expect(windows).to_have_count(2)
    expect(windows.filter(visible=True)).to_have_count(1)
    page.keyboard.press("Alt+M")
    expect(windows.filter(visible=True)).to_have_count(2)


def test_a_narrow_page_shows_one_window_at_a_time(workbench: Workbench) -> None:
    page = workbench.page
    workbench.install_text(COUNTER, "Counter")
    workbench.dismiss_all()
    workbench.run("Counter")
    counter = workbench.expect_window("Counter")
    expect(counter.frame_locator("iframe").get_by_role("heading")).to_be_visible()
    coins = workbench.open_sample("Synthetic coins")
    pattern = workbench.open_sample("Test pattern")
    until(page, lambda: box(coins)["x"] > box(counter)["x"])
    wide = [box(window) for window in (counter, coins, pattern)]
    before = born(page)

    page.set_viewport_size({"width": 360, "height": 640})
    page.get_by_role("button", name="Close the side panel").click()
    until(page, lambda: box(pattern)["width"] > 300)
    expect(coins).to_be_hidden()
    page.get_by_role("tab", name="Synthetic coins", exact=True).click()
    until(page, lambda: box(coins)["width"] > 300 and box(coins)["height"] > 300)
    nuclei = workbench.open_sample("Synthetic nuclei")
    until(page, lambda: box(nuclei)["width"] > 300)
    workbench.close("Synthetic nuclei")

    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("button", name="Side panel", exact=True).click()

    def same() -> bool:
        now = [box(window) for window in (counter, coins, pattern)]
        sides = ("x", "y", "width", "height")
        return all(
            abs(one[side] - other[side]) < 4
            for one, other in zip(now, wide, strict=True)
            for side in sides
        )

    until(page, same)
    assert born(page) == before

    # The arrangement of the wide page is what is kept.
    page.set_viewport_size({"width": 360, "height": 640})
    until(page, lambda: not coins.is_visible() or not pattern.is_visible())
    page.wait_for_function(
        "document.querySelector('.saved').dataset.saved === 'saved'", polling=100
    )
    page.reload()
    expect(page.get_by_role("tab", name="Synthetic coins", exact=True)).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    until(page, lambda: coins.is_visible() and pattern.is_visible() and counter.is_visible())


def test_long_titles_can_be_read_on_a_narrow_page(workbench: Workbench) -> None:
    page = workbench.page
    page.set_viewport_size({"width": 360, "height": 640})
    page.get_by_role("button", name="Close the side panel").click()
    names = [f"plate-07_well-C04_channel-{dye}_timepoint-0012_stack.png" for dye in ("A", "B")]
    for name in names:
        workbench.drop(name, png())
        workbench.expect_window(name)
    button = page.get_by_role("button", name="All windows: 2").first
    button.click()
    rows = page.get_by_role("list", name="All windows")
    for name in names:
        row = rows.get_by_role("button", name=name, exact=True)
        row.scroll_into_view_if_needed()
        assert row.evaluate("(row) => row.scrollWidth <= row.clientWidth")
    assert workbench.violations() == []
    rows.get_by_role("button", name=names[0], exact=True).click()
    expect(rows).to_have_count(0)
    expect(workbench.window(names[0])).to_be_visible()
    # Escape leads back to the button, and a window can be closed from the list.
    button.press("Enter")
    page.keyboard.press("Escape")
    expect(rows).to_have_count(0)
    expect(button).to_be_focused()
    button.click()
    rows.get_by_role("button", name=f"Close {names[1]}", exact=True).click()
    expect(page.get_by_test_id("window")).to_have_count(1)


def test_a_floating_window_comes_back_where_it_was(workbench: Workbench) -> None:
    page = workbench.page
    for name in ("Synthetic coins", "Test pattern"):
        workbench.open_sample(name)
    window = workbench.window("Test pattern")
    docked = box(window)
    page.keyboard.press("Alt+F")
    until(page, lambda: box(window)["x"] != docked["x"])
    before = box(window)
    workbench.expect_saved()
    page.reload()
    workbench.expect_window("Test pattern")
    until(page, lambda: all(abs(box(window)[one] - before[one]) < 4 for one in ("x", "y")))
