"""Somebody writes a plugin in an editor of their own: the page follows every save."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from journey_engine import EngineProcess
from journey_page import Workbench
from playwright.sync_api import Page, expect

MODULE = """/** Counts what is bright. */

/**
 * @param {Image} image
 * @param {number} [level=0.5] Part of the highest value, 0 to 1
 */
export function bright(image, level = 0.5) {
  let highest = 0;
  for (const value of image.data) if (value > highest) highest = value;
  return "WORD " + image.data.filter((value) => value > level * highest).length;
}
"""


def test_a_module_is_opened_and_followed(
    start_engine: Callable[..., EngineProcess], tmp_path: Path, new_page: Callable[..., Page]
) -> None:
    file = tmp_path / "bright.mjs"
    file.write_text(MODULE.replace("WORD", "first"), "utf-8")
    engine = start_engine(f"--dev={file}")
    workbench = Workbench(new_page())
    page = workbench.page
    workbench.open(engine.first_link)
    workbench.agree_to_install("Bright")
    workbench.open_sample("Synthetic coins")
    workbench.run("Bright")
    expect(workbench.expect_window("Bright")).to_contain_text("first")
    expect(page.get_by_label("Level")).to_be_visible()
    workbench.dismiss_all()

    file.write_text(MODULE.replace("WORD", "second"), "utf-8")
    expect(page.get_by_label("Notices")).to_contain_text("Bright is installed")
    workbench.dismiss_all()
    workbench.run("Bright")
    expect(page.get_by_test_id("window").filter(has_text="second")).to_be_visible()

    file.write_text("export const nothing = 1;\n", "utf-8")
    workbench.expect_alert("no exported function")
    workbench.dismiss_all()
    file.write_text(MODULE.replace('return "WORD "', "return absent"), "utf-8")
    expect(page.get_by_label("Notices")).to_contain_text("Bright is installed")
    workbench.run("Bright")
    workbench.expect_alert("absent is not defined")
    page.close()
    engine.stop()


def test_a_python_function_is_dropped(workbench: Workbench, tmp_path: Path) -> None:
    module = (
        '"""Says hello."""\n\ndef hello(name: str = "you") -> str:\n    return "Hello " + name\n'
    )
    workbench.drop("hello.py", module.encode())
    workbench.agree_to_install("Hello")
    workbench.run("Hello")
    expect(workbench.expect_window("Hello", seconds=60)).to_contain_text("Hello you")
