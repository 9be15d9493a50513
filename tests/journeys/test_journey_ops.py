"""Operations that plugins register: their forms, their runs, and what is remembered of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from journey_engine import EngineProcess
from journey_page import Workbench
from playwright.sync_api import Locator, Page, expect
from test_journey_looks import act

WORKSHOP = """
<config lang="json">
{"name": "Workshop", "type": "web-worker", "version": "1.0.0", "api_version": "0.1.8", "runnable": false,
 "ui": "Gain {id: 'gain', type: 'number', placeholder: 1}"}
</config>
<script>
class Workshop {
  async setup() {
    await api.register({ name: "Scale", type: "op", run: this.scale, update: this.preview, ui: [
      "Makes it <b>larger</b>.",
      { Size: { id: "size", type: "number", placeholder: 2, min: 1, max: 10, step: 1, unit: "px" } },
      "Mode {id:'mode', type:'choose', options:['a b:c', {label:'two', value:2}], placeholder:2}",
      "Address {id:'address', type:'string', placeholder:'http://x/?t=10:30'}",
      "Keep {id:'keep', type:'checkbox', placeholder: true}",
      "Tint {id:'tint', type:'color', placeholder:[0, 1, 1]}",
      "{id:'reset', type:'button', label:'Preview'}",
    ] });
    await api.register({ name: "Crop", type: "op", run: this.crop, inputs: {
      properties: { image: { ndarray: {} }, table: { title: "Table", file: { ext: "csv" } } },
    }, ui: { properties: { part: { title: "Part", format: "region" },
                           name: { title: "Name", type: "string", pattern: "^[a-z]+$", default: "cut" } } } });
    await api.register({ name: "Count", type: "op", run: this.count,
                         inputs: { properties: { cells: { type: "integer" } } } });
  }
  scale(ctx) { return { type: "imjoy/generic", name: "Scaled", data: { cells: 7, config: ctx.config } }; }
  preview(ctx) { api.showStatus(`${ctx.config.reset ? "pressed" : "previewed"} ${ctx.config.size}`); }
  async crop(ctx) {
    const text = ctx.data.table ? await ctx.data.table.text() : "none";
    return { type: "imjoy/generic", name: "Cropped",
             data: { ...ctx.config.part, on: ctx.data.name, called: ctx.config.name, text } };
  }
  count(ctx) { return { type: "imjoy/generic", name: "Counted", data: `${ctx.data.cells} cells` }; }
}
api.export(new Workshop());
</script>
"""


def op(workbench: Workbench, name: str) -> Locator:
    return workbench.plugin("Workshop").get_by_role("group", name=name, exact=True)


def run(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"Run {name} of Workshop", exact=True).click()


def test_operations_have_forms_that_check_remember_and_undo(
    workbench: Workbench, tmp_path: Path
) -> None:
    page = workbench.page
    workbench.install_text(WORKSHOP, "Workshop")
    page.get_by_role("button", name="Start Workshop", exact=True).click()
    workbench.expect_state("Workshop", "ready")
    workbench.dismiss_all()
    scale = op(workbench, "Scale")
    expect(scale).to_contain_text("Makes it larger.")
    assert workbench.violations() == []

    # Wrong entries are said at once and never run.
    size = scale.get_by_label("Size", exact=True)
    size.fill("99")
    expect(scale).to_contain_text("At most 10.")
    expect(size).to_have_attribute("aria-invalid", "true")
    assert workbench.violations() == []
    run(page, "Scale")
    expect(size).to_be_focused()
    expect(page.get_by_test_id("window")).to_have_count(0)

    # The plugin is told of changes, and of buttons.
    size.fill("7")
    expect(page.get_by_text("previewed 7")).to_be_visible()
    scale.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("pressed 7")).to_be_visible()
    scale.locator("input[type=range]").fill("9")
    expect(size).to_have_value("9")
    scale.get_by_label("Mode").select_option("a b:c")
    scale.get_by_label("Tint").fill("#0078d4")
    run(page, "Scale")
    shown = workbench.expect_window("Scaled")
    for part in ('"size": 9', '"mode": "a b:c"', '"address": "http://x/?t=10:30"', '"keep": true'):
        expect(shown).to_contain_text(part)
    expect(shown).to_contain_text('"tint": "rgb(0, 120, 212)"')

    # The result is the data of the next operation, as its inputs ask for it.
    run(page, "Count")
    expect(workbench.expect_window("Counted")).to_contain_text("7 cells")

    # Parts of images, and files.
    workbench.open_sample("Synthetic coins")
    crop = op(workbench, "Crop")
    crop.get_by_role("button", name="Take the part in view").click()
    crop.get_by_label("Width", exact=True).fill("33")
    table = tmp_path / "cells.csv"
    table.write_text("a,b", "utf-8")
    crop.get_by_label("Table", exact=True).set_input_files(table)
    expect(crop).to_contain_text("cells.csv")
    crop.get_by_label("Name", exact=True).fill("A1")
    expect(crop).to_contain_text("It has to look like")
    crop.get_by_label("Name", exact=True).fill("piece")
    # Taken back step by step, like everything else.
    page.get_by_role("heading", name="ImJoy", exact=True).click()
    page.keyboard.press("Control+z")
    expect(crop.get_by_label("Name", exact=True)).to_have_value("cut")
    told = page.get_by_label("Notices")
    expect(told).to_contain_text("Undone: Change Name of Crop: cut → piece")
    page.keyboard.press("Control+Shift+z")
    expect(crop.get_by_label("Name", exact=True)).to_have_value("piece")
    run(page, "Crop")
    cropped = workbench.expect_window("Cropped")
    for part in ('"width": 33', '"on": "Synthetic coins"', '"called": "piece"', '"text": "a,b"'):
        expect(cropped).to_contain_text(part)
    assert workbench.violations() == []

    # As it was left, before the plugin has been started again; running starts it.
    workbench.expect_saved()
    page.reload()
    workbench.expect_engine("Engine connected")
    workbench.expect_state("Workshop", "not started")
    expect(op(workbench, "Scale").get_by_label("Size", exact=True)).to_have_value("9")
    workbench.expect_window("Scaled")
    workbench.close("Scaled")
    act(page, "Run Scale of Workshop")
    expect(workbench.expect_window("Scaled")).to_contain_text('"size": 9')

    page.set_viewport_size({"width": 360, "height": 700})
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    boxes = [
        box for box in (part.bounding_box() for part in crop.get_by_role("spinbutton").all()) if box
    ]
    assert len(boxes) == 4 and all(
        box["x"] >= 0 and box["x"] + box["width"] <= 360 for box in boxes
    )
    assert workbench.violations() == []


def test_operations_of_a_python_plugin_run_on_the_image(workbench: Workbench) -> None:
    page = workbench.page
    text = """
<config lang="json">{"name": "Bench", "type": "native-python", "version": "1.0.0", "api_version": "0.1.8"}</config>
<script lang="python">
class Plugin:
    async def setup(self):
        await api.register(name="Describe", type="op", run=self.describe, update=self.changed,
                           ui="Word {id:'word', type:'string', placeholder:'is'}")

    def describe(self, ctx):
        source = f"{ctx.data.name} {ctx.config.word} here"
        return {"type": "imjoy/markdown", "name": "Described", "data": {"source": source}}

    def changed(self, ctx):
        api.showStatus("changed to " + ctx.config.word)

    def run(self, ctx):
        raise ValueError("not this one")

api.export(Plugin())
</script>
"""
    workbench.install_text(text, "Bench")
    workbench.open_sample("Synthetic coins")
    workbench.run("Bench")
    workbench.expect_alert("not this one", seconds=60)
    workbench.dismiss_all()
    page.get_by_label("Word", exact=True).fill("was")
    expect(page.get_by_text("changed to was")).to_be_visible()
    page.get_by_role("button", name="Run Describe of Bench", exact=True).click()
    expect(workbench.expect_window("Described")).to_contain_text("Synthetic coins was here")


@pytest.mark.parametrize("width", [1280, 360])
def test_a_part_of_an_image_is_drawn(
    new_page: Callable[..., Page], engine: EngineProcess, width: int
) -> None:
    """With the pointer and with keys, also where the image has to make way for the form."""
    workbench = Workbench(new_page(viewport={"width": width, "height": 740}))
    page = workbench.page
    workbench.open(engine.link())
    workbench.expect_engine("Engine connected")
    workbench.install_text(WORKSHOP, "Workshop")
    page.get_by_role("button", name="Start Workshop", exact=True).click()
    workbench.expect_state("Workshop", "ready")
    workbench.open_sample("Synthetic coins")
    workbench.dismiss_all()
    workbench.tab("Plugins")
    crop = op(workbench, "Crop")
    numbers = [crop.get_by_label(name, exact=True) for name in ("X", "Y", "Width", "Height")]
    crop.get_by_role("button", name="Draw on the image").click()
    layer = page.get_by_role("application", name="Draw a part of the image")
    expect(layer).to_be_focused()
    assert workbench.violations() == []
    box = layer.bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(middle[0] - 60, middle[1] - 40)
    page.mouse.down()
    page.mouse.move(middle[0] + 60, middle[1] + 40, steps=4)
    page.mouse.up()
    page.mouse.move(middle[0], middle[1])
    page.mouse.down()
    page.mouse.move(middle[0] - 20, middle[1] - 10, steps=2)
    page.mouse.up()
    help_text = page.get_by_text("Part of the image: x")
    drawn = [int(number) for number in re.findall(r"\d+", help_text.inner_text())]
    assert drawn[2] > drawn[3] > 10
    page.keyboard.press("Control+ArrowLeft")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Enter")
    expect(layer).to_have_count(0)
    if width > 800:
        expect(crop.get_by_role("button", name="Draw on the image")).to_be_focused()
    x, y, wide, high = drawn
    for field, number in zip(numbers, (x - 10, y, wide, high + 1), strict=True):
        expect(field).to_have_value(str(number))
    crop.get_by_role("button", name="Draw on the image").click()
    page.keyboard.press("Delete")
    page.keyboard.press("ArrowRight")  # begins in the middle of what is seen
    expect(help_text).to_be_visible()
    page.keyboard.press("Escape")
    expect(numbers[2]).not_to_have_value("")
    run(page, "Crop")
    workbench.expect_window("Cropped")
