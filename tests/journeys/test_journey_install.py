"""A person gets plugins from a file, an address, the library, and knows first what they do."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from journey_engine import EngineProcess
from journey_files import javascript_plugin
from journey_page import Workbench
from journey_servers import plugin_server
from playwright.sync_api import Page, expect

GREETING = javascript_plugin("Greeting", '    return "Hello from " + api.config.name;')


def test_a_plugin_file_is_dropped(workbench: Workbench) -> None:
    workbench.drop("greeting.imjoy.html", GREETING.encode(), "text/html")
    text = workbench.agree_to_install("Greeting")
    assert "closed off" in text
    workbench.run("Greeting")
    window = workbench.expect_window("Greeting")
    expect(window).to_contain_text("Hello from Greeting")


def test_a_declined_plugin_is_not_there(workbench: Workbench) -> None:
    workbench.drop("greeting.imjoy.html", GREETING.encode(), "text/html")
    workbench.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    workbench.tab("Plugins")
    expect(workbench.plugin("Greeting")).to_have_count(0)


def test_a_plugin_comes_from_an_address_and_stays(workbench: Workbench) -> None:
    with plugin_server({"greeting.imjoy.html": GREETING}) as address:
        workbench.tab("Library")
        field = workbench.page.get_by_label("Address of a plugin file")
        field.fill(f"{address}greeting.imjoy.html")
        workbench.page.get_by_role("button", name="Install from address").click()
        workbench.agree_to_install("Greeting")
    workbench.page.reload()
    workbench.expect_installed("Greeting")
    workbench.run("Greeting")
    workbench.expect_window("Greeting")


def test_a_repository_is_found_without_the_internet(
    new_page: Callable[..., Page],
    start_engine: Callable[..., EngineProcess],
    tmp_path: Path,
    trouble,
) -> None:
    """With what a plugin depends on, in a circle, and with a missing one named."""
    trouble.allow("Failed to load resource")
    folder = tmp_path / "imjoy-team" / "ImJoy-Plugins"
    folder.mkdir(parents=True)
    body = '    const other = await api.getPlugin("Other");\n    return await other.greet();'
    first = javascript_plugin("First", body).replace(
        '"ui": ""', '"ui": "", "dependencies": ["oeway/ImJoy-Plugins:Other", "u/r:Missing"]'
    )
    other = javascript_plugin("Other", "  }\n  greet() {\n    return 'Hello from the other';")
    other = other.replace('"ui": ""', '"ui": "", "dependencies": ["First"]')
    (folder / "First.imjoy.html").write_text(first)
    (folder / "Other.imjoy.html").write_text(other)
    workbench = Workbench(new_page())
    workbench.open(start_engine("--plugin-mirror", str(tmp_path)).link())
    workbench.expect_engine("Engine connected")
    workbench.tab("Library")
    workbench.page.get_by_role("searchbox", name="Search plugins").fill("First")
    listed = workbench.page.get_by_role("article", name="First", exact=True)
    expect(listed).to_contain_text("imjoy-team/ImJoy-Plugins")
    listed.get_by_role("button", name="Details of First").click()
    expect(listed).to_contain_text("u/r:Missing")
    workbench.page.get_by_label("Address of a plugin file").fill("oeway/imjoy-plugins:First")
    workbench.page.get_by_role("button", name="Install from address").click()
    dialog = workbench.page.get_by_role("dialog")
    for name in ("First", "Other"):
        expect(dialog).to_contain_text(f"Install {name}?")
        dialog.get_by_role("button", name="Install", exact=True).click()
    workbench.expect_installed("Other")
    workbench.run("First")
    expect(workbench.expect_window("First")).to_contain_text("Hello from the other")
    expect(workbench.log_of("First")).to_contain_text("u/r:Missing (")


def test_an_address_with_nothing_there(workbench: Workbench, trouble) -> None:
    trouble.allow("404")
    with plugin_server({}) as address:
        workbench.tab("Library")
        field = workbench.page.get_by_label("Address of a plugin file")
        field.fill(f"{address}gone.imjoy.html")
        workbench.page.get_by_role("button", name="Install from address").click()
        workbench.expect_alert("404")


def test_the_library_tells_what_a_plugin_needs_and_touches(workbench: Workbench) -> None:
    text = workbench.install("Segment cells")
    assert "scikit-image" in text
    assert "All files and programs" in text
    text = workbench.install("Gaussian blur")
    assert "It may not reach the network" in text


def test_plugins_of_the_library_run_in_the_page(workbench: Workbench) -> None:
    for name in ("Gaussian blur", "Otsu threshold", "Histogram"):
        workbench.install(name)
    image = workbench.open_sample("Synthetic coins")
    workbench.run("Gaussian blur")
    workbench.expect_window("Synthetic coins, blurred")
    workbench.activate(image)
    workbench.run("Otsu threshold")
    labelled = workbench.expect_window(re.compile(r"Synthetic coins, \d+ objects"))
    expect(labelled.get_by_role("button", name="Labels")).to_be_visible()
    workbench.activate(image)
    workbench.run("Histogram")
    frame = workbench.expect_window("Histogram").frame_locator("iframe")
    expect(frame.locator("canvas")).to_have_attribute("aria-label", re.compile("values from"))


def test_without_an_image_a_plugin_says_what_to_do(workbench: Workbench) -> None:
    workbench.install("Gaussian blur")
    workbench.run("Gaussian blur")
    workbench.expect_alert("No image is open", "Open one")
