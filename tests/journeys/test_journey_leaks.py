"""What a plugin gives the page to show makes the page fetch nothing from other hosts."""

from __future__ import annotations

from journey_page import Workbench
from playwright.sync_api import expect

PLUGIN = """<config lang="json">
{"name": "Teller", "type": "web-worker", "version": "0.1.0", "api_version": "0.1.8", "network": "none"}
</config>
<script lang="javascript">
const away = "https://leak.invalid/?secret";
api.export({
  async run() {
    await api.createWindow({ type: "imjoy/markdown", name: "Text", config: { source:
      `# Shown\\n![a picture](${away}1) <img srcset="${away}2 1x"> <video poster="${away}3"></video>
       <svg><image href="${away}4"/></svg> <p style="background: url(${away}5)">kept</p>
       <img alt="own" src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=">` } });
    api.showDialog({ name: "Form", ui: `<img alt="another" src="${away}6"> {id:'a', type:'number', placeholder: 1}` });
  },
});
</script>
"""


def test_shown_text_fetches_nothing(workbench: Workbench) -> None:
    page = workbench.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    workbench.install_text(PLUGIN, "Teller")
    workbench.run("Teller")
    shown = workbench.expect_window("Text")
    expect(shown.get_by_role("heading", name="Shown")).to_be_visible()
    expect(shown.get_by_role("img", name="a picture")).to_have_attribute(
        "title", "https://leak.invalid/?secret1"
    )
    expect(shown.get_by_role("img", name="own")).to_have_attribute(
        "src", "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
    )
    expect(shown).to_contain_text("kept")
    expect(page.get_by_role("dialog", name="Form")).to_be_visible()
    assert [url for url in asked if "leak" in url] == []
