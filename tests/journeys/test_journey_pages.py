"""Pages of other sites that were written against the published imjoy-rpc library, as windows."""

from __future__ import annotations

from pathlib import Path

from conftest import Trouble
from journey_engine import EngineProcess
from journey_page import Workbench
from journey_servers import plugin_server
from playwright.sync_api import expect

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "web" / "node_modules" / "imjoy-rpc" / "dist" / "imjoy-rpc.min.js"

PAGE = """<!doctype html><title>Page</title><body><p id="said">waiting</p>
<script src="LIBRARY"></script>
<script>
const say = (text) => { document.getElementById("said").textContent = text; };
const connect = async () => {
  const api = await SETUP({ name: "My page", version: "1.0.0" });
  let heard = null;
  class Page {
    async setup() { await api.log("page is set up"); }
    async run(ctx) {
      const { data } = ctx;
      if (!data.values) return;
      const parts = [
        data.text, String(data.values._rvalue.byteLength), data.values._rshape.join("x"),
        new Uint8Array(data.bytes).join("-"), String(await data.add(2, 3)), String(await data.add(5, 6)),
        String(data.table instanceof Map), String(await data.file.text()),
        String(await api.utils.sleep(0.01)), await api.echo("echo"), String(await api.confirm("Sure?")),
      ];
      try { await api.call("nobody", "f"); } catch (error) { parts.push("refused"); }
      await api.on("ping", (value) => { heard = value; });
      say(parts.join("|"));
    }
    async total(numbers, callback) {
      await callback("half");
      await callback("whole");
      return { total: numbers.reduce((a, b) => a + b, 0), heard };
    }
    pixels() {
      const _rvalue = new Uint8Array([1, 2, 3, 4]).buffer;
      return { _rtype: "ndarray", _rvalue, _rshape: [2, 2], _rdtype: "uint8" };
    }
    fail() { throw new Error("it broke there"); }
  }
  await api.export(new Page());
};
connect();
</script></body>"""

OPENER = """<config lang="json">{"name": "Opener", "type": "web-worker", "api_version": "0.1.8"}</config>
<script lang="javascript">
const check = (what, holds) => { if (!holds) throw new Error(what); };
api.export({
  async run() {
    const calls = [];
    const window = await api.createWindow({ src: "PAGE", name: "NAME", data: {
      text: "hello", values: api.ndarray(new Float32Array(6), [2, 3]), bytes: new Uint8Array([7, 8]),
      add: (a, b) => { calls.push([a, b]); return a + b; }, table: new Map([["a", 1]]),
      file: new File(["content"], "a.txt"),
    } });
    check("the page called back twice", calls.length === 2);
    const steps = [];
    await window.emit("ping", "pong");
    const answer = await window.total([1, 2, 3], (step) => steps.push(step));
    check("total", answer.total === 6 && answer.heard === "pong");
    check("callbacks", steps.join() === "half,whole");
    const pixels = await window.pixels();
    check("array", pixels.shape.join() === "2,2" && pixels.data[3] === 4);
    const failed = await window.fail().then(() => null, (error) => error.message);
    check("error: " + failed, /it broke there/.test(failed));
    return "all is well with NAME";
  }
});
</script>"""


def test_a_page_with_the_published_library_is_a_window(
    workbench: Workbench, trouble: Trouble
) -> None:
    library = LIBRARY.read_text("utf-8")
    page = PAGE.replace("LIBRARY", "imjoy-rpc.js").replace("SETUP", "imjoyRPC.setupRPC")
    trouble.allow("it broke there")  # the library tells its console of what it passes on
    with plugin_server({"imjoy-rpc.js": library, "page.html": page}) as address:
        text = OPENER.replace("PAGE", f"{address}page.html").replace("NAME", "First")
        workbench.install_text(text, "Opener")
        workbench.run("Opener")
        workbench.page.get_by_role("dialog").get_by_role("button", name="Open", exact=True).click()
        workbench.page.get_by_role("dialog").get_by_role("button", name="OK").click()
        expect(workbench.expect_window("Opener")).to_contain_text("all is well with First")
        inner = workbench.window("First").frame_locator("iframe").frame_locator("iframe")
        expected = "hello|24|2x3|7-8|5|11|true|content|null|echo|true|refused"
        expect(inner.locator("#said")).to_have_text(expected)
        workbench.close("First")
        expect(workbench.window("First")).to_have_count(0)


def test_the_loader_brings_the_library(
    workbench: Workbench, engine: EngineProcess, trouble: Trouble
) -> None:
    trouble.allow("it broke there")
    page = PAGE.replace("LIBRARY", f"{engine.address}lib/imjoy-loader.js")
    page = page.replace("SETUP", "(await loadImJoyRPC({ api_version: '0.2.3' })).setupRPC")
    with plugin_server({"page.html": page}) as address:
        text = OPENER.replace("PAGE", f"{address}page.html").replace("NAME", "Second")
        workbench.install_text(text, "Opener")
        workbench.run("Opener")
        workbench.page.get_by_role("dialog").get_by_role("button", name="Open", exact=True).click()
        workbench.page.get_by_role("dialog").get_by_role("button", name="OK").click()
        expect(workbench.expect_window("Opener")).to_contain_text("all is well with Second")


def test_a_page_that_never_connects_is_named(workbench: Workbench) -> None:
    with plugin_server({"silent.html": "<p>nothing here</p>"}) as address:
        config = f'{{"name": "Silent", "type": "rpc-window", "base_frame": "{address}silent.html"}}'
        workbench.install_text(f'<config lang="json">{config}</config>', "Silent")
        workbench.run("Silent")
        workbench.expect_alert("silent.html did not connect", "setupRPC", seconds=30)
