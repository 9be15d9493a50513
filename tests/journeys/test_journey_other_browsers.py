"""Firefox and the engine of Safari: what a user does first, and what plugins rely on."""

from __future__ import annotations

import functools
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from journey_browsers import MINI_BROWSER, Driver, firefox, press, until, webkit
from journey_engine import EngineProcess
from test_journey_conformance import FOLDER, MEANT_TO_FAIL, PLUGINS

from imjoy.cli.beside import Beside

OBJECTS = "Synthetic nuclei, 66 objects"
# Bytes of images are kept a moment after they came.
SAVED = """new Promise((resolve) => setTimeout(resolve, 1200)).then(
  () => /\\bsaved/.test(document.querySelector("header").innerText)
    && !/not saved|saving/.test(document.querySelector("header").innerText))"""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
# WebKit keeps to itself what the scripts of frames without origin throw before anybody can catch it.
HIDDEN = {"fails-late-throw.imjoy.html", "fails-throws-at-once.imjoy.html"}


@pytest.fixture(scope="module", params=["Firefox", "WebKit"])
def kind(request: pytest.FixtureRequest) -> str:
    is_there = {
        "Firefox": shutil.which("firefox-esr") or shutil.which("firefox"),
        "WebKit": MINI_BROWSER and shutil.which("WebKitWebDriver") and shutil.which("Xvfb"),
    }
    if not is_there[request.param]:
        pytest.skip(f"{request.param} is not installed; `make test-all` does it on Debian.")
    return str(request.param)


@pytest.fixture(scope="module")
def driver(
    kind: str, engine: EngineProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Driver]:
    """A browser in which the page of the engine is signed in."""
    open_browser = {"Firefox": firefox, "WebKit": webkit}[kind]
    with open_browser(tmp_path_factory.mktemp(kind)) as opened:
        opened.open(engine.link())
        until(opened, "document.body.innerText.includes('Engine connected')")
        yield opened


def test_from_a_sample_to_its_objects(kind: str, driver: Driver, engine: EngineProcess) -> None:
    driver.open(f"{engine.address}?open=sample:nuclei&w={kind}")
    until(driver, "document.body.innerText.includes('512 x 512 pixels')")
    for name in ("Otsu threshold", "Array statistics"):
        press(driver, "Library")
        press(driver, f"Install {name}")
        until(driver, "document.querySelector('dialog[open]') !== null")
        press(driver, "Install")
        until(driver, "document.querySelector('dialog[open]') === null")
    press(driver, "Plugins")
    press(driver, "Run Otsu threshold")
    until(driver, "document.body.innerText.includes('66 objects above the noise')")
    press(driver, "Run Array statistics")
    until(driver, "document.body.innerText.includes('Statistics of Synthetic nuclei')")
    until(driver, SAVED)
    driver.open(f"{engine.address}?w={kind}")
    until(driver, f"document.body.innerText.includes({json.dumps(OBJECTS)})")


def test_one_address_after_another(kind: str, driver: Driver, engine: EngineProcess) -> None:
    """A page that is left in the middle of its work with the database keeps no later one from it."""
    for number in range(8):
        driver.open(f"{engine.address}?open=sample:coins&w={kind} {number}")
        until(driver, "document.body.innerText.includes('400 x 300 pixels')")


@pytest.fixture(scope="module")
def checker(driver: Driver, engine: EngineProcess) -> Driver:
    """The page in which plugins are run as a person would."""
    driver.open(f"{engine.address}?check")
    until(driver, "'imjoyChecker' in globalThis")
    return driver


@pytest.mark.parametrize("name", PLUGINS)
def test_a_plugin_finds_all_that_it_relies_on(kind: str, checker: Driver, name: str) -> None:
    beside, file = all_plugins(), FOLDER / name
    plugin, others = as_file(file), [as_file(one) for one in beside.needed_by(file)]
    options = {
        "startSeconds": 60,
        "runSeconds": 60,
        "givers": [[as_file(one) for one in chain] for chain in beside.givers_for(file)],
    }
    verdict: dict[str, Any] = checker.evaluate(
        f"imjoyChecker.check(...{json.dumps([plugin, others, options])})"
    )
    said = [failure["cause"] for failure in verdict["failures"]] + verdict["errors"]
    if kind == "WebKit" and name in HIDDEN:
        assert any("this browser hides what it was" in text for text in said), said
    elif name in MEANT_TO_FAIL:
        assert any(MEANT_TO_FAIL[name] in text for text in said), said
    else:
        assert said == [] and verdict["loaded"] and verdict["run"] in ("finished", "none")


@functools.cache
def all_plugins() -> Beside:
    return Beside([FOLDER / one for one in PLUGINS])


def as_file(file: Path) -> dict[str, str]:
    return {"file": file.name, "text": file.read_text("utf-8")}
