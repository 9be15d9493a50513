"""From the command to the address, and from the address to a page that can be used."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engines import Engine, free_port, stop, wait_for_port
from records import Record

RUNS = 3


def measure(browser: str) -> list[Record]:
    starts, readies = [], []
    with tempfile.TemporaryDirectory() as name:
        for _ in range(RUNS):
            engine = Engine(Path(name) / "home", cwd=Path(name))
            starts.append(engine.seconds)
            readies.append(page_ready(browser, engine.link))
            engine.stop()
    peer = min(bare_start() for _ in range(RUNS))
    return [
        Record(
            "start of the engine", min(starts), peer, "bare python-socketio server", "s", None, RUNS
        ),
        Record("page ready and connected", min(readies), None, "", "s", None, RUNS),
    ]


def page_ready(browser: str, link: str) -> float:
    """Seconds from opening the address in a new browser to "Engine connected"."""
    from playwright.sync_api import sync_playwright

    flags = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=flags)
        page = opened.new_page()
        began = time.perf_counter()
        page.goto(link)
        page.get_by_text("Engine connected").wait_for()
        seconds = time.perf_counter() - began
        opened.close()
    return seconds


def bare_start() -> float:
    port = free_port()
    script = str(Path(__file__).with_name("bare_socketio.py"))
    process = subprocess.Popen([sys.executable, script, str(port)])
    seconds = wait_for_port(port)
    stop(process)
    return seconds
