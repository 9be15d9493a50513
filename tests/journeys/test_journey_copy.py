"""`--serve` writes a copy of the app; the engine serves it from there, without a network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from journey_engine import EngineProcess
from journey_page import Workbench
from playwright.sync_api import Page


def test_a_copy_is_written_and_served(
    start_engine: Callable[..., EngineProcess], tmp_path: Path, new_page: Callable[..., Page]
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    folder = tmp_path / "work"
    folder.mkdir()
    first = start_engine("--serve", home=home, cwd=folder)
    assert "files" in first.text
    copy = folder / "__ImJoy__"
    listed = json.loads((copy / "imjoy-files.json").read_text("utf-8"))
    assert {"index.html", "sw.js"} <= set(listed)
    for name, entry in listed.items():
        assert hashlib.sha256((copy / name).read_bytes()).hexdigest() == entry["sha256"]
    first.stop()

    second = start_engine(home=home, cwd=folder)
    assert str(copy) in second.text
    workbench = Workbench(new_page())
    workbench.open(second.first_link)
    workbench.expect_engine("Engine connected")
    workbench.open_sample("Synthetic coins")
    workbench.page.close()
    second.stop()

    (copy / "index.html").write_text("damaged", "utf-8")
    third = start_engine(home=home, cwd=folder)
    assert "is damaged" in third.text
    workbench = Workbench(new_page())
    workbench.open(third.first_link)
    workbench.expect_engine("Engine connected")
