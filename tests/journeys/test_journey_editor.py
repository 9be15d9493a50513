"""Somebody writes plugins in the page: new, run, wrong, mended, compared, shared; and loses nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from journey_engine import EngineProcess
from journey_files import python_plugin
from journey_page import Workbench, act
from playwright.sync_api import Error, Locator, Page, expect

RUN = """  run(ctx) {
    api.log("values " + ctx.data.image.data.length);
    return this.WORD(ctx.data.image);
  }
  count(image) {
    return { counted: image.data.length };
  }
"""
WINDOW = """<config lang="json">
{"name": "Greeter", "type": "window", "version": "0.1.0"}
</config>
<window><p id="out">WORD</p></window>
<script lang="javascript">
api.export({ setup() {}, run() {} });
</script>
"""


class Editor:
    """The window of the editor in which a file is open."""

    def __init__(self, workbench: Workbench, file: str) -> None:
        self.page = workbench.page
        self.window = workbench.expect_window(file)
        self.code = self.window.get_by_role("textbox", name=f"Code of {file}")
        expect(self.code).to_be_visible()

    def write(self, text: str) -> None:
        self.code.focus()
        expect(self.code).to_be_focused()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def button(self, name: str) -> Locator:
        return self.window.get_by_role("toolbar").get_by_role("button", name=name, exact=True)

    def expect_state(self, words: str) -> None:
        state = self.window.get_by_role("toolbar").get_by_role("status")
        expect(state).to_have_text(words, timeout=60_000)

    @property
    def text(self) -> str:
        """What is in the code, of the lines that are on the screen."""
        return "\n".join(self.code.locator(".cm-line").all_inner_texts())


def new_plugin(workbench: Workbench, name: str, kind: str) -> None:
    page = workbench.page
    workbench.tab("Plugins")
    page.get_by_role("button", name="New plugin", exact=True).click()
    dialog = page.get_by_role("dialog", name="New plugin")
    dialog.get_by_label("Name of the plugin").fill(name)
    dialog.get_by_role("radio", name=kind).check()
    dialog.get_by_role("button", name="Create").click()
    expect(dialog).to_have_count(0)


def editor_text(name: str, body: str) -> str:
    config = f'{{"name": "{name}", "type": "web-worker", "version": "0.1.0"}}'
    return (
        f'<config lang="json">\n{config}\n</config>\n<script lang="javascript">\n'
        f"class ImJoyPlugin {{\n{body}}}\napi.export(new ImJoyPlugin());\n</script>\n"
    )


def test_a_plugin_is_written_run_and_mended(workbench: Workbench) -> None:
    page = workbench.page
    workbench.open_sample("Synthetic coins")
    new_plugin(workbench, "Bright spots", "JavaScript, in the background")
    editor = Editor(workbench, "bright-spots.imjoy.html")
    expect(editor.code).to_be_focused()
    editor.expect_state("not saved yet")
    page.keyboard.press("Shift+Enter")
    workbench.agree_to_install("Bright spots")
    workbench.expect_window("Synthetic coins, inverted")
    editor.expect_state("saved, ready")
    expect(editor.window.get_by_role("log")).to_contain_text("Bright spots is ready.")

    body = editor_text("Bright spots", RUN.replace("WORD", "cuont"))
    editor.write(body)
    editor.expect_state("not saved yet, ready")
    page.keyboard.press("Shift+Enter")
    failed = editor.window.locator(".cm-failed-line")
    expect(failed).to_contain_text("this.cuont is not a function")
    expect(failed).to_contain_text("return this.cuont(ctx.data.image);")
    expect(editor.window.get_by_role("log")).to_contain_text("values ")
    assert workbench.violations() == []
    workbench.dismiss_all()
    editor.window.get_by_role("log").get_by_role("button", name="Line 8").first.click()
    expect(editor.code).to_be_focused()

    editor.write(body.replace("cuont", "count"))
    page.keyboard.press("Shift+Enter")
    workbench.expect_window("Bright spots")
    expect(failed).to_have_count(0)
    expect(editor.code).to_be_focused()
    workbench.dismiss_all()


def test_mistakes_are_told_while_one_writes(workbench: Workbench) -> None:
    page = workbench.page
    new_plugin(workbench, "Mistakes", "A window of its own")
    editor = Editor(workbench, "mistakes.imjoy.html")
    editor.write(
        editor_text("Mistakes", "  run() { api.showMesage(1); }\n").replace("web-w", "wob-w")
    )
    problems = editor.window.get_by_role("status", name="Problems")
    expect(problems).to_contain_text('There is no plugin type "wob-worker".')
    expect(problems).to_contain_text("Did you mean showMessage?")
    assert workbench.violations() == []
    problems.get_by_role("button", name="Line 6").click()
    expect(editor.code).to_be_focused()
    page.keyboard.press("Control+s")
    workbench.expect_alert("Saving mistakes.imjoy.html", "Line 2", "Set .type. to one of")
    workbench.dismiss_all()

    editor.code.focus()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("\n" * 60 + "<script>\n")
    page.keyboard.type("api.")
    options = page.get_by_role("listbox", name="Completions")
    expect(options.get_by_role("option").first).to_be_visible()
    listed, field = options.bounding_box(), editor.window.locator(".cm-editor").bounding_box()
    assert listed and field and listed["y"] + listed["height"] <= field["y"] + field["height"]
    page.keyboard.type("showD")
    expect(options.get_by_role("option", name="showDialog")).to_be_visible()
    expect(page.locator(".cm-completionInfo")).to_contain_text("Shows a form")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Home")
    page.keyboard.insert_text('<config>\n{"typ')
    page.keyboard.type("e")
    expect(options.get_by_role("option", name="type")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(editor.code).not_to_be_focused()


def test_windows_stay_when_their_plugin_is_saved(workbench: Workbench) -> None:
    page = workbench.page
    new_plugin(workbench, "Greeter", "A window of its own")
    editor = Editor(workbench, "greeter.imjoy.html")
    editor.write(WINDOW.replace("WORD", "good morning"))
    page.keyboard.press("Shift+Enter")
    workbench.agree_to_install("Greeter")
    window = workbench.expect_window("Greeter")
    said = window.frame_locator("iframe").locator("#out")
    expect(said).to_have_text("good morning")
    editor.write(WINDOW.replace("WORD", "good evening"))
    page.keyboard.press("Control+s")
    expect(said).to_have_text("good evening")
    page.keyboard.press("Shift+Enter")
    expect(said).to_have_text("good evening")
    expect(window).to_have_count(1)
    assert workbench.page.get_by_test_id("window").count() == 2

    editor.write(WINDOW.replace("WORD", "good night"))
    editor.button("Differences").click()
    expect(editor.code.locator(".cm-deletedChunk")).to_contain_text("good evening")
    assert workbench.violations() == []
    editor.code.locator(".cm-deletedChunk").get_by_role("button", name="Take back").click()
    editor.expect_state("saved, ready")
    editor.button("Differences").click()
    expect(editor.code.locator(".cm-deletedChunk")).to_have_count(0)


def test_a_python_traceback_stands_at_its_lines(workbench: Workbench) -> None:
    page = workbench.page
    body = "numbers = [1]\nprint('adding')\nreturn self.add(numbers)"
    text = python_plugin("Adds", body).replace(
        "    def setup", "    def add(self, numbers):\n        return numbers[3]\n\n    def setup"
    )
    workbench.install_text(text, "Adds")
    page.get_by_role("button", name="Edit Adds", exact=True).click()
    editor = Editor(workbench, "adds.imjoy.html")
    editor.expect_state("saved, not started")
    page.keyboard.press("Control+e")
    failed = editor.code.locator(".cm-failed-line")
    expect(failed).to_contain_text("return numbers[3]", timeout=60_000)
    expect(failed).to_contain_text("IndexError: list index out of range")
    expect(editor.code.locator(".cm-caller-line")).to_contain_text("return self.add(numbers)")
    expect(editor.window.get_by_role("log")).to_contain_text("adding")
    workbench.dismiss_all()
    editor.write(text.replace("numbers[3]", "numbers[0]"))
    page.keyboard.press("Control+s")
    editor.expect_state("saved, ready")
    expect(failed).to_have_count(0)
    act(page, "Undo: Replace Adds")
    editor.expect_state("not saved yet, not started")
    editor.button("Differences").click()
    expect(editor.code.locator(".cm-deletedChunk")).to_contain_text("numbers[3]")
    editor.button("Run").click()
    workbench.expect_window("Adds")
    expect(editor.code.locator(".cm-deletedChunk")).to_have_count(0)


def test_typing_goes_on_where_it_was(workbench: Workbench) -> None:
    page = workbench.page
    new_plugin(workbench, "Typed", "A window of its own")
    editor = Editor(workbench, "typed.imjoy.html")
    editor.write("one\n")
    page.keyboard.type("two")
    page.wait_for_timeout(1500)
    page.keyboard.type(" three")
    assert editor.text == "one\ntwo three"
    page.keyboard.press("Control+z")
    expect(editor.code).not_to_contain_text("three")


def test_nothing_typed_is_lost(workbench: Workbench) -> None:
    page = workbench.page
    new_plugin(workbench, "Kept", "A window of its own")
    editor = Editor(workbench, "kept.imjoy.html")
    editor.write(WINDOW.replace("WORD", "before the reload"))
    # What was typed does not wait for lists that are slow to come.
    page.route("**/samples.json", lambda _: None)
    page.reload()
    editor = Editor(workbench, "kept.imjoy.html")
    expect(editor.code).to_contain_text("before the reload")
    page.unroute("**/samples.json")

    editor.write(WINDOW.replace("WORD", "before closing"))
    workbench.close("kept.imjoy.html")
    expect(editor.window).to_have_count(0)
    act(page, "Undo: Close")
    editor = Editor(workbench, "kept.imjoy.html")
    expect(editor.code).to_contain_text("before closing")

    editor.write(WINDOW.replace("WORD", "before the crash"))
    expect(page.get_by_role("button", name="Workspace: ")).to_contain_text("saved", timeout=10_000)
    context, address = page.context, page.url
    page.wait_for_timeout(4000)
    crash(page)
    again = Workbench(context.new_page())
    again.page.goto(address)
    expect(Editor(again, "kept.imjoy.html").code).to_contain_text("before the crash")


def crash(page: Page) -> None:
    """Ends the process of the page, as the computer does when it has no memory left."""
    with contextlib.suppress(Error):
        page.goto("chrome://crash")


def test_a_plugin_travels_as_a_link_and_as_a_file(
    workbench: Workbench, engine: EngineProcess, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = workbench.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    new_plugin(workbench, "Traveller", "JavaScript functions")
    editor = Editor(workbench, "traveller.mjs")
    editor.button("Link").click()
    expect(page.get_by_label("Notices")).to_contain_text("The link is copied")
    link = page.evaluate("navigator.clipboard.readText()")
    assert "Traveller" not in link and len(link) < 2000

    other = Workbench(new_page())
    other.open(engine.link())
    other.expect_engine("Engine connected")
    other.page.goto(link)
    dialog = other.page.get_by_role("dialog", name="Open the plugin file from this link?")
    expect(dialog).to_contain_text("traveller.mjs")
    assert "shared=" not in other.page.url
    dialog.get_by_role("button", name="Open").click()
    there = Editor(other, "traveller.mjs")
    expect(there.code).to_contain_text("Traveller: everything above a level becomes white.")
    there.expect_state("not saved yet")
    other.tab("Plugins")
    expect(other.page.get_by_role("article")).to_have_count(0)

    no_pickers = "delete window.showOpenFilePicker; delete window.showSaveFilePicker"
    other.page.evaluate(no_pickers)
    with other.page.expect_download() as download:
        there.button("To file").click()
    path = tmp_path / "traveller.mjs"
    download.value.save_as(path)
    assert download.value.suggested_filename == "traveller.mjs"
    path.write_text(path.read_text("utf-8").replace("white", "black"), "utf-8")
    with other.page.expect_file_chooser() as chooser:
        act(other.page, "Open a plugin file in the editor")
    chooser.value.set_files(path)
    # Two windows of one file are told apart.
    expect(other.window("traveller.mjs")).to_have_count(1)
    expect(other.window("traveller.mjs (2)")).to_contain_text("becomes black")


def test_a_file_of_the_computer_is_written_back(workbench: Workbench) -> None:
    """The file is one of the browser's own file system; only its dialogs are answered here."""
    page = workbench.page
    page.evaluate("""async () => {
      const folder = await navigator.storage.getDirectory();
      const handle = await folder.getFileHandle("mine.imjoy.html", { create: true });
      const stream = await handle.createWritable();
      await stream.write("<config>\\r\\n{}\\r\\n</config>");
      await stream.close();
      window.showOpenFilePicker = async () => [handle];
      window.showSaveFilePicker = async () => { throw new DOMException("", "AbortError"); };
      window.content = async () => (await handle.getFile()).text();
    }""")
    act(page, "Open a plugin file in the editor")
    editor = Editor(workbench, "mine.imjoy.html")
    expect(editor.window.get_by_role("status", name="Problems")).to_contain_text("has no name")
    editor.write(WINDOW)
    page.keyboard.press("Control+Shift+s")
    expect(page.get_by_label("Notices")).to_contain_text("mine.imjoy.html is written.")
    assert page.evaluate("window.content()") == WINDOW


def test_a_file_of_the_engine_is_edited(
    start_engine: Callable[..., EngineProcess], new_page: Callable[..., Page], tmp_path: Path
) -> None:
    (tmp_path / "hello.py").write_text("def hello() -> str:\n    return 'old'\n", "utf-8")
    engine = start_engine("--files", str(tmp_path))
    workbench = Workbench(new_page())
    page = workbench.page
    workbench.open(engine.link())
    workbench.expect_engine("Engine connected")
    act(page, "Open a plugin file of the engine")
    dialog = page.get_by_role("dialog", name="Open a plugin file of the engine")
    dialog.get_by_role("option", name="hello.py").click()
    dialog.get_by_role("button", name="Choose", exact=True).click()
    editor = Editor(workbench, "hello.py")
    expect(editor.code).to_contain_text("old")
    editor.write("def hello() -> str:\n    return 'new'\n")
    editor.button("To file").click()
    expect(page.get_by_label("Notices")).to_contain_text("hello.py is written.")
    assert "new" in (tmp_path / "hello.py").read_text("utf-8")
    page.keyboard.press("Control+s")
    workbench.agree_to_install("Hello")
    editor.expect_state("saved, not started")
    page.close()
    engine.stop()


MISTAKEN = """<config lang="json">
{"name": "Mistaken", "type": "web-worker", "version": "0.1.0"}
</config>
<script lang="javascript">
  class Plugin { run( { } }
</script>
<script lang="javascript">
  }); postMessage(null); fetch("https://example.org/ran"); (() => {
</script>
<script type="module">import "https://example.org/none.mjs";
  export default 1;
  let let = 2;
</script>
"""


def test_a_mistake_in_a_script_is_told_before_anything_runs(workbench: Workbench) -> None:
    page = workbench.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    workbench.drop("mistaken.imjoy.html", MISTAKEN.encode())
    dialog = page.get_by_role("dialog")
    told = dialog.get_by_role("alert")
    expect(told).to_contain_text(
        "Line 5, column 27: The JavaScript has a mistake: Unexpected token '}'. Correct the line."
    )
    expect(told).to_contain_text("Single function literal required")
    expect(told).to_contain_text("Line 12, column 7: The JavaScript has a mistake: ")
    assert not [url for url in asked if "example.org" in url]
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)

    good = editor_text("Growing", "  run() { return 1; }\n")
    new_plugin(workbench, "Growing", "JavaScript, in the background")
    editor = Editor(workbench, "growing.imjoy.html")
    editor.write(good)
    page.keyboard.press("Shift+Enter")
    workbench.agree_to_install("Growing")
    editor.expect_state("saved, ready")
    editor.write(good.replace("return 1;", "return 1 +;"))
    problems = editor.window.get_by_role("status", name="Problems")
    expect(problems).to_contain_text("Line 6, column 21")
    expect(problems).to_contain_text("The JavaScript has a mistake: Unexpected token ';'.")
    page.keyboard.press("Control+s")
    workbench.expect_alert("Saving growing.imjoy.html", "Line 6, column 21", "Correct the line")
    # What was saved before goes on.
    editor.expect_state("not saved yet, ready")
    workbench.dismiss_all()
    editor.write(good.replace("return 1;", "return 2;"))
    expect(problems).to_have_text("")
    page.keyboard.press("Control+s")
    editor.expect_state("saved, ready")


def test_a_mistake_in_python_is_told_where_there_is_an_engine(workbench: Workbench) -> None:
    text = (
        '<config lang="json">\n{"name": "Snake", "type": "native-python"}\n</config>\n'
        '<script lang="python">\n    from imjoy import api\n    def run(:\n</script>\n'
    )
    workbench.drop("snake.imjoy.html", text.encode())
    told = workbench.page.get_by_role("dialog").get_by_role("alert")
    expect(told).to_contain_text("Line 6, column 13: The Python has a mistake: invalid syntax.")
