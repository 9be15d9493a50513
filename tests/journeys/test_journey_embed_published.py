"""The workbench inside a page of another site that uses the published imjoy-core, as its window plugin."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from journey_engine import EngineProcess
from journey_servers import free_port, plugin_server
from playwright.sync_api import Page, expect

LIBRARIES = ("imjoy-core@0.14.5", "imjoy-rpc@0.5.59")
PAGE = """<!doctype html><html lang="en"><link rel="icon" href="data:,">
<title>A page with imjoy-core</title><h1>Laboratory</h1>
<div id="place" style="width:900px;height:560px"></div>
<script src="imjoy-core.min.js"></script>
<script>
  window.open_ = async (src) => {
    const { ImJoy } = window["imjoy-core"] ?? window.imjoyCore;
    const imjoy = new ImJoy({ imjoy_api: {}, default_rpc_base_url: new URL("./", location).href });
    await imjoy.start({ workspace: "default" });
    imjoy.event_bus.on("add_window", ({ window_id }) => {
      const element = document.createElement("div");
      element.id = window_id;
      element.style.height = "560px";
      document.querySelector("#place").append(element);
    });
    window.workbench = await imjoy.api.createWindow({ src, name: "ImJoy" });
  };
</script></html>"""


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | bytes]:
    """The built files of the published packages."""
    folder = tmp_path_factory.mktemp("published")
    npm = shutil.which("npm")
    assert npm is not None
    command = [npm, "pack", "--silent", *LIBRARIES]
    subprocess.run(command, cwd=folder, check=True, timeout=200, env=os.environ.copy())
    files: dict[str, str | bytes] = {}
    for package in folder.glob("*.tgz"):
        name = f"{package.name.rsplit('-', 1)[0]}.min.js"
        files[name] = member(package, f"package/dist/{name}")
    return files


def member(package: Path, name: str) -> bytes:
    with tarfile.open(package) as archive:
        file = archive.extractfile(name)
        assert file is not None
        return file.read()


@pytest.mark.registry
@pytest.mark.timeout(300)
def test_a_page_with_imjoy_core_uses_the_workbench(
    new_page: Callable[..., Page],
    start_engine: Callable[..., EngineProcess],
    libraries: dict[str, str | bytes],
    trouble: object,
) -> None:
    # The page around looks for engines and plugins of its own, elsewhere.
    trouble.allow("")  # type: ignore[attr-defined]
    port = free_port()
    engine = start_engine("--embed-in", f"http://localhost:{port}")
    page = new_page()
    with plugin_server({"lab.html": PAGE, **libraries}, port):
        page.goto(f"http://localhost:{port}/lab.html")
        asked = {"expose": "1", "w": "temporary", "token": engine.token, "engine": engine.address}
        address = f"{engine.address}#/app?{urlencode(asked)}"
        page.evaluate("src => open_(src)", address)
        inside = page.frame_locator("#place iframe")
        expect(inside.get_by_role("heading", name="ImJoy", exact=True)).to_be_visible()
        # Calls of the page around are services of the workbench inside.
        page.evaluate("workbench.showMessage('Hello from imjoy-core')")
        expect(inside.get_by_label("Notices")).to_contain_text("Hello from imjoy-core")
        page.evaluate(
            """async () => {
              const image = { _rtype: "ndarray", _rvalue: new Uint8Array(64 * 48).fill(9).buffer,
                              _rshape: [48, 64], _rdtype: "uint8" };
              const view = await workbench.createWindow(
                { type: "imjoy/image", name: "Sent", data: { image } });
              window.viewName = view.name ?? view.config?.name;
            }"""
        )
        expect(inside.get_by_role("region", name="Window Sent")).to_be_visible()
        refused = page.evaluate(
            "workbench.getPlugin('No such').then(() => '', (error) => String(error))"
        )
        assert 'There is no plugin "No such"' in refused


@pytest.mark.registry
@pytest.mark.timeout(300)
def test_a_site_that_is_not_allowed_is_told_so(
    new_page: Callable[..., Page],
    site: Path,
    libraries: dict[str, str | bytes],
    trouble: object,
) -> None:
    """On any web server the user of the workbench decides, and here says no."""
    from journey_servers import StaticSite

    trouble.allow("")  # type: ignore[attr-defined]
    static = StaticSite(site)
    page = new_page()
    try:
        with plugin_server({"lab.html": PAGE, **libraries}) as around:
            page.goto(f"{around}lab.html")
            page.evaluate(
                "src => { open_(src).catch((error) => { window.said = String(error); }); }",
                f"http://127.0.0.1:{static.port}/lab/imjoy/#/app?expose=1",
            )
            question = page.frame_locator("#place iframe").get_by_role(
                "dialog", name=f"Let {around.rstrip('/')} use this workbench?"
            )
            question.get_by_role("button", name="Cancel").click()
            page.wait_for_function("window.said")
            assert "was not opened for" in page.evaluate("window.said")
    finally:
        static.stop()
