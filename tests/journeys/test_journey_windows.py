"""Windows as plugins use them: hidden, sized, with views of the workbench, and brought back."""

from __future__ import annotations

import re

from journey_page import Workbench
from playwright.sync_api import Locator, expect
from test_journey_dock import box

PANEL = """
<config lang="json">{"name": "Panel", "type": "window", "version": "1.0.0", "api_version": "0.1.8"}</config>
<window><p id="said">empty</p></window>
<script>
api.export({
  setup() { api.on("refresh", () => { document.getElementById("said").textContent += " again"; }); },
  run({ data }) {
    document.getElementById("said").textContent = `${data.name} ${data.image ? "image" : data.n}`;
  },
});
</script>
"""
DESK = """
<config lang="json">{"name": "Desk", "type": "web-worker", "version": "1.0.0", "api_version": "0.1.8"}</config>
<script>
const image = (value) => api.ndarray(new Uint8Array(4096).fill(value), [64, 64]);
let panel;
api.export({
  async setup() {
    const op = (name, run) => api.register({ name, type: "op", run });
    await op("Open", async () => {
      panel = await api.createWindow("Panel", { data: { name: "from the desk", n: 5 } });
    });
    await op("Hide", () => panel.hide());
    await op("Refresh", () => panel.refresh());
    await op("Narrow", () => panel.resize({ width: 320 }));
    await op("Views", async () => {
      await api.createWindow({ type: "imjoy/tree", name: "Tree", config: {
        nodes: [{ title: "Folder", children: [{ title: "Inner" }] }, { title: "Leaf" }],
        node_select_callback: (nodes) => api.showStatus("selected " + nodes[0].title) } });
      const data = { first: image(10), second: image(200) };
      await api.createWindow({ type: "imjoy/image-compare", name: "Pair", data });
      const ui = "Word {id:'word', type:'string', placeholder:'a'}";
      const form = await api.createWindow({ name: "Form", ui });
      await form.on("change", ({ config }) => api.showStatus("entered " + config.word));
      const terminal = await api.createWindow({ type: "imjoy/terminal", name: "Terminal", data: "ready" });
      await terminal.on("key", (key) => terminal.write("got " + key));
    });
  },
  run() {},
});
</script>
"""


def run(workbench: Workbench, op: str) -> None:
    workbench.page.get_by_role("button", name=f"Run {op} of Desk", exact=True).click()


def in_front(workbench: Workbench, title: str) -> Locator:
    """A window that another may have been put in front of, where there was no room beside it."""
    workbench.page.get_by_role("tab", name=title, exact=True).click()
    return workbench.expect_window(title)


def test_windows_do_as_their_plugin_says(workbench: Workbench) -> None:
    page = workbench.page
    workbench.install_text(PANEL, "Panel")
    workbench.install_text(DESK, "Desk")
    workbench.dismiss_all()
    workbench.open_sample("Synthetic coins")
    workbench.run("Panel")
    shown = workbench.expect_window("Panel").frame_locator("iframe").locator("#said")
    expect(shown).to_have_text("Synthetic coins image")
    workbench.run("Desk")
    workbench.expect_state("Desk", "ready")
    workbench.close("Panel")
    run(workbench, "Open")
    panel = workbench.expect_window("Panel")
    said = panel.frame_locator("iframe").locator("#said")
    expect(said).to_have_text("from the desk 5")
    run(workbench, "Refresh")
    expect(said).to_have_text("from the desk 5 again")
    run(workbench, "Hide")
    expect(panel).not_to_be_visible()
    assert workbench.violations() == []
    page.get_by_role("button", name="Show hidden windows: 1").click()
    expect(panel).to_be_visible()
    # The frame was kept: what happened in it is still there.
    expect(said).to_have_text("from the desk 5 again")
    run(workbench, "Narrow")
    expect(panel).to_be_visible()
    page.wait_for_function(
        "Math.abs(document.querySelector('[aria-label=\"Window Panel\"]').clientWidth - 320) < 12"
    )

    # What a window of a plugin showed comes back with it, images and values.
    workbench.expect_saved()
    page.reload()
    workbench.expect_engine("Engine connected")
    expect(workbench.expect_window("Panel").frame_locator("iframe").locator("#said")).to_have_text(
        "from the desk 5"
    )
    assert box(workbench.window("Panel"))["width"] > 100


def test_views_answer_to_hand_and_keyboard(workbench: Workbench) -> None:
    page = workbench.page
    workbench.install_text(DESK, "Desk")
    workbench.run("Desk")
    workbench.expect_state("Desk", "ready")
    workbench.dismiss_all()
    run(workbench, "Views")
    terminal = in_front(workbench, "Terminal")
    terminal.get_by_label("Line to send").fill("hello")
    page.keyboard.press("Enter")
    expect(terminal.get_by_role("log")).to_contain_text("readygot hello")
    form = in_front(workbench, "Form")
    form.get_by_label("Word").fill("b")
    expect(page.get_by_text("entered b")).to_be_visible()

    tree = in_front(workbench, "Tree")
    tree.get_by_role("treeitem", name="Leaf").click()
    expect(page.get_by_text("selected Leaf")).to_be_visible()
    for key, chosen in (("Home", "Folder"), ("ArrowRight", ""), ("ArrowRight", "Inner")):
        page.keyboard.press(key)
        if chosen:
            expect(page.get_by_text(f"selected {chosen}")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(tree.get_by_role("treeitem", name="Folder")).to_have_attribute("aria-expanded", "false")

    pair = in_front(workbench, "Pair")
    slider = pair.get_by_label("Part of the first image")
    slider.fill("90")
    cut = pair.locator("canvas.above").evaluate("(canvas) => canvas.style.clipPath")
    assert re.search(r"10(\.\d+)?%", cut), cut
    assert workbench.violations() == []


FICKLE = """
<config lang="json">{"name": "Fickle", "type": "window", "version": "1.0.0", "api_version": "0.1.8"}</config>
<window><p id="said">empty</p></window>
<script>
api.export({
  async setup() {
    const times = Number(await api.getConfig("times")) || 0;
    await api.setConfig("times", times + 1);
    if (times === 1) throw new Error("not today");
  },
  run() { document.getElementById("said").textContent = "here"; },
});
</script>
"""


def test_a_window_that_cannot_come_back_says_so_with_one_button(workbench: Workbench) -> None:
    page = workbench.page
    workbench.install_text(FICKLE, "Fickle")
    workbench.run("Fickle")
    said = workbench.expect_window("Fickle").frame_locator("iframe").locator("#said")
    expect(said).to_have_text("here")
    workbench.expect_saved()
    page.reload()
    workbench.expect_engine("Engine connected")
    shown = workbench.expect_window("Fickle")
    expect(shown).to_contain_text("not today")
    assert workbench.violations() == []
    shown.get_by_role("button", name="Open it again").click()
    expect(said).to_have_text("here")


LIFE = """
<config lang="json">{"name": "Life", "type": "window", "version": "1", "api_version": "0.1.8",
  "ui": "Size {id: 'size', type: 'number', placeholder: 1} Press {id: 'go', type: 'button', label: 'Go'}"}</config>
<window><p>open</p></window>
<script>
api.export({
  async setup() {},
  async run() { await api.log("LIFE run"); },
  async update({ config }) { await api.log("LIFE update " + config.size + " " + config.go); },
  async exit() { await api.log("LIFE exit"); },
});
</script>
"""


def test_a_window_hears_of_its_form_and_of_its_end(workbench: Workbench) -> None:
    workbench.install_text(LIFE, "Life")
    workbench.run("Life")
    workbench.expect_window("Life")
    card, log = workbench.plugin("Life"), workbench.log_of("Life")
    expect(log).to_contain_text("LIFE run")
    card.get_by_label("Size").fill("5")
    expect(log).to_contain_text("LIFE update 5 undefined")
    card.get_by_role("button", name="Go").click()
    expect(log).to_contain_text("LIFE update 5 true")
    workbench.close("Life")
    expect(log).to_contain_text("LIFE exit")
    expect(workbench.page.locator("iframe[title*=Life]")).to_have_count(0)
    workbench.run("Life")
    workbench.expect_window("Life")
    workbench.page.get_by_role("button", name="Stop Life").click()
    expect(log.get_by_text("LIFE exit")).to_have_count(2)
