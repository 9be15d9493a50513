"""A person leaves, comes back, switches, undoes, and works in two tabs at once; nothing is lost."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

from journey_engine import EngineProcess
from journey_page import Workbench
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from test_journey_dock import COUNTER, box

IMAGE_IS_KEPT = """async () => {
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("imjoy-blobs");
  for await (const file of folder.values()) if ((await file.getFile()).size > 0) return true;
  return false;
}"""


def test_an_image_that_has_just_come_is_there_after_a_reload(workbench: Workbench) -> None:
    workbench.expect_saved()
    workbench.open_sample("Synthetic coins")
    # Before the workspace with its window is saved, which is done 0.8 s after the last change.
    workbench.page.wait_for_function(IMAGE_IS_KEPT)
    workbench.page.reload()
    workbench.expect_window("Synthetic coins")


def test_the_address_follows_the_workspace(workbench: Workbench, engine: EngineProcess) -> None:
    page, named = workbench.page, f"{engine.address}#/app?workspace="
    button = page.get_by_role("banner").get_by_role("button", name="Workspace: ")
    page.goto(f"{named}Foo")
    expect(button).to_contain_text("Foo")
    workbench.open_sample("Synthetic coins")
    page.keyboard.press("Control+Shift+o")
    page.get_by_role("button", name="Rename Foo", exact=True).click()
    page.keyboard.type("Bar")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{named}Bar")
    page.keyboard.press("Escape")
    workbench.expect_saved()
    page.reload()
    workbench.expect_window("Synthetic coins")
    # An address of before leads there, too.
    page.goto("about:blank")
    page.goto(f"{named}Foo")
    workbench.expect_window("Synthetic coins")
    expect(page).to_have_url(f"{named}Bar")

    # A double click opens once, and what is kept nowhere is not left by mistake.
    page.keyboard.press("Control+Shift+o")
    page.get_by_role("button", name="New temporary workspace").click()
    expect(button).to_contain_text("not kept")
    workbench.open_sample("Test pattern")
    page.keyboard.press("Control+Shift+o")
    page.get_by_role("button", name="Open Bar", exact=True).click()
    question = page.get_by_role("dialog", name="Leave this workspace?")
    question.get_by_role("button", name="Stay").click()
    workbench.expect_window("Test pattern")
    page.keyboard.press("Control+Shift+o")
    page.get_by_role("button", name="Open Bar", exact=True).dblclick()
    question.get_by_role("button", name="Leave").click()
    workbench.expect_window("Synthetic coins")
    workbench.expect_saved()
    expect(page.get_by_test_id("window")).to_have_count(1)


def test_a_workspace_is_as_it_was_left(workbench: Workbench, tmp_path: Path) -> None:
    page = workbench.page
    workbench.install_text(COUNTER, "Counter")
    workbench.dismiss_all()
    workbench.open_sample("Synthetic coins")
    workbench.open_sample("Test pattern")
    workbench.run("Counter")
    workbench.expect_window("Counter")
    page.keyboard.press("Alt+T")
    workbench.expect_saved()
    titles = ("Counter", "Synthetic coins", "Test pattern")
    before = {title: box(workbench.window(title)) for title in titles}

    page.reload()
    workbench.expect_engine("Engine connected")
    for title in titles:
        now = box(workbench.expect_window(title))
        assert abs(now["x"] - before[title]["x"]) < 4 and abs(now["y"] - before[title]["y"]) < 4

    workbench.close("Test pattern")
    expect(workbench.window("Test pattern")).to_have_count(0)
    page.keyboard.press("Control+z")
    workbench.expect_window("Test pattern")
    notices = page.get_by_label("Notices").get_by_role("status")
    expect(notices).to_have_text(re.compile("Undone: Close Test pattern"))
    page.keyboard.press("Control+Shift+z")
    expect(workbench.window("Test pattern")).to_have_count(0)
    expect(notices).to_have_text(re.compile("Done again: Close Test pattern"))

    page.keyboard.press("Control+Shift+o")
    expect(page.get_by_role("dialog", name="Workspaces")).to_be_visible()
    assert workbench.violations() == []
    page.get_by_role("button", name="New workspace", exact=True).click()
    expect(page.get_by_test_id("window")).to_have_count(0)
    page.keyboard.press("Control+Shift+o")
    page.get_by_role("button", name="Delete My workspace", exact=True).click()
    page.get_by_text("Deleted in the last 30 days").click()
    page.get_by_role("button", name="Bring back My workspace", exact=True).click()
    page.get_by_role("button", name="Open My workspace", exact=True).click()
    workbench.expect_window("Synthetic coins")
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.keyboard.press("Control+Shift+o")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export with its data").click()
    page.keyboard.press("Escape")
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == "My workspace.imjoy.zip"
    workbench.choose(file)
    heading = page.get_by_role("banner").get_by_role("button", name="Workspace: My workspace 2")
    expect(heading).to_be_visible()
    workbench.expect_window("Synthetic coins")


def test_every_workspace_has_a_picture(workbench: Workbench, tmp_path: Path) -> None:
    page = workbench.page
    workbench.install_text(COUNTER, "Counter")
    workbench.dismiss_all()
    workbench.run("Counter")
    workbench.expect_window("Counter")
    workbench.expect_saved()
    page.keyboard.press("Control+Shift+o")
    dialog = page.get_by_role("dialog", name="Workspaces")
    drawn = dialog.get_by_role("listitem").filter(has_text="Open now").locator("img")
    assert black(drawn) == 0
    with page.expect_download() as download:
        page.get_by_role("button", name="Export with its data").click()
    file = tmp_path / "exported.imjoy.zip"
    download.value.save_as(file)
    page.get_by_label("Import workspace").set_input_files(file)
    expect(page.get_by_role("dialog")).to_have_count(0)
    workbench.expect_window("Counter")
    page.keyboard.press("Control+Shift+o")
    expect(drawn).to_have_count(1)
    assert black(drawn) == 0


def black(drawn: Locator) -> int:
    """The pixels of a picture that are black, of one in which something is drawn."""
    data = (drawn.get_attribute("src") or "").split(",")[1]
    picture = Image.open(io.BytesIO(base64.b64decode(data))).convert("L")
    levels = picture.histogram()
    assert sum(levels[:200]) > 20  # the letters of a title
    return sum(levels[:30])


def test_two_tabs_do_not_overwrite_each_other(
    new_page: Callable[..., Page], engine: EngineProcess
) -> None:
    first = Workbench(new_page())
    first.open(engine.link())
    first.expect_engine("Engine connected")
    first.open_sample("Synthetic coins")
    first.expect_saved()
    other = first.page.context.new_page()
    second = Workbench(other)
    second.open(engine.address)
    second.expect_window("Synthetic coins")
    first.open_sample("Test pattern")
    first.expect_saved()
    second.open_sample("Synthetic nuclei")
    expect(other.get_by_label("Notices")).to_contain_text("nothing was overwritten")
    second.expect_saved()
    other.keyboard.press("Control+Shift+o")
    expect(other.get_by_role("heading", name="My workspace", exact=True)).to_be_visible()
    expect(other.get_by_role("heading", name="My workspace (copy)", exact=True)).to_be_visible()
    other.get_by_role("button", name="Open My workspace", exact=True).click()
    second.expect_window("Test pattern")
    expect(second.window("Synthetic nuclei")).to_have_count(0)
    first.page.keyboard.press("Control+Shift+o")
    first.page.get_by_role("button", name="Open My workspace (copy)", exact=True).click()
    first.expect_window("Synthetic nuclei")
    first.page.keyboard.press("Control+Shift+o")
    first.page.get_by_role("button", name="Delete My workspace", exact=True).click()
    first.page.get_by_text("Deleted in the last 30 days").click()
    other.reload()
    told = other.get_by_label("Notices")
    expect(told).to_contain_text('"My workspace" was deleted in another window or browser.')
    second.expect_window("Synthetic nuclei")


def test_one_of_many_workspaces_is_found_by_its_name(workbench: Workbench) -> None:
    page = workbench.page
    for _ in range(8):
        page.keyboard.press("Control+k")
        page.keyboard.type("New workspace")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Control+Shift+o")
    dialog = page.get_by_role("dialog", name="Workspaces")
    expect(dialog.locator("li")).to_have_count(9)
    search = dialog.get_by_role("searchbox", name="Search workspaces")
    search.fill("nothing")
    expect(dialog).to_contain_text("No workspace has this name.")
    search.fill("space 3")
    expect(dialog.locator("li")).to_have_count(1)
    assert workbench.violations() == []
    dialog.get_by_role("button", name="Open Workspace 3", exact=True).click()
    expect(page.get_by_role("banner")).to_contain_text("Workspace 3")


def test_an_engine_holds_a_workspace_for_every_browser(
    new_page: Callable[..., Page], start_engine: Callable[..., EngineProcess]
) -> None:
    engine = start_engine()
    first = Workbench(new_page())
    first.open(engine.link())
    first.expect_engine("Engine connected")
    first.install("Gaussian blur")
    first.open_sample("Synthetic coins")
    first.page.keyboard.press("Control+Shift+o")
    first.page.get_by_role("button", name="Copy to the engine").click()
    banner = first.page.get_by_role("banner")
    expect(banner.get_by_role("button", name="Workspace: My workspace 2")).to_be_visible()
    first.dismiss_all()
    first.open_sample("Test pattern")
    first.expect_saved()
    assert len(list((engine.home / "workbench").glob("*/workspace.json"))) == 1

    # Another browser, which has nothing of its own yet.
    second = Workbench(new_page())
    second.open(engine.link())
    second.page.get_by_role("dialog", name="Install the plugins of this workspace?").get_by_role(
        "button", name="Install"
    ).click()
    second.agree_to_install("Gaussian blur")
    for title in ("Synthetic coins", "Test pattern"):
        second.expect_window(title)
    second.expect_saved()

    # Both change it: nothing is overwritten, the later one goes on with a copy.
    first.close("Test pattern")
    first.expect_saved()
    second.open_sample("Synthetic nuclei")
    expect(second.page.get_by_label("Notices")).to_contain_text("nothing was overwritten")
    second.expect_saved()
    second.page.keyboard.press("Control+Shift+o")
    expect(second.page.get_by_role("dialog", name="Workspaces")).to_contain_text("On the engine")
    assert second.violations() == []
    second.page.keyboard.press("Escape")

    # A temporary one is gone with its page; the last one that is kept comes back.
    second.page.keyboard.press("Control+k")
    second.page.keyboard.type("New temporary workspace")
    second.page.keyboard.press("Enter")
    expect(second.page.get_by_test_id("window")).to_have_count(0)
    second.open_sample("Test pattern")
    second.page.reload()
    second.expect_window("Synthetic nuclei")
    banner = second.page.get_by_role("banner")
    expect(banner.get_by_role("button", name="Workspace: My workspace 2 (copy)")).to_be_visible()
