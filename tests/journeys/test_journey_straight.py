"""Arrays between two plugins of the page take the straight way, once the page has introduced them."""

from __future__ import annotations

from journey_page import Workbench
from playwright.sync_api import expect

HEAD = '<config lang="json">{{"name": "{name}", "type": "{kind}", "version": "0.1.0"}}</config>\n'
KEEPER = """<script lang="javascript">
api.export({
  run() {},
  sum: (array) => [array.length, array[0], array.at(-1)],
  give: (size) => new Uint8Array(size).fill(7),
});
</script>
"""
GIVER = """<script lang="javascript">
const SIZE = 4_000_000;
api.export({
  async run() {
    const told = [];
    for (const name of ["Keeper", "Frame keeper"]) {
      const keeper = await api.getPlugin(name);
      for (let round = 1; round <= 3; round += 1) {
        await api.log(`round ${round} with ${name}`);
        const sum = await keeper.sum(new Uint8Array(SIZE).fill(round));
        const back = await keeper.give(SIZE);
        told.push(`${sum} ${back.length} ${back.at(-1)}`);
      }
    }
    await api.createWindow({ type: "imjoy/markdown", name: "Sums", config: { source: told.join("; ") } });
  },
});
</script>
"""
# Counts the bytes that the page itself passes on to plugins.
COUNT = """() => {
  window.passed = 0;
  const post = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function (data, ...rest) {
    for (const part of data?.buffers ?? []) window.passed += part.byteLength ?? 0;
    return post.call(this, data, ...rest);
  };
}"""


def test_large_arrays_do_not_pass_the_page(workbench: Workbench) -> None:
    for name, kind, script in (
        ("Keeper", "web-worker", KEEPER),
        ("Frame keeper", "iframe", KEEPER),
        ("Giver", "web-worker", GIVER),
    ):
        workbench.install_text(HEAD.format(name=name, kind=kind) + script, name)
    workbench.page.evaluate(COUNT)
    workbench.run("Giver")
    shown = workbench.expect_window("Sums", seconds=60)
    for number in (1, 2, 3):
        expect(shown).to_contain_text(f"4000000,{number},{number} 4000000 7")
    # The first array to each of the two goes through the page, and nothing after it.
    assert workbench.page.evaluate("window.passed") == 2 * 4_000_000
