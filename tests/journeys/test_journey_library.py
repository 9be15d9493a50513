"""The library: found by words and labels, details before installing, versions kept, pinned and side by side."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from journey_engine import EngineProcess
from journey_files import javascript_plugin
from journey_page import Workbench
from journey_servers import plugin_server
from playwright.sync_api import Page, expect

SAYS = '    await api.showMessage("Hello from VERSION");'
LOOKS = [
    pytest.param({"viewport": {"width": 1280, "height": 800}}, id="wide"),
    pytest.param(
        {"viewport": {"width": 360, "height": 700}, "color_scheme": "dark"}, id="narrow-dark"
    ),
]
_IS_PINNED = """async () => {
  const done = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
  const database = await done(indexedDB.open("imjoy"));
  const all = await done(database.transaction("plugins").objectStore("plugins").getAll());
  database.close();
  return all.some(({ pinned }) => pinned);
}"""


def teller(version: str) -> str:
    text = javascript_plugin("Teller", SAYS.replace("VERSION", version))
    docs = f"<docs>\n# What Teller {version} does\nIt says hello.\n</docs>\n"
    return docs + text.replace('"version": "0.1.0"', f'"version": "{version}"')


@pytest.mark.parametrize("look", LOOKS)
def test_a_plugin_from_search_to_versions(
    new_page: Callable[..., Page], engine: EngineProcess, look: dict[str, object]
) -> None:
    entry = {"name": "Teller", "type": "web-worker", "version": "1.0.0", "labels": ["talk", "demo"]}
    files: dict[str, str | bytes] = {
        "manifest.imjoy.json": json.dumps({"plugins": [entry]}),
        "Teller.imjoy.html": teller("1.0.0"),
    }
    with plugin_server(files) as server:
        workbench = Workbench(new_page(**look))
        page = workbench.page
        workbench.open(engine.link())
        workbench.expect_engine("Engine connected")
        workbench.tab("Library")
        page.get_by_label("Repository to add").fill(server)
        page.get_by_role("button", name="Add repository").click()
        workbench.expect_repository(server)
        page.get_by_role("button", name="talk", exact=True).click()
        rows = page.get_by_role("list", name="Plugins of the library").get_by_role("listitem")
        expect(rows).to_have_count(1)
        page.get_by_role("button", name="Details of Teller", exact=True).click()
        shown = page.get_by_role("article", name="Teller", exact=True)
        expect(shown.get_by_role("heading", name="What Teller 1.0.0 does")).to_be_visible()
        expect(shown).to_contain_text("any address on the internet")
        assert workbench.violations() == []
        page.get_by_role("button", name="Install Teller", exact=True).click()
        workbench.agree_to_install("Teller")

        files["Teller.imjoy.html"] = teller("2.0.0")
        workbench.tab("Library")
        page.get_by_role("button", name="Look for updates").click()
        page.get_by_role("button", name="Update Teller", exact=True).click()
        page.get_by_role("dialog", name=re.compile("Replace Teller 1.0.0 by 2.0.0")).get_by_role(
            "button", name="Replace"
        ).click()
        expect(page.get_by_text("Everything is up to date.")).to_be_visible()
        workbench.tab("Plugins")
        workbench.dismiss_all()
        page.get_by_role("button", name="Versions of Teller", exact=True).click()
        assert workbench.violations() == []
        page.get_by_role("button", name="Use beside: Teller 1.0.0").click()
        for name, words in (("Teller", "2.0.0"), ("Teller 1.0.0", "1.0.0")):
            workbench.run(name)
            expect(page.get_by_label("Notices")).to_contain_text(f"Hello from {words}")
        page.get_by_role("button", name="Go back to Teller 1.0.0").click()
        expect(workbench.plugin("Teller")).to_contain_text("Version 1.0.0 is here.")
        page.get_by_label("Pin: offer no newer version").check()
        # The browser writes it down a moment later.
        page.wait_for_function(_IS_PINNED)
        page.reload()
        workbench.tab("Library")
        page.get_by_role("button", name="Look for updates").click()
        expect(page.get_by_text("Everything is up to date.")).to_be_visible()
        workbench.tab("Plugins")
        expect(workbench.plugin("Teller 1.0.0")).to_be_visible()
        page.screenshot(path=f"/tmp/embed-plugins-{look['viewport']['width']}.png")
        workbench.tab("Library")
        page.screenshot(path=f"/tmp/embed-library-{look['viewport']['width']}.png")
