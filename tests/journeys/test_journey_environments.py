"""A person sees before an install what it fetches, agrees to a command, checks, updates, goes back."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from journey_engine import EngineProcess
from journey_files import python_plugin
from journey_page import Workbench
from local_index import LocalIndex
from playwright.sync_api import Page, expect

OUTPUT = Path(__file__).resolve().parents[1] / ".output"
SCRIPT = """import subprocess, tiny, needed
said = subprocess.check_output(["measure-tool"], text=True)
return tiny.version + " " + needed.version + " " + said
"""


@pytest.fixture
def lab(
    index: LocalIndex, channel: str, start_engine: Callable[..., EngineProcess]
) -> EngineProcess:
    """An engine whose packages come from this computer."""
    index.add("tiny", "1.0", ("needed",), size=4_000_000)
    index.add("needed", "1.0")
    index.rate = 2_000_000
    variables = {"UV_DEFAULT_INDEX": index.url, "IMJOY_CONDA_CHANNELS": channel}
    return start_engine(environment=variables)


def picture(page: Page, name: str) -> None:
    """Kept for people to look at."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUTPUT / f"environments-{name}.png")


@pytest.mark.timeout(420)
def test_environments_from_preview_to_removal(
    lab: EngineProcess, index: LocalIndex, new_page: Callable[..., Page]
) -> None:
    page = new_page()
    workbench = Workbench(page)
    workbench.open(lab.link())
    workbench.expect_engine("Engine connected")
    requirements = ("tiny==1.0", "conda: measure-tool", "cmd: touch agreed")
    text = python_plugin("Lab", SCRIPT, requirements)

    # Before anything of it runs, its card says what will be fetched.
    workbench.drop("lab.imjoy.html", text.encode())
    preview = page.get_by_test_id("environment-preview")
    expect(preview).to_contain_text(re.compile(r"To fetch: [\d.]+ MB"), timeout=60_000)
    expect(preview).to_contain_text("touch agreed")
    preview.get_by_text("Packages", exact=True).click()
    expect(preview.get_by_role("row", name=re.compile("tiny 1.0 pinned"))).to_be_visible()
    expect(
        preview.get_by_role("row", name=re.compile("needed 1.0 needed by others"))
    ).to_be_visible()
    expect(preview.get_by_role("row", name=re.compile("measure-tool conda"))).to_be_visible()
    assert workbench.violations() == []
    picture(page, "preview")
    workbench.agree_to_install("Lab")

    # Its command runs only after the person has agreed.
    workbench.run("Lab")
    question = page.get_by_role("dialog", name="Let Lab run commands?")
    expect(question).to_contain_text("touch agreed", timeout=60_000)
    question.get_by_role("button", name="Cancel").click()
    workbench.expect_alert("touch agreed")
    workbench.dismiss_all()
    workbench.watch_jobs()
    workbench.run("Lab")
    question.get_by_role("button", name="Run them").click()
    result = workbench.expect_window(re.compile("Lab"), seconds=120)
    expect(result).to_contain_text("1.0 1.0 measured by")
    seen = "\n".join(workbench.seen_jobs())
    assert re.search(r"[\d.]+ [kM]B of [\d.]+ MB", seen), seen
    assert re.search(r"about \d+ s left", seen), seen
    assert re.search(r"\d of 4 packages", seen), seen

    # What it occupies, and whether it is whole.
    workbench.tab("Environments")
    item = page.get_by_role("article", name="Environment of Lab", exact=True)
    expect(item).to_contain_text("4 packages")
    expect(item).to_contain_text("in use now")
    item.get_by_text("Packages", exact=True).click()
    expect(item.get_by_role("row", name=re.compile("measure-tool 2.1 conda"))).to_be_visible()
    item.get_by_role("button", name="Check Lab").click()
    expect(page.get_by_role("status").filter(has_text="as they were installed")).to_be_visible()
    key = item.get_attribute("data-key") or ""
    assert workbench.violations() == []
    picture(page, "panel")

    # Something else writes into it.
    planted = lab.home / "envs" / key / "bin" / "odd"
    planted.write_text("#!/bin/sh\n")
    item.get_by_role("button", name="Check Lab").click()
    mend = page.get_by_role("dialog", name="Mend the environment?")
    expect(mend).to_contain_text("bin/odd came from elsewhere")
    picture(page, "mend")
    mend.get_by_role("button", name="Cancel").click()
    planted.unlink()

    # One made by hand, after a look at what it fetches; the plugin asks for more than it has.
    page.get_by_text("New environment", exact=True).click()
    page.get_by_label("Name", exact=True).fill("By hand")
    page.get_by_label("Packages, one in a line").fill("needed\ncmd: touch by-hand\n")
    page.get_by_role("button", name="Show what is fetched").click()
    expect(page.get_by_test_id("new-environment-preview")).to_contain_text("Nothing is fetched")
    assert workbench.violations() == []
    picture(page, "new")
    page.get_by_role("button", name="Make it").click()
    commands = page.get_by_role("dialog", name="Let By hand run commands?")
    expect(commands).to_contain_text("touch by-hand", timeout=60_000)
    commands.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("article", name="Environment of By hand")).to_have_count(0)
    page.get_by_role("button", name="Make it").click()
    commands.get_by_role("button", name="Run them").click()
    by_hand = page.get_by_role("article", name="Environment of By hand", exact=True)
    expect(by_hand).to_contain_text("one package", timeout=60_000)
    by_hand.get_by_label("Let a plugin use the environment of By hand").select_option("Lab")
    expect(page.get_by_role("tabpanel").get_by_role("alert")).to_contain_text(
        "tiny", timeout=60_000
    )
    by_hand.get_by_role("button", name="Remove the environment of By hand").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(by_hand).to_have_count(0)

    # Newer packages, and back.
    index.add("needed", "2.0")
    item.get_by_role("button", name="Update the packages of Lab").click()
    expect(page.get_by_text("newest packages from its next start")).to_be_visible(timeout=60_000)
    expect(item).not_to_have_attribute("data-key", key)
    expect(page.get_by_role("article", name=f"Environment of {key}")).to_contain_text(
        "kept to go back: Lab"
    )
    workbench.tab("Plugins")
    page.get_by_role("button", name="Stop Lab").click()
    workbench.expect_state("Lab", "not started")
    workbench.run("Lab")
    expect(workbench.expect_window(re.compile("Lab")).last).to_contain_text(
        "1.0 2.0", timeout=60_000
    )
    workbench.tab("Environments")
    item.get_by_role("button", name="Go back with Lab").click()
    expect(page.get_by_text("earlier packages from its next start")).to_be_visible()
    expect(item).to_have_attribute("data-key", key)

    # The locks can be taken along, and what is not used can go.
    with page.expect_download() as download:
        item.get_by_role("button", name="Save locks of Lab").click()
    assert download.value.suggested_filename == f"environment-{key}.zip"
    workbench.tab("Plugins")
    page.get_by_role("button", name="Stop Lab").click()
    workbench.expect_state("Lab", "not started")
    workbench.tab("Environments")
    item.get_by_role("button", name="Remove the environment of Lab").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("status").filter(has_text="are free again")).to_be_visible()
    expect(item).to_have_count(0)
    page.get_by_role("button", name="Clean up …").click()
    expect(page.get_by_text("Nothing can be cleaned up.")).to_be_visible()

    for name, options in (("narrow", {"width": 360, "height": 740}), ("dark", None)):
        if options:
            page.set_viewport_size(options)  # type: ignore[arg-type]
        else:
            page.set_viewport_size({"width": 1280, "height": 800})
            page.emulate_media(color_scheme="dark")
        assert workbench.violations() == []
        picture(page, name)
