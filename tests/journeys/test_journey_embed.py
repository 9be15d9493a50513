"""The workbench, and one plugin as an app, inside a page of another site that uses them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from journey_engine import EngineProcess
from journey_files import javascript_plugin, plugin, png
from journey_page import Workbench
from journey_servers import StaticSite, free_port, plugin_server
from playwright.sync_api import Page, expect

PAGE = """<!doctype html><html lang="en"><link rel="icon" href="data:,">
<title>A page of a laboratory</title><h1>Laboratory</h1>
<div id="place" style="width:900px;height:560px"></div>
<script src="BASElib/imjoy-embed.js"></script>
<script>
  window.open_ = async (options) => {
    const place = document.querySelector("#place");
    place.replaceChildren();
    window.imjoy = await imjoyEmbed.open(place, { base: "BASE", ...options });
  };
</script></html>"""
DOUBLES = """    return ctx.data.value * 2;
  }
  double(x) {
    return x * 2;"""
WINDOW = """<window lang="html"><h1>A window of its own</h1><p id="given"></p></window>"""
SHOWS = """class ImJoyPlugin {
  setup() {}
  run(ctx) { document.querySelector("#given").textContent = `zoom ${ctx.data.zoom}`; }
}
api.export(new ImJoyPlugin());"""


@contextmanager
def laboratory(engine: EngineProcess, port: int, **files: str) -> Iterator[str]:
    """A page of another site, on the port that the engine was started for."""
    page = PAGE.replace("BASE", engine.address)
    with plugin_server({"lab.html": page, **files}, port) as address:
        yield address.replace("127.0.0.1", "localhost")


@pytest.fixture
def static(site: Path) -> Iterator[str]:
    server = StaticSite(site)
    yield f"http://127.0.0.1:{server.port}/lab/imjoy/"
    server.stop()


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def open_engine(start_engine: Callable[..., EngineProcess], port: int) -> EngineProcess:
    return start_engine("--embed-in", f"http://localhost:{port}")


def test_a_page_of_another_site_uses_the_workbench(
    page: Page, open_engine: EngineProcess, port: int
) -> None:
    page.set_default_timeout(20_000)
    with laboratory(open_engine, port) as site:
        page.goto(f"{site}lab.html")
        parameters = {"plugin": "Gaussian blur", "open": "sample:coins", "w": "temporary"}
        parameters |= {"standalone": "1", "token": open_engine.token,
                       "engine": open_engine.address}  # fmt: skip
        page.evaluate("options => open_(options)", {"parameters": parameters})
        inside = page.frame_locator("#place iframe")
        inside.get_by_role("dialog", name="Install Gaussian blur?").get_by_role(
            "button", name="Install"
        ).click()
        expect(inside.get_by_role("region", name="Window Synthetic coins")).to_be_visible()
        expect(inside.get_by_role("banner")).to_have_count(0)
        page.evaluate(
            """async () => {
              const blur = await imjoy.getPlugin("Gaussian blur");
              window.facts = { name: blur.name };
              const image = imjoy.ndarray(new Float32Array(64 * 64).fill(7), [64, 64]);
              await imjoy.createWindow({ type: "imjoy/image", name: "Sent", data: { image } });
            }"""
        )
        expect(inside.get_by_role("region", name="Window Sent")).to_be_visible()
        page.screenshot(path="/tmp/embed-around.png")
        refused = page.evaluate(
            "imjoy.getPlugin('No such').then(() => '', (error) => error.message)"
        )
        assert 'There is no plugin "No such"' in refused


def test_other_sites_may_not(
    new_page: Callable[..., Page], open_engine: EngineProcess, trouble: object
) -> None:
    trouble.allow("frame-ancestors", "ancestor", "403")  # type: ignore[attr-defined]
    page = new_page()
    with laboratory(open_engine, 0) as site:
        page.goto(f"{site}lab.html")
        page.evaluate("open_({ timeout: 3000 }).catch((error) => { window.said = error.message; })")
        page.wait_for_function("window.said")
        assert "--embed-in" in page.evaluate("window.said")
        frames = [frame for frame in page.frames if frame.url.startswith(open_engine.address)]
        assert all(frame.locator("#app > *").count() == 0 for frame in frames)


def test_a_page_asks_the_user_where_no_engine_says_who_may(page: Page, static: str) -> None:
    """A workbench on any web server: its user decides, once for each site."""
    page_text = PAGE.replace("BASE", static)
    # Another port is another origin, but the same site: there browsers let the frame remember.
    with plugin_server({"lab.html": page_text}) as site:
        page.goto(f"{site}lab.html")
        inside = page.frame_locator("#place iframe")
        for answer in ("Cancel", "Allow"):
            page.evaluate(
                "() => { said = null; open_({}).catch((error) => { window.said = error.message; }); }"
            )
            question = inside.get_by_role(
                "dialog", name=f"Let {site.rstrip('/')} use this workbench?"
            )
            question.get_by_role("button", name=answer).click()
            page.wait_for_function("window.said || window.imjoy")
            if answer == "Cancel":
                assert "was not opened for" in page.evaluate("window.said")
        page.evaluate("window.imjoy = null; open_({})")
        page.wait_for_function("window.imjoy")
        page.evaluate("imjoy.showMessage('Hello from around')")
        expect(inside.get_by_label("Notices")).to_contain_text("Hello from around")


LOOKS = [
    pytest.param({"viewport": {"width": 1280, "height": 800}}, id="wide"),
    pytest.param({"viewport": {"width": 360, "height": 640}, "color_scheme": "dark"}, id="narrow"),
]


@pytest.mark.parametrize("look", LOOKS)
def test_one_plugin_as_an_app(
    new_page: Callable[..., Page], engine: EngineProcess, look: dict[str, object]
) -> None:
    page = new_page(**look)
    width = look["viewport"]["width"]  # type: ignore[index]
    files = {
        "shows.imjoy.html": plugin("Shows", SHOWS, "window") + WINDOW,
        "doubles.imjoy.html": javascript_plugin("Doubles", DOUBLES),
    }
    with plugin_server(files) as server:
        page.goto(f"{engine.address}lite.html#/lite?plugin=Gaussian blur&open=sample:coins")
        page.get_by_role("dialog", name="Install Gaussian blur?").get_by_role(
            "button", name="Install"
        ).click()
        expect(page.get_by_role("heading", name="Gaussian blur", level=1)).to_be_visible()
        expect(page.get_by_role("region", name="Window Synthetic coins")).to_be_visible()
        page.get_by_role("button", name="Run Gaussian blur").click()
        result = page.get_by_role("region", name="Window Synthetic coins, blurred")
        expect(result).to_be_visible()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.screenshot(path=f"/tmp/embed-lite-{width}.png")
        page.get_by_role("tab", name="Synthetic coins", exact=True).click()
        expect(result).to_be_hidden()

        page.goto(f"{engine.address}lite.html?plugin={server}shows.imjoy.html&zoom=4")
        page.get_by_role("dialog", name="Install Shows?").get_by_role(
            "button", name="Install"
        ).click()
        inside = page.frame_locator("iframe[title='Shows']")
        expect(inside.get_by_text("zoom 4")).to_be_visible()
        assert violations(page) == []
        page.screenshot(path=f"/tmp/embed-lite-window-{width}.png")
        page.goto(f"{engine.address}lite.html")
        expect(page.get_by_text("The address names no plugin")).to_be_visible()


def violations(page: Page) -> list[str]:
    return Workbench(page).violations()


def test_the_picture_of_a_file_opens_in_the_app(page: Page, engine: EngineProcess) -> None:
    page.goto(f"{engine.address}lite.html#/lite?plugin=Histogram")
    page.get_by_role("dialog", name="Install Histogram?").get_by_role(
        "button", name="Install"
    ).click()
    Workbench(page).drop("cells.png", png())
    expect(page.get_by_role("region", name="Window cells.png")).to_be_visible()
