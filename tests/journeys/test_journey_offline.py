"""The page as static files below a sub-path, with no engine; and again when the server is gone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from journey_page import Workbench
from journey_servers import StaticSite
from playwright.sync_api import Page, expect


@pytest.fixture
def server(site: Path) -> Iterator[StaticSite]:
    started = StaticSite(site)
    yield started
    started.stop()


@pytest.mark.timeout(240)
def test_the_page_needs_no_engine_and_no_network(
    server: StaticSite, new_page: Callable[..., Page], trouble
) -> None:
    workbench = Workbench(new_page())
    workbench.open(f"http://127.0.0.1:{server.port}/lab/imjoy/")
    workbench.expect_engine("No engine")
    for name in ("Gaussian blur", "Edges with TensorFlow.js", "Histogram"):
        workbench.install(name)
    run_all(workbench)
    ready = "navigator.serviceWorker.ready.then((r) => r.active.state)"
    assert workbench.page.evaluate(ready) in ("activating", "activated")
    workbench.page.wait_for_function("navigator.serviceWorker.controller !== null")

    workbench.expect_saved()
    server.stop()
    trouble.allow("ERR_CONNECTION_REFUSED", "ERR_INTERNET_DISCONNECTED", "Failed to update")
    workbench.page.reload()
    workbench.expect_engine("No engine")
    workbench.expect_installed("Edges with TensorFlow.js")
    close_all(workbench)
    run_all(workbench)


def close_all(workbench: Workbench) -> None:
    """The workspace is as it was left; it is emptied with the keyboard."""
    windows = workbench.page.get_by_test_id("window")
    for title in ("Synthetic coins", "Synthetic coins, edges", "Histogram"):
        workbench.expect_window(title)
    for left in reversed(range(windows.count())):
        workbench.page.keyboard.press("Alt+W")
        expect(windows).to_have_count(left)


def run_all(workbench: Workbench) -> None:
    image = workbench.open_sample("Synthetic coins")
    workbench.run("Edges with TensorFlow.js")
    edges = workbench.expect_window("Synthetic coins, edges", seconds=90)
    low, high = workbench.picture(edges).convert("L").getextrema()
    assert high - low > 50
    workbench.activate(image)
    workbench.run("Gaussian blur")
    workbench.expect_window("Synthetic coins, blurred")
    workbench.activate(image)
    workbench.run("Histogram")
    frame = workbench.expect_window("Histogram").frame_locator("iframe")
    expect(frame.locator("canvas")).to_have_attribute("aria-label", re.compile("values from"))


def test_a_python_plugin_says_that_it_needs_an_engine(
    server: StaticSite, new_page: Callable[..., Page]
) -> None:
    workbench = Workbench(new_page())
    workbench.open(f"http://127.0.0.1:{server.port}/lab/imjoy/")
    text = workbench.install("Segment cells")
    assert "No Python engine is connected" in text
    workbench.run("Segment cells")
    workbench.expect_alert("engine")


def test_the_app_can_be_installed(server: StaticSite, page: Page) -> None:
    page.goto(f"http://127.0.0.1:{server.port}/lab/imjoy/")
    href = page.locator('link[rel="manifest"]').get_attribute("href")
    manifest = page.evaluate("(href) => fetch(href).then((r) => r.json())", href)
    assert {icon["sizes"] for icon in manifest["icons"]} >= {"192x192", "512x512"}
    assert manifest["start_url"] == "./"
