"""Somebody writes a plugin in an editor of their own: the page follows every save."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
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


Develop = Callable[[Path, str], tuple[EngineProcess, Workbench]]


@pytest.fixture
def develop(start_engine: Callable[..., EngineProcess], new_page: Callable[..., Page]) -> Develop:
    """A page that follows the file of a plugin of this name, which is installed."""

    def opened(file: Path, name: str) -> tuple[EngineProcess, Workbench]:
        engine, workbench = start_engine(f"--dev={file}"), Workbench(new_page())
        workbench.open(engine.first_link)
        workbench.agree_to_install(name)
        return engine, workbench

    return opened


def test_a_module_is_opened_and_followed(develop: Develop, tmp_path: Path) -> None:
    file = tmp_path / "bright.mjs"
    file.write_text(MODULE.replace("WORD", "first"), "utf-8")
    engine, workbench = develop(file, "Bright")
    page = workbench.page
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


WINDOW = """<config lang="json">
{"name": "Shown", "type": "window", "version": "1", "api_version": "0.1.8"}
</config>
<script lang="javascript">
class Plugin {
  async setup() { SETUP }
  async run() { document.body.textContent = "WORD"; }
}
api.export(new Plugin());
</script>
"""


def test_a_window_that_fails_once_shows_the_next_version(develop: Develop, tmp_path: Path) -> None:
    file = tmp_path / "shown.imjoy.html"

    def save(word: str, setup: str = "") -> None:
        file.write_text(WINDOW.replace("WORD", word).replace("SETUP", setup), "utf-8")

    save("first")
    engine, workbench = develop(file, "Shown")
    page = workbench.page
    workbench.run("Shown")
    shown = workbench.expect_window("Shown")
    body = shown.frame_locator("iframe").locator("body")
    expect(body).to_have_text("first")
    workbench.dismiss_all()
    for word in ("second", "third"):
        save(word, "absent.call();")
        expect(workbench.plugin("Shown")).to_contain_text("absent is not defined")
        expect(shown.locator("iframe")).to_have_count(0)
        workbench.dismiss_all()
    save("mended")
    expect(body).to_have_text("mended")
    expect(shown.locator("iframe")).to_have_count(1)

    save("broken", "{{{")
    workbench.expect_alert("Installing shown.imjoy.html", "Line 7")
    expect(body).to_have_text("mended")
    save("whole")
    expect(body).to_have_text("whole")
    expect(page.get_by_role("alert").filter(has_text="Installing shown")).to_have_count(0)
    page.close()
    engine.stop()


PYTHON = """<config lang="json">
{"name": "Said", "type": "native-python", "version": "1", "api_version": "0.1.8"}
</config>
<script lang="python">
from imjoy import api
class Plugin:
    def run(self, ctx):
        return "WORD"
api.export(Plugin())
</script>
"""


def test_a_python_plugin_goes_on_while_its_next_version_has_a_mistake(
    develop: Develop, tmp_path: Path
) -> None:
    file = tmp_path / "said.imjoy.html"
    file.write_text(PYTHON.replace("WORD", "first"), "utf-8")
    engine, workbench = develop(file, "Said")
    page = workbench.page
    workbench.run("Said")
    workbench.expect_state("Said", "ready", seconds=60)
    file.write_text(PYTHON.replace("return", "retrun"), "utf-8")
    workbench.expect_alert("Line 8", "The Python has a mistake: invalid syntax")
    workbench.expect_state("Said", "ready")
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
