"""Things go wrong: each time the page or the terminal names step, cause and remedy, and goes on."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from journey_engine import EngineProcess
from journey_files import javascript_plugin, png, python_plugin
from journey_page import Workbench
from playwright.sync_api import Page, expect


def expect_all_well(workbench: Workbench) -> None:
    """The page still does its work."""
    workbench.dismiss_all()
    workbench.drop("after.png", png(), "image/png")
    workbench.expect_window("after.png")


def test_a_broken_plugin_file(workbench: Workbench) -> None:
    text = '<config lang="json">\n{\n  "name": "Broken",\n  "type": \n}\n</config>\n'
    workbench.drop("broken.imjoy.html", text.encode())
    workbench.expect_alert("broken", r"line \d", "failed")
    expect_all_well(workbench)


def test_a_plugin_file_without_code(workbench: Workbench) -> None:
    text = '<config lang="json">{"name": "Empty", "type": "web-worker"}</config>'
    workbench.drop("empty.imjoy.html", text.encode())
    workbench.expect_alert("script")
    expect_all_well(workbench)


def test_a_file_of_an_unknown_type(workbench: Workbench) -> None:
    workbench.drop("letter.docx", b"PK\x03\x04 this is no image" * 20)
    workbench.expect_alert("letter.docx")
    expect_all_well(workbench)


@pytest.mark.parametrize("name", ["noise.tif", "noise.png", "noise.jpg"])
def test_40_megabytes_of_noise(workbench: Workbench, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(os.urandom(40_000_000))
    workbench.choose(path)
    workbench.expect_alert(name, seconds=60)
    expect_all_well(workbench)


def test_an_image_that_is_cut_off(workbench: Workbench) -> None:
    workbench.drop("half.png", png(900, 700)[:600], "image/png")
    workbench.expect_alert("half.png")
    expect_all_well(workbench)


@pytest.mark.registry
def test_a_package_that_does_not_exist(workbench: Workbench) -> None:
    name = "imjoy-test-there-is-no-such-package"
    workbench.install_text(python_plugin("Wishful", "return 1", (name,)), "Wishful")
    workbench.run("Wishful")
    workbench.expect_alert(name, seconds=120)
    workbench.expect_state("Wishful", "failed")
    expect_all_well(workbench)


def test_a_requirement_that_is_none(workbench: Workbench) -> None:
    workbench.install_text(python_plugin("Odd", "return 1", ("strange:thing",)), "Odd")
    workbench.run("Odd")
    workbench.expect_alert("strange", seconds=60)
    expect_all_well(workbench)


def test_no_network_at_the_first_start(
    start_engine: Callable[..., EngineProcess], page: Page
) -> None:
    nowhere = "http://127.0.0.1:9"
    names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
    engine = start_engine(environment=dict.fromkeys(names, nowhere))
    workbench = Workbench(page)
    workbench.open(engine.link())
    workbench.expect_engine("Engine connected")
    workbench.install_text(python_plugin("Needs", "return 1", ("tifffile",)), "Needs")
    workbench.run("Needs")
    workbench.expect_alert("network|reach", seconds=120)
    workbench.install_text(python_plugin("Modest", 'return "fine"'), "Modest")
    workbench.run("Modest")
    expect(workbench.expect_window("Modest", seconds=60)).to_contain_text("fine")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 12 MB."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("a small disk needs root")
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("nothing can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], capture_output=True)


@pytest.mark.registry
def test_a_full_disk(
    small_disk: Path, start_engine: Callable[..., EngineProcess], page: Page
) -> None:
    engine = start_engine(home=small_disk)
    workbench = Workbench(page)
    workbench.open(engine.link())
    workbench.expect_engine("Engine connected")
    workbench.install_text(python_plugin("Large", "return 1", ("numpy",)), "Large")
    workbench.run("Large")
    workbench.expect_alert("disk|space", seconds=120)
    workbench.install_text(python_plugin("Small", 'return "fits"'), "Small")
    workbench.run("Small")
    expect(workbench.expect_window("Small", seconds=60)).to_contain_text("fits")
    page.close()
    engine.stop()


def test_a_plugin_in_the_page_that_never_answers(workbench: Workbench) -> None:
    workbench.install_text(javascript_plugin("Endless", "    while (true) {}"), "Endless")
    workbench.install("Gaussian blur")
    workbench.run("Endless")
    workbench.expect_state("Endless", "running")
    workbench.page.get_by_test_id("running-job").get_by_role("button", name="Cancel").click()
    expect(workbench.page.get_by_test_id("running-job")).to_have_count(0, timeout=30_000)
    workbench.dismiss_all()
    workbench.open_sample("Synthetic coins")
    workbench.run("Gaussian blur")
    workbench.expect_window("Synthetic coins, blurred")


def test_a_python_plugin_that_never_answers(workbench: Workbench) -> None:
    body = "import time\nwhile True:\n    time.sleep(0.01)"
    workbench.install_text(python_plugin("Waiting", body), "Waiting")
    workbench.run("Waiting")
    workbench.expect_state("Waiting", "running", seconds=60)
    workbench.page.get_by_test_id("running-job").get_by_role("button", name="Cancel").click()
    expect(workbench.page.get_by_test_id("running-job")).to_have_count(0, timeout=30_000)
    expect_all_well(workbench)


@pytest.mark.timeout(300)
def test_a_plugin_that_prints_a_gigabyte(workbench: Workbench) -> None:
    body = 'line = "x" * 999_999\nfor i in range(1000):\n    print(line)\nreturn "printed"'
    workbench.install_text(python_plugin("Talkative", body), "Talkative")
    workbench.run("Talkative")
    expect(workbench.expect_window("Talkative", seconds=200)).to_contain_text("printed")
    expect(workbench.log_of("Talkative")).to_be_visible()
    expect_all_well(workbench)


def test_many_short_lines(workbench: Workbench) -> None:
    body = 'for i in range(300_000):\n    print("line", i)\nreturn "printed"'
    workbench.install_text(python_plugin("Chatty", body), "Chatty")
    workbench.run("Chatty")
    expect(workbench.expect_window("Chatty", seconds=120)).to_contain_text("printed")
    expect(workbench.log_of("Chatty")).to_contain_text("line 299999")
    expect_all_well(workbench)


def test_a_plugin_that_is_killed(workbench: Workbench) -> None:
    body = "import os\nreturn str(os.getpid())"
    workbench.install_text(python_plugin("Mortal", body), "Mortal")
    workbench.run("Mortal")
    window = workbench.expect_window("Mortal", seconds=60)
    pid = int(re.search(r"\d+", window.locator("pre").inner_text())[0])  # type: ignore[index]
    os.kill(pid, signal.SIGKILL)
    workbench.expect_state("Mortal", "failed")
    expect(workbench.plugin("Mortal")).to_contain_text(re.compile("killed|SIGKILL|signal 9"))
    workbench.close("Mortal")
    workbench.run("Mortal")
    workbench.expect_window("Mortal", seconds=60)


def test_a_port_in_use(start_engine: Callable[..., EngineProcess]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        engine = start_engine(port=port, wait=False)
        assert engine.wait() == 2
    assert f"Port {port} is in use" in engine.text
    assert "--port" in engine.text


def test_a_second_engine_on_the_same_port(
    start_engine: Callable[..., EngineProcess], engine: EngineProcess
) -> None:
    port = int(engine.address.rstrip("/").rsplit(":", 1)[1])
    second = start_engine(port=port, home=engine.home, wait=False)
    assert second.wait() == 2
    assert "ImJoy engine runs there already" in second.text


def test_the_engine_goes_and_comes_back(
    start_engine: Callable[..., EngineProcess], page: Page, trouble
) -> None:
    from journey_servers import free_port

    trouble.allow("WebSocket", "ERR_", "Failed to load resource")
    port = free_port()
    engine = start_engine(port=port)
    workbench = Workbench(page)
    workbench.open(engine.first_link)
    workbench.expect_engine("Engine connected")
    engine.stop()
    workbench.expect_engine("Engine disconnected")
    again = start_engine(port=port, home=engine.home)
    workbench.expect_engine("Engine connected")
    workbench.install_text(python_plugin("Back", 'return "again"'), "Back")
    workbench.run("Back")
    expect(workbench.expect_window("Back", seconds=60)).to_contain_text("again")
    again.stop()
