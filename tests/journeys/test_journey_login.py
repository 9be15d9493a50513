"""A person opens the printed address and is in; anyone else is not."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest
from journey_engine import EngineProcess
from journey_page import Workbench
from playwright.sync_api import Page, expect


def test_the_printed_address_signs_in_once(
    new_page: Callable[..., Page], start_engine: Callable[..., EngineProcess], trouble
) -> None:
    engine = start_engine()
    first = Workbench(new_page())
    first.open(engine.first_link)
    first.expect_engine("Engine connected")
    assert "#" not in first.page.url

    first.page.reload()
    first.expect_engine("Engine connected")

    trouble.allow("401")
    second = Workbench(new_page())
    second.open(engine.first_link)
    second.expect_engine("Signed out")
    expect(second.page.get_by_label("Token")).to_be_visible()
    assert engine.first_link.split("=")[1] not in engine.text.replace(engine.first_link, "")

    second.page.goto(engine.link())  # in the open page only the fragment changes
    second.expect_engine("Engine connected")
    assert "#" not in second.page.url


def test_the_token_signs_in_and_a_wrong_one_does_not(
    page: Page, engine: EngineProcess, trouble
) -> None:
    trouble.allow("401")
    workbench = Workbench(page)
    workbench.open(engine.address)
    workbench.expect_engine("Signed out")
    page.get_by_label("Token").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("main").get_by_role("alert")).to_be_visible()
    page.get_by_label("Token").fill(engine.token)
    page.get_by_role("button", name="Sign in").click()
    workbench.expect_engine("Engine connected")


@pytest.mark.parametrize("path", ["socket.io/?EIO=4&transport=polling&sid=guessed", "api/logout"])
def test_without_a_session_everything_else_is_refused(engine: EngineProcess, path: str) -> None:
    data = None if "socket.io" in path else b"{}"
    request = urllib.request.Request(engine.address + path, data=data)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=10).read()
    assert caught.value.code in (400, 401, 403, 404)
    caught.value.close()


def test_files_and_health_are_public(engine: EngineProcess) -> None:
    with urllib.request.urlopen(engine.address + "health", timeout=10) as response:
        assert json.load(response)["status"] == "ok"
    with urllib.request.urlopen(engine.address, timeout=10) as response:
        assert b"imjoy-engine" in response.read()
