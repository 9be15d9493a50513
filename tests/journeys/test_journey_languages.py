"""JavaScript and Python call each other: arrays, functions, objects, errors."""

from __future__ import annotations

import pytest
from journey_files import plugin
from journey_page import Workbench
from playwright.sync_api import expect

CALLER = """from imjoy import api


class ImJoyPlugin:
    def setup(self):
        pass

    async def run(self, ctx):
        friend = await api.get_plugin("Two languages")
        return await friend.greet("Python")


api.export(ImJoyPlugin())
"""


@pytest.mark.registry
@pytest.mark.timeout(300)
def test_two_languages(workbench: Workbench) -> None:
    workbench.install("Two languages")
    workbench.install("Array statistics")
    workbench.run("Two languages")
    report = workbench.expect_window("Two languages", seconds=200)
    for words in ("100 times, in order", "kept count", "doubled the answer", "on purpose"):
        expect(report).to_contain_text(words)

    workbench.install_text(plugin("Caller", CALLER), "Caller")
    workbench.run("Caller")
    expect(workbench.expect_window("Caller", seconds=60)).to_contain_text("Hello Python")
