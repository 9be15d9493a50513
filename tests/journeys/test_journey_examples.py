"""The plugins of the README and of the tutorial, as a person would try them."""

from __future__ import annotations

from pathlib import Path

import pytest
from journey_page import Workbench
from playwright.sync_api import expect

ROOT = Path(__file__).resolve().parents[2]


def test_the_first_plugin_in_javascript(workbench: Workbench) -> None:
    text = (ROOT / "examples" / "brightness.imjoy.html").read_text("utf-8")
    workbench.install_text(text, "Brightness")
    workbench.open_sample("Synthetic coins")
    workbench.run("Brightness")
    expect(workbench.expect_window("Brightness")).to_contain_text("Mean brightness: ")


@pytest.mark.registry
def test_the_first_plugin_in_python(workbench: Workbench) -> None:
    text = (ROOT / "examples" / "brightness-python.imjoy.html").read_text("utf-8")
    workbench.install_text(text, "Brightness in Python")
    workbench.open_sample("Synthetic coins")
    workbench.run("Brightness in Python")
    window = workbench.expect_window("Brightness in Python", seconds=200)
    expect(window).to_contain_text("Mean brightness: ")


def test_the_plugin_of_the_tutorial(workbench: Workbench) -> None:
    text = (ROOT / "docs" / "tutorial" / "first-plugin.md").read_text("utf-8")
    workbench.page.get_by_role("button", name="Open sample image").click()
    workbench.expect_window("Synthetic nuclei")
    workbench.install_text(text.split("```html\n")[1].split("```")[0], "Threshold")
    workbench.run("Threshold")
    window = workbench.expect_window("Synthetic nuclei above 1000")
    expect(window.get_by_role("button", name="Labels")).to_be_visible()
