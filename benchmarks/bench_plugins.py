"""From a click to `run`: the same plugin files on ImJoy and on imjoy-core, in one browser.

Nobody clicks the moment after a plugin has ended, so a moment passes between the runs of ImJoy, in which
it prepares the next start; imjoy-core prepares nothing, so it is measured without.

Also how many plugin files are parsed in a second. imjoy-core comes from npm, each time anew.
"""

from __future__ import annotations

import functools
import http.server
import os
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engines import Engine
from measuring_page import npm_package
from playwright.sync_api import Page, sync_playwright
from records import Record

from imjoy.plugins import parse_plugin

ROOT = Path(__file__).resolve().parents[1]
WORK = Path(__file__).resolve().parent / ".work"
PEER = "imjoy-core@0.14.5"
RUNS = 7
PLUGIN = """<config lang="json">
{"name": "Bench TYPE", "type": "TYPE", "version": "1.0.0", "api_version": "0.1.8", "description": "",
 "tags": [], "ui": "", "inputs": null, "outputs": null, "flags": [], "icon": null,
 "requirements": [], "dependencies": [], "defaults": {"w": 10, "h": 10}}
</config>
<script lang="LANG">CODE</script>
<window lang="html"><div>A window</div></window>
"""
JAVASCRIPT = "api.export({ setup() {}, run() {} });"
PYTHON = "\nclass Plugin:\n    def setup(self): pass\n    def run(self, ctx): pass\napi.export(Plugin())\n"
PEER_PAGE = """<!doctype html><div id="place"></div><script src="/imjoy-core.js"></script><script>
const { ImJoy } = window.imjoyCore;
const imjoy = new ImJoy({ imjoy_api: {}, default_base_frame: location.origin + "/default_base_frame.html",
  default_rpc_base_url: location.origin + "/" });
imjoy.event_bus.on("add_window", (w) => {
  const box = document.createElement("div");
  box.id = w.window_id;
  document.getElementById("place").append(box);
});
imjoy.start({ workspace: "default" }).then(() => { globalThis.ready = imjoy; });
</script>"""
OURS = """async ([text, name, times]) => {
  const checker = globalThis.imjoyChecker;
  return checker.time({ file: name, text }, times);
}"""
THEIRS = """async ([text, times]) => {
  const all = [];
  for (let i = 0; i < times; i += 1) {
    const began = performance.now();
    const plugin = await ready.pm.reloadPlugin({ code: text });
    const result = await plugin.api.run({ data: {}, config: {} });
    all.push(performance.now() - began);
    document.getElementById("place").replaceChildren();
  }
  return all;
}"""


def measure(browser: str) -> list[Record]:
    """Times of both in turns, and the rate of the parser."""
    dist = npm_package(PEER) / "dist"
    (dist / "bench.html").write_text(PEER_PAGE, "utf-8")
    flags = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    engine = Engine(WORK / "plugins-home", cwd=ROOT)
    try:
        with served(dist) as address, sync_playwright() as playwright:
            opened = playwright.chromium.launch(executable_path=browser, args=flags)
            ours = opened.new_page()
            ours.goto(engine.link.replace("/#", "/?check#"))
            ours.wait_for_function("'imjoyChecker' in globalThis")
            theirs = opened.new_page()
            theirs.goto(f"{address}bench.html")
            theirs.wait_for_function("'ready' in globalThis", timeout=60_000)
            found = compare(ours, theirs)
            opened.close()
    finally:
        engine.stop()
    return [*found, parse_rate()]


def compare(ours: Page, theirs: Page) -> list[Record]:
    records = []
    for kind in ("window", "web-worker"):
        text = (
            PLUGIN.replace("TYPE", kind).replace("LANG", "javascript").replace("CODE", JAVASCRIPT)
        )
        theirs.bring_to_front()
        peer = statistics.median(theirs.evaluate(THEIRS, [text, RUNS]))
        ours.bring_to_front()
        own = statistics.median(ours.evaluate(OURS, [text, f"{kind}.imjoy.html", RUNS]))
        name = f"click to run, {kind}"
        records.append(Record(name, own, peer, f"{PEER}, same file", "ms", 1.0, RUNS))
    text = PLUGIN.replace("TYPE", "native-python").replace("LANG", "python").replace("CODE", PYTHON)
    times = ours.evaluate(OURS, [text, "python.imjoy.html", RUNS])
    own = statistics.median(times)
    records.append(Record("click to run, warm Python", own, None, "", "ms", None, RUNS))
    return records


def parse_rate() -> Record:
    """Plugin files per second in Python, over those that come with ImJoy."""
    texts = [path.read_text("utf-8") for path in (ROOT / "plugins").glob("*.imjoy.html")]
    began = time.perf_counter()
    rounds = 30
    for _ in range(rounds):
        for text in texts:
            parse_plugin(text)
    rate = rounds * len(texts) / (time.perf_counter() - began)
    return Record("plugin files parsed", rate, None, "", "/s", None, rounds)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A web server over a folder."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
