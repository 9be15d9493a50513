"""What the journeys need: a built app, an engine of their own, a browser, and eyes for trouble."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from journey_engine import EngineProcess
from journey_page import Workbench
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "tests" / ".output"
WEB = ROOT / "src" / "imjoy" / "web"
# In milliseconds; other tests run at the same time.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)
BROWSER_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys run last: their browser keeps an event loop that unit tests cannot share."""
    here = Path(__file__).parent
    journeys = [item for item in items if here in item.path.parents]
    for item in journeys:
        item.add_marker(pytest.mark.journey)
        item.add_marker(pytest.mark.timeout(240), append=False)
    items[:] = [item for item in items if item not in set(journeys)] + journeys


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.when == "call":
        item.stash[_FAILED] = report.failed


_FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def app_folder() -> Path:
    """The built web app, of the sources as they are."""
    sys.path.insert(0, str(ROOT / "scripts"))
    import build_web

    build_web.ensure(ROOT)
    return WEB


@pytest.fixture(scope="session")
def start_engine(
    app_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., EngineProcess]]:
    """Starts engines with a home of their own; all are stopped in the end."""
    started: list[EngineProcess] = []

    def start(*flags: str, home: Path | None = None, **options: object) -> EngineProcess:
        home = home or tmp_path_factory.mktemp("home")
        engine = EngineProcess(home, *flags, **options)  # type: ignore[arg-type]
        started.append(engine)
        return engine

    yield start
    for engine in started:
        engine.stop()


@pytest.fixture(scope="session")
def engine(start_engine: Callable[..., EngineProcess]) -> EngineProcess:
    """The engine that most journeys share."""
    return start_engine()


@pytest.fixture(scope="session")
def browser_path() -> str:
    sys.path.insert(0, str(ROOT / "scripts"))
    import setup_env

    found = setup_env.find_browser()
    if found is None:
        pytest.fail("There is no Chromium; `make setup` installs it or says how.")
    return found


@pytest.fixture(scope="session")
def launch(browser_path: str) -> Iterator[Callable[..., Browser]]:
    """Starts a browser; `executable` may be a wrapper around it."""
    flags = [*BROWSER_FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        started: list[Browser] = []

        def start(executable: str = browser_path) -> Browser:
            browser = playwright.chromium.launch(executable_path=executable, args=flags)
            started.append(browser)
            return browser

        yield start
        for browser in started:
            browser.close()


@pytest.fixture(scope="session")
def browser(launch: Callable[..., Browser]) -> Browser:
    return launch()


class Trouble:
    """Errors that the page reported; a test that expects some says so with `allow`."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self._allowed: list[str] = []

    def allow(self, *patterns: str) -> None:
        self._allowed += patterns

    def watch(self, page: Page) -> None:
        page.on(
            "console",
            lambda message: self.errors.append(message.text) if message.type == "error" else None,
        )
        page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}"))

    def unexpected(self) -> list[str]:
        return [
            error
            for error in self.errors
            if not any(re.search(pattern, error) for pattern in self._allowed)
        ]


@pytest.fixture
def trouble() -> Iterator[Trouble]:
    """Fails the test in the end when the browser's console has an error in it."""
    found = Trouble()
    yield found
    assert found.unexpected() == [], "The browser's console has errors."


@pytest.fixture
def new_page(
    request: pytest.FixtureRequest, browser: Browser, trouble: Trouble
) -> Iterator[Callable[..., Page]]:
    """Opens a page as a person who has never been there; a failed test leaves a picture of it."""
    contexts: list[BrowserContext] = []

    def open_page(of: Browser | None = None, **options: object) -> Page:
        settings = {"viewport": {"width": 1280, "height": 800}, **options}
        context = (of or browser).new_context(**settings)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        trouble.watch(page)
        return page

    yield open_page
    failed = request.node.stash.get(_FAILED, False)
    for number, context in enumerate(contexts):
        for page in context.pages if failed else []:
            OUTPUT.mkdir(parents=True, exist_ok=True)
            name = re.sub(r"[^\w.-]+", "-", request.node.name)
            page.screenshot(path=OUTPUT / f"{name}-{number}.png")
        context.close()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()


@pytest.fixture
def workbench(page: Page, engine: EngineProcess) -> Workbench:
    """The page of the shared engine, signed in."""
    opened = Workbench(page)
    opened.open(engine.link())
    opened.expect_engine("Engine connected")
    return opened


@pytest.fixture(scope="session")
def site(app_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for any web server, with the app below a sub-path and nothing else."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(app_folder, folder / "lab" / "imjoy")
    return folder
