"""JavaScript and Python call each other: arrays, functions, objects, errors."""

from __future__ import annotations

import pytest
from journey_files import javascript_plugin, plugin
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
    # In this order nothing is left that "Two languages" would ask for.
    workbench.install("Array statistics")
    workbench.install("Two languages")
    workbench.run("Two languages")
    report = workbench.expect_window("Two languages", seconds=200)
    for words in ("100 times, in order", "kept count", "doubled the answer", "on purpose"):
        expect(report).to_contain_text(words)

    workbench.install_text(plugin("Caller", CALLER), "Caller")
    workbench.run("Caller")
    expect(workbench.expect_window("Caller", seconds=60)).to_contain_text("Hello Python")


CAMERA = """from imjoy import api


class ImJoyPlugin:
    def setup(self):
        pass

    def frames(self, count):
        for number in range(count):
            yield number

    async def add_up(self, numbers):
        return sum([number async for number in numbers])

    async def run(self, ctx):
        return "ready"


api.export(ImJoyPlugin())
"""
VIEWER = """
    const camera = await api.getPlugin("Camera");
    let seen = 0;
    for await (const frame of await camera.frames(500)) seen += frame;
    const back = await camera.add_up((function* () { yield 20; yield 22; })());
    return `saw ${seen} and sent ${back}`;
"""


def test_streams_cross_both_ways(workbench: Workbench) -> None:
    workbench.install_text(plugin("Camera", CAMERA), "Camera")
    workbench.install_text(javascript_plugin("Viewer", VIEWER), "Viewer")
    workbench.run("Viewer")
    result = workbench.expect_window("Viewer", seconds=90)
    expect(result).to_contain_text("saw 124750 and sent 42")
