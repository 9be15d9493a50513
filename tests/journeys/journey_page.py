"""The workbench as a person meets it: by the names of things, as listed in the shell's README."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, expect

AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
_DROP = """([name, data, type]) => {
  const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type }));
  const options = { bubbles: true, cancelable: true, dataTransfer: transfer };
  for (const event of ["dragenter", "dragover", "drop"]) {
    document.body.dispatchEvent(new DragEvent(event, options));
  }
}"""
_WATCH_JOBS = """() => {
  window.seenJobs = [];
  const look = () => {
    const text = document.querySelector('[data-testid="running-job"]')?.innerText ?? "";
    if (text && window.seenJobs.at(-1) !== text) window.seenJobs.push(text);
  };
  new MutationObserver(look).observe(document.body, {
    subtree: true, childList: true, characterData: true, attributes: true,
  });
}"""


def act(page: Page, name: str) -> None:
    """Finds an action by its name and does it, by keyboard alone."""
    dialog = page.get_by_role("dialog", name="Search actions")
    page.keyboard.press("Control+k")
    expect(dialog).to_be_visible()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)


class Workbench:
    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, address: str) -> None:
        self.page.goto(address)
        expect(self.page.get_by_role("heading", name="ImJoy", exact=True)).to_be_visible()

    def expect_engine(self, words: str) -> None:
        badge = self.page.get_by_role("banner").get_by_role("status")
        expect(badge).to_have_text(words, timeout=20_000)

    def expect_saved(self) -> None:
        """Waits until what was done is kept."""
        button = self.page.get_by_role("banner").get_by_role("button", name="Workspace: ")
        expect(button).to_contain_text("saved")
        expect(button).not_to_contain_text("not saved")
        # What is noticed a moment later is due then.
        self.page.wait_for_timeout(1000)
        expect(button).not_to_contain_text("not saved")

    # ---- data

    def open_sample(self, name: str) -> Locator:
        """Opens a sample from the menu and gives its window."""
        self.page.locator("summary", has_text="Samples").click()
        self.page.get_by_role("button", name=name).click()
        return self.expect_window(name)

    def drop(self, name: str, data: bytes, mime: str = "") -> None:
        """Drags a file from the desktop onto the page."""
        self.page.evaluate(_DROP, [name, base64.b64encode(data).decode(), mime])

    def choose(self, path: Path) -> None:
        """Opens a file with the button, for files too large to pass through `drop`."""
        self.page.get_by_label("Files to open").set_input_files(path)

    # ---- windows

    def window(self, title: str | re.Pattern[str]) -> Locator:
        if isinstance(title, str):
            return self.page.get_by_role("region", name=f"Window {title}", exact=True)
        return self.page.get_by_role("region", name=re.compile("^Window " + title.pattern))

    def expect_window(self, title: str | re.Pattern[str], seconds: float = 30) -> Locator:
        window = self.window(title)
        expect(window).to_be_visible(timeout=seconds * 1000)
        return window

    def close(self, title: str) -> None:
        self.page.get_by_role("button", name=f"Close {title}", exact=True).click()

    def activate(self, window: Locator) -> None:
        title = (window.get_attribute("aria-label") or "").removeprefix("Window ")
        self.page.get_by_role("tab", name=title, exact=True).click()

    # ---- plugins

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name, exact=True).click()

    def plugin(self, name: str) -> Locator:
        return self.page.get_by_role("article", name=name, exact=True)

    def agree_to_install(self, name: str) -> str:
        """Presses Install in the dialog and gives the text that was on it."""
        dialog = self.page.get_by_role("dialog")
        expect(dialog).to_contain_text(name)
        text = dialog.inner_text()
        dialog.get_by_role("button", name=re.compile("^(Install|Replace)$")).click()
        self.expect_installed(name)
        return text

    def expect_installed(self, name: str) -> None:
        self.tab("Plugins")
        expect(self.plugin(name)).to_be_visible()

    def install(self, name: str) -> str:
        """Installs a built-in plugin and gives the text of the dialog."""
        self.tab("Library")
        # Only the rows of the list that are in view are drawn.
        search = self.page.get_by_role("searchbox", name="Search plugins")
        search.fill(name)
        self.page.get_by_role("button", name=f"Install {name}", exact=True).click()
        search.fill("")
        return self.agree_to_install(name)

    def install_text(self, text: str, name: str) -> None:
        """Installs a plugin by dropping its file."""
        self.drop(f"{name.lower().replace(' ', '-')}.imjoy.html", text.encode())
        self.agree_to_install(name)

    def expect_repository(self, address: str) -> None:
        """A repository elsewhere is among the plugins that can be had."""
        self.tab("Library")
        expect(self.page.get_by_role("list", name="Repositories")).to_contain_text(address)

    def run(self, name: str) -> None:
        self.page.get_by_role("button", name=f"Run {name}", exact=True).click()

    def expect_state(self, name: str, state: str, seconds: float = 30) -> None:
        shown = self.plugin(name).get_by_test_id("plugin-state")
        expect(shown).to_have_text(state, timeout=seconds * 1000)

    def log_of(self, name: str) -> Locator:
        """Opens the log of a plugin."""
        self.page.get_by_role("button", name=f"Log of {name}", exact=True).click()
        return self.window(f"Log of {name}").get_by_role("log")

    # ---- work and trouble

    def watch_jobs(self) -> None:
        self.page.evaluate(_WATCH_JOBS)

    def seen_jobs(self) -> list[str]:
        seen: list[str] = self.page.evaluate("window.seenJobs")
        return seen

    def expect_alert(self, *words: str, seconds: float = 30) -> Locator:
        """An error notice that holds all these words."""
        alert = self.page.get_by_label("Notices").get_by_role("alert").last
        for word in words:
            expect(alert).to_contain_text(re.compile(word, re.IGNORECASE), timeout=seconds * 1000)
        return alert

    def dismiss_all(self) -> None:
        notices = self.page.get_by_label("Notices")
        while notices.get_by_role("button", name="Dismiss").count():
            notices.get_by_role("button", name="Dismiss").first.click()

    # ---- looks

    def picture(self, window: Locator) -> Image.Image:
        """The canvas of a window as pixels."""
        data = window.locator("canvas").first.screenshot()
        return Image.open(io.BytesIO(data)).convert("RGB")

    def violations(self) -> list[str]:
        """What axe finds, of any level."""
        self.page.evaluate(AXE.read_text("utf-8"))
        found = self.page.evaluate(
            "axe.run(document, {iframes: false, resultTypes: ['violations']})"
        )
        return [
            f"{entry['id']}: {node['html'][:200]}"
            for entry in found["violations"]
            for node in entry["nodes"]
        ]


def coloured_share(picture: Image.Image) -> float:
    """The part of the pixels that have a clear colour, 0 to 1."""
    saturation = picture.convert("HSV").getchannel("S").tobytes()
    value = picture.convert("HSV").getchannel("V").tobytes()
    clear = sum(1 for s, v in zip(saturation, value, strict=True) if s > 60 and v > 40)
    return clear / max(1, len(saturation))
