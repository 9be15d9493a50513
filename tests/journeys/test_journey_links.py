"""Links within the page of a window plugin, as menus, tabs and pagers have them, stay within it."""

from __future__ import annotations

import pytest
from journey_page import Workbench
from playwright.sync_api import expect

PLUGIN = """<config lang="json">
{"name": "Menus", "type": "window", "version": "1", "api_version": "0.1.8", "network": NETWORK}
</config>
<window>
  <div>
    <a href="#" id="menu">menu</a>
    <a href="#part" id="to-part"><b>part</b></a>
    <a href="" id="empty">empty</a>
    <a href="#part" id="held">held</a>
    <a href="#" id="inline" onclick="note('inline'); return false">inline</a>
    <form><button>Send</button></form>
    <p id="told"></p>
    <div style="height: 3000px"></div>
    <h2 id="part">A part</h2>
  </div>
</window>
<script lang="javascript">
const told = [];
function note(text) {
  told.push(text);
  document.getElementById("told").textContent = told.join(" ");
}
window.note = note;
class Plugin {
  async setup() {}
  async run() {
    document.getElementById("menu").addEventListener("click", () => note("menu"));
    document.getElementById("held").addEventListener("click", (event) => {
      event.stopPropagation();
      note("held");
    });
    addEventListener("hashchange", () => note(location.hash));
    note("ran");
  }
}
api.export(new Plugin());
</script>
"""


@pytest.mark.parametrize("network", ['"any"', '"none"'])
def test_links_within_a_plugin_do_not_lead_out_of_it(workbench: Workbench, network: str) -> None:
    workbench.install_text(PLUGIN.replace("NETWORK", network), "Menus")
    workbench.run("Menus")
    frame = workbench.expect_window("Menus").frame_locator("iframe")
    told = frame.locator("#told")
    expect(told).to_have_text("ran")
    for link in ("menu", "empty", "inline", "to-part"):
        frame.locator(f"#{link}").click()
    expect(told).to_have_text("ran menu inline #part")
    assert frame.locator("html").evaluate("() => scrollY") > 1000
    frame.locator("#menu").click()
    expect(told).to_have_text("ran menu inline #part menu")
    assert frame.locator("html").evaluate("() => scrollY") == 0
    frame.locator("#held").click()
    frame.get_by_role("button", name="Send").click()
    frame.locator("#menu").press("Enter")
    expect(told).to_have_text("ran menu inline #part menu held menu")
    workbench.expect_state("Menus", "ready")
