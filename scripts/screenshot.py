"""Takes the pictures of the documentation: the workbench with a result, and the views of the tutorial."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from journey_engine import EngineProcess
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests" / "journeys")]

IMAGES = ROOT / "docs" / "images"
TARGET = IMAGES / "workbench.png"
COLOURS = 256
# What docs/tutorial/first-image.md shows.
SHOWN = ("empty", "install", "images", "palette", "workspaces")


def main() -> int:
    # Imported here: the path to the page's helpers in tests/ is set above.
    from journey_engine import EngineProcess
    from journey_page import Workbench
    from playwright.sync_api import sync_playwright

    import build_web
    import setup_env

    build_web.ensure(ROOT)
    browser_path = setup_env.find_browser()
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        engine = EngineProcess(Path(home))
        try:
            browser = playwright.chromium.launch(
                executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1440, "height": 860})
            workbench = Workbench(page)
            workbench.open(engine.first_link)
            workbench.expect_engine("Engine connected")
            for name in ("Gaussian blur", "Histogram", "Segment cells"):
                workbench.install(name)
            image = workbench.open_sample("Synthetic coins")
            workbench.run("Segment cells")
            workbench.expect_window("Synthetic coins, 20 cells", seconds=300)
            workbench.activate(image)
            workbench.run("Histogram")
            workbench.expect_window("Histogram")
            workbench.dismiss_all()
            page.wait_for_timeout(1000)
            TARGET.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=TARGET)
            views(browser, engine)
            browser.close()
        finally:
            engine.stop()
    print(f"The pictures in {IMAGES.relative_to(ROOT)} are written.")
    return 0


def views(browser: Browser, engine: EngineProcess) -> None:
    """The main views that the tutorial shows, as somebody sees them who is here for the first time."""
    from journey_page import Workbench
    from journey_views import main_views, take
    from PIL import Image

    page = browser.new_page(viewport={"width": 1120, "height": 700}, color_scheme="light")
    workbench = Workbench(page)
    workbench.open(engine.link())
    workbench.expect_engine("Engine connected")
    for name in main_views(workbench):
        if name in SHOWN:
            path = IMAGES / f"{name}-light.png"
            picture = take(page, path).quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE)
            picture.save(path, optimize=True)
    page.close()


if __name__ == "__main__":
    sys.exit(main())
