"""The main views of the page one after the other, for pictures of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from journey_page import Workbench
from PIL import Image, ImageChops
from playwright.sync_api import Page, expect

# Pictures are compared as that many blocks, so that other fonts and sharper edges do not matter.
BLOCKS = (48, 30)
# How much a block may differ, of 255, and which part of all blocks may differ more.
TOLERANCE = 36
PART = 0.03
STORED = (288, 180)


# On narrower pages the list of workspaces is not among the views.
WIDE_FROM = 800


def main_views(workbench: Workbench) -> Iterator[str]:
    """Prepares each view and gives its name; the caller takes its picture before it goes on."""
    page = workbench.page
    yield "empty"
    workbench.tab("Library")
    expect(page.get_by_role("button", name="Install Gaussian blur", exact=True)).to_be_visible()
    yield "library"
    page.get_by_role("button", name="Install Gaussian blur", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("May touch")
    yield "install"
    workbench.agree_to_install("Gaussian blur")
    workbench.dismiss_all()
    workbench.open_sample("Synthetic coins")
    if (page.viewport_size or {"width": 0})["width"] >= WIDE_FROM:
        workbench.expect_saved()  # so that there is an earlier state later on
    workbench.tab("Plugins")
    workbench.run("Gaussian blur")
    workbench.expect_window("Synthetic coins, blurred")
    workbench.dismiss_all()
    yield "images"
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Search actions")).to_be_visible()
    yield "palette"
    leave(page)
    page.keyboard.press("Control+,")
    expect(page.get_by_role("dialog", name="Settings")).to_be_visible()
    yield "settings"
    leave(page)
    page.keyboard.press("Control+Shift+o")
    expect(page.get_by_role("dialog", name="Workspaces")).to_be_visible()
    yield "workspaces"
    leave(page)


def leave(page: Page) -> None:
    """Close the dialog, and wait until it is gone: keys that follow at once are still its own."""
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def take(page: Page, path: Path) -> Image.Image:
    """The picture of the page at rest."""
    page.mouse.move(1, 1)
    page.wait_for_timeout(400)
    page.screenshot(path=path, animations="disabled", caret="hide")
    with Image.open(path) as picture:
        whole: Image.Image = picture.convert("RGB")
    return whole


def keep(picture: Image.Image, path: Path) -> None:
    """Store a small picture of few colours."""
    path.parent.mkdir(parents=True, exist_ok=True)
    width, height = picture.size
    size = (STORED[0], STORED[0] * height // width) if width > 600 else (width // 3, height // 3)
    small = picture.resize(size, Image.Resampling.BOX)
    small.quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)


def difference(one: Image.Image, other: Image.Image) -> float:
    """The part of the blocks in which two pictures differ clearly, 0 to 1."""
    first, second = (
        picture.convert("RGB").resize(BLOCKS, Image.Resampling.BOX) for picture in (one, other)
    )
    channels = ImageChops.difference(first, second).split()
    largest = channels[0]
    for channel in channels[1:]:
        largest = ImageChops.lighter(largest, channel)
    differing: int = sum(largest.histogram()[TOLERANCE + 1 :])
    return differing / (BLOCKS[0] * BLOCKS[1])
