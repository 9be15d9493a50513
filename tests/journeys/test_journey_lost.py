"""Calls to what ends in the browser fail at once: a worker that closes itself, a frame that is taken away."""

from __future__ import annotations

from journey_page import Workbench
from playwright.sync_api import expect

HEAD = '<config lang="json">{{"name": "{name}", "type": "{kind}", "version": "0.1.0"}}</config>\n'
MORTAL = """<script lang="javascript">
api.export({
  run() {},
  vanish() {
    if (typeof document === "undefined") self.close();
    else document.body.textContent = "I hang";
    return new Promise(() => undefined);
  },
});
</script>
"""
ASKER = """<script lang="javascript">
api.export({
  async run() {
    const told = [];
    for (const name of ["Mortal worker", "Mortal frame"]) {
      const friend = await api.getPlugin(name);
      const code = await friend.vanish().catch((error) => error.code);
      told.push(`${name}: ${code}`);
    }
    await api.createWindow({ type: "imjoy/markdown", name: "Ends", config: { source: told.join("\\n\\n") } });
  },
});
</script>
"""


def test_calls_to_what_has_ended_fail(workbench: Workbench) -> None:
    for name, kind, script in (
        ("Mortal worker", "web-worker", MORTAL),
        ("Mortal frame", "iframe", MORTAL),
        ("Asker", "web-worker", ASKER),
    ):
        workbench.install_text(HEAD.format(name=name, kind=kind) + script, name)
    workbench.run("Asker")
    page = workbench.page
    name = 'iframe[title="Mortal frame"]'
    page.frame_locator(name).get_by_text("I hang").wait_for(state="attached", timeout=30_000)
    page.locator(name).evaluate("(element) => element.remove()")
    shown = workbench.expect_window("Ends", seconds=5)
    expect(shown).to_contain_text("Mortal worker: plugin.crashed")
    expect(shown).to_contain_text("Mortal frame: plugin.crashed")
