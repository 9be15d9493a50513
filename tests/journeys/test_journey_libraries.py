"""Plugins that load libraries from the internet, on a machine that has none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from journey_engine import EngineProcess
from journey_page import Workbench
from playwright.sync_api import Page, expect

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "vendor"))
from npm_server import NpmServer, npm_server

WINDOW = """<config lang="json">{"name": "Loads", "type": "window", "requirements": [
"https://unpkg.com/lib@1/one.js", "https://cdnjs.cloudflare.com/ajax/libs/lib/1.0.0/look.min.css",
"https://someone.invalid/lib.js"]}</config>
<link rel="stylesheet" href="https://unpkg.com/lib@1/two.css">
<window><div><p id="out">…</p><img id="pic" src="https://unpkg.com/lib@1/pic.svg"></div></window>
<script lang="javascript">
const base = "https://unpkg.com/lib@1/";
const asked = (load) => load.then((value) => `${value}`, (error) => `failed: ${error}`);
const byTag = (change) => new Promise((resolve, reject) => {
  const script = document.createElement("script");
  change(script);
  script.onload = () => resolve(window.two);
  script.onerror = () => reject(new Error("no script"));
  document.head.append(script);
});
const byXhr = () => new Promise((resolve, reject) => {
  const request = new XMLHttpRequest();
  request.onload = () => resolve(request.responseText);
  request.onerror = () => reject(new Error("no answer"));
  request.open("GET", base + "data.json");
  request.send();
});
const byWorker = (text) => new Promise((resolve, reject) => {
  const worker = new Worker(URL.createObjectURL(new Blob([text])));
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => reject(new Error(event.message));
});
class ImJoyPlugin {
  setup() {}
  async run() {
    const found = {
      required: window.one,
      src: await asked(byTag((script) => { script.src = base + "two.js"; })),
      attribute: await asked(byTag((script) => script.setAttribute("src", base + "two.js"))),
      fetch: await asked(fetch(base + "data.json").then((r) => r.text())),
      xhr: await asked(byXhr()),
      module: await asked(import("https://unpkg.com/lib@1/three.mjs").then((m) => m.three)),
      worker: await asked(byWorker(`importScripts("${base}one.js"); postMessage(self.one);`)),
      nested: await asked(byWorker(
        `fetch("${base}data.json").then((r) => r.text()).then(postMessage)`)),
      style: getComputedStyle(document.getElementById("out")).color,
      link: getComputedStyle(document.getElementById("out")).fontWeight,
      picture: document.getElementById("pic").naturalWidth,
    };
    document.getElementById("out").textContent = JSON.stringify(found);
  }
}
api.export(new ImJoyPlugin());
</script>"""
WORKER = """<config lang="json">{"name": "Worker", "type": "web-worker",
"requirements": "https://cdn.jsdelivr.net/npm/lib"}</config>
<script lang="javascript">
api.export({ setup() {}, run() { return `${self.one} from the mirror`; } });
</script>"""
MISSING = WORKER.replace('"Worker"', '"Misses"').replace("npm/lib", "npm/no-such-library@3/x.js")


@pytest.fixture(scope="module")
def npm() -> Iterator[NpmServer]:
    with npm_server() as registry:
        files = {
            "package.json": '{"main": "one.js"}',
            "one.js": "self.one = 'één';",
            "two.js": "window.two = 'two';",
            "three.mjs": "import { four } from 'https://unpkg.com/lib@1/four.mjs';"
            "export const three = `three ${four}`;",
            "four.mjs": "export const four = 'four';",
            "data.json": '"data"',
            "look.css": "#out { color: rgb(1, 2, 3); }",
            "two.css": "#out { font-weight: 700; }",
            "pic.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"/>',
        }
        registry.add("lib", "1.0.0", files)
        yield registry


@pytest.fixture
def offline(npm: NpmServer, start_engine: Callable[..., EngineProcess]) -> EngineProcess:
    return start_engine(environment={"npm_config_registry": npm.address})


def test_every_way_to_load_a_library_leads_to_the_mirror(
    offline: EngineProcess, new_page: Callable[..., Page], trouble
) -> None:
    trouble.allow("ERR_NAME_NOT_RESOLVED", "ERR_INTERNET_DISCONNECTED", "307", "CORS", "ERR_FAILED")
    page = new_page()
    outside: list[str] = []
    page.on(
        "request",
        lambda request: outside.append(request.url) if "127.0.0.1" not in request.url else None,
    )
    workbench = Workbench(page)
    workbench.open(offline.link())
    workbench.expect_engine("Engine connected")

    workbench.install_text(WORKER, "Worker")
    workbench.run("Worker")
    expect(workbench.expect_window("Worker")).to_contain_text("één from the mirror")
    assert [url for url in outside if url.startswith("http")] == []

    workbench.install_text(MISSING, "Misses")
    workbench.run("Misses")
    workbench.expect_alert("There is no package no-such-library on npm", "Name another copy")
    workbench.dismiss_all()

    workbench.install_text(WINDOW.replace(',\n"https://someone.invalid/lib.js"', ""), "Loads")
    workbench.run("Loads")
    out = workbench.expect_window("Loads").frame_locator("iframe").locator("#out")
    expect(out).to_contain_text("required", timeout=30_000)
    found = out.evaluate("(element) => JSON.parse(element.textContent)")
    assert found == {
        "required": "één",
        "src": "two",
        "attribute": "two",
        "fetch": '"data"',
        "xhr": '"data"',
        "module": "three four",
        "worker": "één",
        "nested": '"data"',
        "style": "rgb(1, 2, 3)",
        "link": "700",
        "picture": 7,
    }

    workbench.install_text(WINDOW.replace('"Loads"', '"Unknown"'), "Unknown")
    workbench.run("Unknown")
    workbench.expect_alert("someone.invalid/lib.js cannot be had", "not a host whose files")
