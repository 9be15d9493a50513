"""The main views look as they did: small pictures of them, compared with a tolerance.

`IMJOY_NEW_PICTURES=1` takes them anew; look at what has changed before it is committed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from journey_engine import EngineProcess
from journey_page import Workbench
from journey_views import PART, difference, keep, main_views, take
from PIL import Image, ImageDraw
from playwright.sync_api import Page

PICTURES = Path(__file__).with_name("pictures")
OUTPUT = PICTURES.parents[1] / ".output"
WIDE = {"width": 1280, "height": 800}
# The last view on a narrow page, where the list of workspaces is a dialog like that of the settings.
LAST_OF_NARROW = "settings"
LOOKS = [
    pytest.param({"viewport": WIDE}, id="light"),
    pytest.param({"viewport": WIDE, "color_scheme": "dark"}, id="dark"),
    pytest.param({"viewport": {"width": 360, "height": 640}}, id="narrow"),
    pytest.param({"viewport": WIDE, "contrast": "more"}, id="contrast"),
]


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS)
def test_the_main_views_look_as_before(
    new_page: Callable[..., Page],
    start_engine: Callable[..., EngineProcess],
    look: dict[str, object],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    engine = start_engine()
    workbench = Workbench(new_page(**look, reduced_motion="reduce"))
    workbench.open(engine.link())
    workbench.expect_engine("Engine connected")
    changed = {}
    for name in main_views(workbench):
        stored = PICTURES / f"{name}-{request.node.callspec.id}.png"
        picture = take(workbench.page, tmp_path / "now.png")
        if os.environ.get("IMJOY_NEW_PICTURES"):
            keep(picture, stored)
        with Image.open(stored) as before:
            part = difference(before, picture)
        if part > PART:
            changed[stored.name] = round(part, 3)
            OUTPUT.mkdir(parents=True, exist_ok=True)
            picture.save(OUTPUT / stored.name)
        if look["viewport"] != WIDE and name == LAST_OF_NARROW:
            break
    assert changed == {}, "Look at tests/.output; IMJOY_NEW_PICTURES=1 takes them anew."


def test_a_change_is_seen_and_a_font_is_not() -> None:
    page = Image.new("RGB", (1280, 800), "white")
    other = page.copy()
    draw = ImageDraw.Draw(other)
    draw.text((100, 100), "A line of text in another font, somewhere on the page", fill="black")
    assert difference(page, other) < PART
    draw.rectangle((0, 0, 320, 300), fill="#2357c6")
    assert difference(page, other) > PART
