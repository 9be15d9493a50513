"""The engine on another machine: reachable with its token only, and honest about the risk."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from journey_engine import EngineProcess
from journey_files import python_plugin
from journey_page import Workbench
from playwright.sync_api import Browser, Page, expect


class Network(NamedTuple):
    name: str  # of the other host's network namespace
    engine: str  # address of the engine's side


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture
def network() -> Iterator[Network]:
    """Another host: a network namespace with one cable to this one."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("a second host needs root and the command `ip`")
    name, number = f"imjoy-{os.getpid()}", os.getpid() % 250
    near, far = f"ij{number}a", f"ij{number}b"
    try:
        ip("netns", "add", name)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no network namespaces here: {error.stderr.decode().strip()}")
    try:
        ip("link", "add", near, "type", "veth", "peer", "name", far)
        # Without an address that IPv6 makes up seconds later, which a browser takes for a changed
        # network and breaks its requests off.
        ip("link", "set", near, "addrgenmode", "none")
        ip("link", "set", far, "netns", name)
        ip("-n", name, "link", "set", far, "addrgenmode", "none")
        ip("addr", "add", f"10.213.{number}.1/24", "dev", near)
        ip("link", "set", near, "up")
        ip("-n", name, "addr", "add", f"10.213.{number}.2/24", "dev", far)
        ip("-n", name, "link", "set", far, "up")
        ip("-n", name, "link", "set", "lo", "up")
        yield Network(name, f"10.213.{number}.1")
    finally:
        subprocess.run(["ip", "link", "del", near], capture_output=True)
        subprocess.run(["ip", "netns", "del", name], capture_output=True)


@pytest.fixture
def far_browser(
    network: Network, launch: Callable[..., Browser], browser_path: str, tmp_path: Path
) -> Iterator[Browser]:
    """A browser on the other host."""
    wrapper = tmp_path / "browser"
    wrapper.write_text(f'#!/bin/sh\nexec ip netns exec {network.name} {browser_path} "$@"\n')
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
    browser = launch(str(wrapper))
    yield browser
    browser.close()


def test_another_host_signs_in_with_the_token(
    network: Network,
    far_browser: Browser,
    start_engine: Callable[..., EngineProcess],
    new_page: Callable[..., Page],
    trouble,
) -> None:
    engine = start_engine("--host=0.0.0.0")
    port = engine.address.rstrip("/").rsplit(":", 1)[1]
    address = f"http://{network.engine}:{port}/"

    # The browser notices late that the network of the test has been set up; it asks again.
    trouble.allow("401", "ERR_NETWORK_CHANGED")
    workbench = Workbench(new_page(far_browser))
    workbench.open(address)
    workbench.expect_engine("Signed out")
    workbench.page.get_by_label("Token").fill("not the token")
    workbench.page.get_by_role("button", name="Sign in").click()
    expect(workbench.page.get_by_role("main").get_by_role("alert")).to_be_visible()
    workbench.page.get_by_label("Token").fill(engine.token)
    workbench.page.get_by_role("button", name="Sign in").click()
    workbench.expect_engine("Engine connected")

    # No secure context there, and all of it works.
    assert workbench.page.evaluate("isSecureContext") is False
    workbench.open_sample("Synthetic coins")
    workbench.install("Gaussian blur")
    workbench.run("Gaussian blur")
    workbench.expect_window("Synthetic coins, blurred")
    body = 'return "python " + str(ctx["data"]["image"] is not None)'
    workbench.install_text(python_plugin("There", body), "There")
    workbench.run("There")
    expect(workbench.expect_window("There", seconds=60)).to_contain_text("python True")

    workbench.page.close()
    engine.stop()
    assert "Not safe" in engine.text and "Safe" in engine.text
    assert address in engine.text
    assert engine.token not in engine.text
