"""Addresses that open a workspace with plugins and data; whatever is new asks first."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlencode

from journey_engine import EngineProcess
from journey_files import javascript_plugin, png
from journey_page import Workbench
from journey_servers import plugin_server
from playwright.sync_api import Page, expect

SAYS = """    const { zoom, loaded } = ctx.data;
    await api.createWindow({ type: "imjoy/markdown", name: "Said",
      data: { source: `zoom ${zoom}, rows ${loaded ? loaded.rows : "none"}` } });"""


def address(engine: EngineProcess, *pairs: tuple[str, str]) -> str:
    """The fragment comes last, as in the links that earlier versions made."""
    return f"{engine.address}#/app?{urlencode(pairs)}"


def signed_in(page: Page, engine: EngineProcess) -> Workbench:
    workbench = Workbench(page)
    workbench.open(engine.link())
    workbench.expect_engine("Engine connected")
    return workbench


def test_a_link_opens_a_workspace_with_plugins_and_data(
    new_page: Callable[..., Page], engine: EngineProcess
) -> None:
    text = javascript_plugin("Says", SAYS)
    listed = json.dumps({"plugins": [{"name": "Says", "version": "0.1.0", "labels": ["talk"]}]})
    files: dict[str, str | bytes] = {
        "says.imjoy.html": text,
        "Says.imjoy.html": text,
        "manifest.imjoy.json": listed,
        "cells.png": png(),
        "t.json": '{"rows": 2}',
    }
    with plugin_server(files) as server:
        workbench = signed_in(new_page(), engine)
        page = workbench.page
        link = address(
            engine,
            ("workspace", "From a link"),
            ("plugin", f"{server}says.imjoy.html"),
            ("open", f"{server}cells.png"),
            ("open", "sample:coins"),
            ("show", "data"),
        )
        page.goto(link)
        dialog = page.get_by_role("dialog", name="Install Says?")
        expect(dialog).to_contain_text(server)
        dialog.get_by_role("button", name="Install").click()
        workbench.expect_window("cells.png")
        workbench.expect_window("Synthetic coins")
        expect(page.get_by_role("tab", name="Data")).to_have_attribute("aria-selected", "true")
        banner = page.get_by_role("banner")
        expect(banner.get_by_role("button", name="Workspace: From a link")).to_be_visible()
        expect(page).to_have_url(f"{engine.address}#/app?workspace=From+a+link")

        page.keyboard.press("Control+k")
        page.keyboard.type("Copy link")
        page.keyboard.press("Enter")
        share = page.get_by_role("dialog", name="Link to this workspace")
        made = share.get_by_role("textbox").input_value()
        expect(share).to_contain_text("is in the link")
        assert workbench.violations() == []
        share.get_by_role("button", name="Copy link").click()
        expect(share.get_by_role("status")).to_have_text("The link is copied.")
        page.keyboard.press("Escape")

        # The plugin is here already, so only running it asks.
        page.goto(address(engine, ("start", "Says"), ("load", f"{server}t.json"), ("zoom", "3")))
        question = page.get_by_role("dialog", name="Run Says?")
        expect(question).to_contain_text("zoom = 3")
        question.get_by_role("button", name="Run").click()
        expect(workbench.expect_window("Said")).to_contain_text("zoom 3, rows 2")

        # Somebody else, who has nothing yet, opens the link.
        other = signed_in(new_page(), engine)
        other.page.goto(made)
        other.agree_to_install("Says")
        other.expect_window("cells.png")
        other.expect_window("Synthetic coins")

        other.page.goto(address(engine, ("repo", server), ("plugin", "says")))
        other.expect_repository(server)


def test_an_address_opens_a_view_in_the_size_that_it_names(
    page: Page, engine: EngineProcess
) -> None:
    workbench = signed_in(page, engine)
    workbench.open_sample("Synthetic coins")
    expect(page.locator("[data-saved=saved]")).to_be_visible()  # with the bytes of the image
    pairs = (
        ("start", "imjoy/markdown"),
        ("source", "# Hello there"),
        ("name", "Note"),
        ("w", "12"),
    )
    page.goto(address(engine, *pairs))
    note = workbench.expect_window("Note")
    expect(note.get_by_role("heading", name="Hello there")).to_be_visible()
    box = note.bounding_box()
    assert box is not None and abs(box["width"] - 12 * 30) < 20
    # As everything that is done, it is kept in the workspace at once, and not done again.
    page.reload()
    workbench.expect_window("Note")
    expect(page.get_by_test_id("window")).to_have_count(2)


def test_a_token_does_not_stay_in_the_address(page: Page, engine: EngineProcess) -> None:
    token = engine.token
    workbench = Workbench(page)
    workbench.open(address(engine, ("engine", engine.address), ("token", token)))
    workbench.expect_engine("Engine connected")
    assert token not in page.url
    page.go_back()
    assert token not in page.url


def test_a_stranger_s_link_does_nothing_by_itself(page: Page, engine: EngineProcess) -> None:
    workbench = signed_in(page, engine)
    page.goto(address(engine, ("p", "Gaussian blur"), ("start", "Gaussian blur"), ("sigma", "9")))
    page.get_by_role("dialog", name="Install Gaussian blur?").get_by_role(
        "button", name="Cancel"
    ).click()
    workbench.expect_alert("There is no plugin", "Gaussian blur")
    workbench.dismiss_all()
    page.goto(address(engine, ("engine", "http://localhost:1/"), ("token", "guessed")))
    question = page.get_by_role("dialog", name="Open the page of another engine?")
    expect(question).to_contain_text("http://localhost:1")
    question.get_by_role("button", name="Cancel").click()
    expect(question).to_have_count(0)


def test_windows_alone(new_page: Callable[..., Page], engine: EngineProcess) -> None:
    workbench = signed_in(new_page(viewport={"width": 360, "height": 640}), engine)
    page = workbench.page
    page.goto(address(engine, ("w", "temporary"), ("open", "sample:coins"), ("standalone", "1")))
    page.reload()
    workbench.expect_window("Synthetic coins")
    expect(page.get_by_role("banner")).to_have_count(0)
    expect(page.get_by_role("tab", name="Plugins")).to_have_count(0)
    assert workbench.violations() == []
    page.get_by_role("button", name="Show the whole workbench").click()
    expect(page.get_by_role("banner")).to_be_visible()
