"""A person opens images: samples, pictures, micrographs of 16 bits, channels and stacks."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from journey_files import png, tiff
from journey_page import Workbench, coloured_share
from PIL import Image
from playwright.sync_api import Locator, expect


def point_at_the_middle(workbench: Workbench, window: Locator) -> None:
    box = window.locator("canvas").first.bounding_box()
    assert box is not None
    workbench.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_a_sample_is_one_click_away(workbench: Workbench) -> None:
    workbench.page.get_by_role("button", name="Open sample image").click()
    window = workbench.expect_window("Synthetic nuclei")
    picture = workbench.picture(window)
    low, high = picture.convert("L").getextrema()
    assert high - low > 100


@pytest.mark.parametrize("name", ["Synthetic coins", "Synthetic cells", "Test pattern"])
def test_every_sample_opens(workbench: Workbench, name: str) -> None:
    workbench.page.locator("summary", has_text="Samples").click()
    workbench.page.get_by_role("button", name=name).click()
    window = workbench.page.get_by_test_id("window")
    expect(window).to_have_count(1)
    low, high = workbench.picture(window).convert("L").getextrema()
    assert high - low > 100


def test_a_picture_is_dropped(workbench: Workbench) -> None:
    workbench.drop("halves.png", png(), "image/png")
    window = workbench.expect_window("halves.png")
    assert coloured_share(workbench.picture(window)) > 0.3
    window.get_by_role("button", name="Zoom in").click()
    window.get_by_role("button", name="Fit").click()


def test_16_bits_keep_their_values(workbench: Workbench) -> None:
    pixels = np.full((64, 96), 1000, np.uint16)
    pixels[24:40, 36:60] = 54321
    workbench.drop("deep.tif", tiff(pixels), "image/tiff")
    window = workbench.expect_window("deep.tif")
    expect(window).to_contain_text("uint16")
    point_at_the_middle(workbench, window)
    expect(window).to_contain_text("54321")


@pytest.mark.parametrize("colours", ["RGB", "YCbCr"])
def test_a_tiff_of_jpeg_parts(workbench: Workbench, colours: str) -> None:
    pixels = np.zeros((64, 96, 3), np.uint8)
    pixels[:, :] = (10, 200, 60)
    file = io.BytesIO()
    picture = Image.fromarray(pixels).convert(colours)
    picture.save(file, "TIFF", compression="jpeg", quality=95)
    workbench.drop("slide.tif", file.getvalue(), "image/tiff")
    window = workbench.expect_window("slide.tif")
    point_at_the_middle(workbench, window)
    shown = re.search(r"(\d+), (\d+), (\d+)", window.inner_text())
    assert shown is not None
    assert [int(value) for value in shown.groups()] == pytest.approx([10, 200, 60], abs=4)


def test_channels_can_be_switched_off(workbench: Workbench) -> None:
    pixels = np.zeros((2, 64, 64), np.uint16)
    pixels[0, :, :32] = 4000
    pixels[1, :, 32:] = 4000
    workbench.drop("two.ome.tif", tiff(pixels, metadata={"axes": "CYX"}))
    window = workbench.expect_window("two.ome.tif")
    before = workbench.picture(window).convert("L").histogram()
    box = window.get_by_role("checkbox").first
    if not box.is_visible():
        window.get_by_role("button", name="Adjust").click()
    box.uncheck()
    expect(box).not_to_be_checked()
    assert workbench.picture(window).convert("L").histogram() != before


def test_a_stack_has_slices(workbench: Workbench) -> None:
    pixels = np.zeros((5, 48, 64), np.uint8)
    for slice_ in range(5):
        pixels[slice_] = 50 * slice_
    workbench.drop("stack.ome.tif", tiff(pixels, metadata={"axes": "ZYX"}))
    window = workbench.expect_window("stack.ome.tif")
    slider = window.get_by_role("slider", name="Slice")
    slider.fill("5")
    expect(window).to_contain_text("5 / 5")
    point_at_the_middle(workbench, window)
    expect(window).to_contain_text("200")
