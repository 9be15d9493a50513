"""Runs the browser plugins of some folders on the published imjoy-core, for comparison with ImJoy.

`python benchmarks/compatibility_core.py FOLDER... --json FILE [--home FOLDER]`

Under the same conditions as `compatibility_table.py`: plugins that lie beside one are installed
first, libraries come from the library mirror, nothing else of the internet is reached, and every
question is answered with what is offered. `compatibility_table.py --core FILE` shows the result.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

import bench_plugins  # noqa: E402
from measuring_page import npm_package  # noqa: E402

import setup_env  # noqa: E402
from imjoy.cli.beside import Beside  # noqa: E402
from imjoy.cli.judge import plugin_files  # noqa: E402
from imjoy.errors import ManifestError  # noqa: E402
from imjoy.plugins import parse_plugin  # noqa: E402
from imjoy.vendor import Mirror, NotMirrored  # noqa: E402

SECONDS = 20
RUN = """async ([text, others, milliseconds]) => {
  const inTime = (work) => Promise.race([work, new Promise((_, no) =>
    setTimeout(() => no(new Error(`no end within ${milliseconds / 1000} s`)), milliseconds))]);
  const errors = [];
  addEventListener("unhandledrejection", ({ reason }) => errors.push(String(reason)));
  let at = "load";
  try {
    for (const other of others) await inTime(ready.pm.reloadPlugin({ code: other })).catch(() => {});
    const plugin = await inTime(ready.pm.reloadPlugin({ code: text }));
    at = "run";
    if (plugin?.api?.run) await inTime(plugin.api.run({ data: {}, config: {} }));
    await new Promise((resolve) => setTimeout(resolve, 400));
    return { ok: errors.length === 0, at: "end", said: errors[0] ?? "" };
  } catch (error) {
    return { ok: false, at, said: String(error?.message ?? error) };
  }
}"""

Verdict = dict[str, Any]


class Core:
    """imjoy-core in a browser, with the library mirror for its network."""

    def __init__(self, browser: Browser, address: str, mirror: Mirror) -> None:
        self.browser, self.address, self.mirror = browser, address, mirror

    def run(self, text: str, others: list[str]) -> Verdict:
        """What becomes of a plugin in a page of its own."""
        page = self.browser.new_page()
        try:
            self._prepare(page)
            page.goto(f"{self.address}bench.html")
            page.wait_for_function("'ready' in globalThis", timeout=60_000)
            verdict: Verdict = page.evaluate(RUN, [text, others, SECONDS * 1000])
            return verdict
        finally:
            page.close()

    def _prepare(self, page: Page) -> None:
        page.on("dialog", lambda dialog: dialog.accept())
        elsewhere = ("blob:", "data:", self.address)
        page.route(lambda url: not url.startswith(elsewhere), self._answer)

    def _answer(self, route: Route) -> None:
        try:
            found = self.mirror.get(route.request.url)
        except NotMirrored:
            route.abort()
            return
        headers = {"content-type": found.media_type, "access-control-allow-origin": "*"}
        route.fulfill(status=200, body=found.data, headers=headers)


def run_all(folders: list[Path], core: Core) -> list[Verdict]:
    """A verdict for each plugin that runs in a browser."""
    files = plugin_files(folders)
    beside = Beside(files)
    verdicts = []
    for file in files:
        try:
            manifest = parse_plugin(beside.texts[file]).manifest
        except ManifestError:
            continue
        if manifest.type == "native-python":
            continue
        others = [beside.texts[one] for one in beside.needed_by(file)]
        verdict = core.run(beside.texts[file], others)
        verdicts.append({"file": str(file), "name": manifest.name, **verdict})
        print("ok  " if verdict["ok"] else "MISS", file.name, verdict["said"][:200], flush=True)
    return verdicts


def main() -> int:
    """Run the plugins; returns 0 whatever becomes of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--home", type=Path, help="keeps the libraries for the next time")
    options = parser.parse_args()
    dist = npm_package(bench_plugins.PEER) / "dist"
    (dist / "bench.html").write_text(bench_plugins.PEER_PAGE, "utf-8")
    with (
        tempfile.TemporaryDirectory() as temporary,
        bench_plugins.served(dist) as address,
        sync_playwright() as playwright,
    ):
        mirror = Mirror((options.home or Path(temporary)) / "vendor")
        flags = ["--disable-gpu", "--no-sandbox"]
        browser = playwright.chromium.launch(executable_path=setup_env.find_browser(), args=flags)
        verdicts = run_all(options.folders, Core(browser, address, mirror))
        browser.close()
    options.json.write_text(json.dumps(verdicts, indent=1), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
