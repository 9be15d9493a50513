"""A plugin that is installed anew goes on in the windows that it has open."""

from __future__ import annotations

from journey_page import Workbench
from playwright.sync_api import expect

TEXT = """<config lang="json">{"name": "Live", "type": "window", "version": "VERSION"}</config>
<window><p id="said"></p></window>
<script lang="javascript">
api.export({ run(ctx) { document.getElementById("said").textContent = "VERSION"; BODY } });
</script>"""


def version(number: str, body: str = "") -> str:
    return TEXT.replace("VERSION", number).replace("BODY", body)


def test_windows_are_kept_when_a_plugin_is_replaced(workbench: Workbench) -> None:
    workbench.install_text(version("one"), "Live")
    workbench.run("Live")
    window = workbench.expect_window("Live")
    said = window.frame_locator("iframe").locator("#said")
    expect(said).to_have_text("one")
    workbench.install_text(version("two"), "Live")
    expect(said).to_have_text("two")
    expect(workbench.window("Live")).to_have_count(1)

    # A version that fails leaves its window for the next one.
    workbench.install_text(version("three", "broken();"), "Live")
    workbench.expect_state("Live", "failed")
    expect(workbench.window("Live")).to_have_count(1)
    workbench.install_text(version("four"), "Live")
    expect(said).to_have_text("four")
