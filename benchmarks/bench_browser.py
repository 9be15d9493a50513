"""Plugins and calls, measured by a page in a plain Chromium that reports by itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from engines import Engine, free_port, stop, wait_for_port
from measuring_page import HERE, build_page, visit, write_list
from records import Record

STRAIGHT = "postMessage between two such workers; ours asks the page, which checks addresses"


def measure(browser: str) -> list[Record]:
    page = build_page()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(page, folder / "__ImJoy__")
        write_list(folder / "__ImJoy__")
        peer_port = free_port()
        command = [sys.executable, str(HERE / "bare_socketio.py"), str(peer_port)]
        peer = subprocess.Popen(command)
        engine = Engine(folder / "home", cwd=folder)
        try:
            wait_for_port(peer_port)
            found = visit(browser, engine.link, folder / "profile", part="python", peer=peer_port)
        finally:
            engine.stop()
            stop(peer)
    return records(found["ours"], found["bare"])


def records(ours: dict[str, float], bare: dict[str, Any]) -> list[Record]:
    name = "bare python-socketio echo, one hop; ours crosses frame, page, engine and worker"
    imports = [sys.executable, "-c", "import json"]
    process = min(time_command(imports) for _ in range(5)) * 1000
    started = [
        Record("start of a JavaScript plugin", ours["pageStart"], None, "", "ms", None, 5),
        Record(
            "start of a Python plugin, warm",
            ours["pythonStart"],
            process,
            "a bare Python process",
            "ms",
            None,
            5,
        ),
    ]
    calls = [
        ("call from JavaScript to Python", "call", 1.1, 200),
        ("16 MB to Python", "up", 1.1, 5),
        ("16 MB from Python", "down", 1.1, 5),
        ("16 MB to Python and back", "both", 1.1, 5),
    ]
    limit = bare["straight"]
    between = [
        Record(title, ours[key], limit[limit_key], STRAIGHT, "ms", None, 7)
        for title, key, limit_key in (
            ("call from one JavaScript plugin to another", "noop", "noop"),
            ("16 MB to a JavaScript plugin and back", "between", "echo"),
        )
    ]
    return (
        started
        + between
        + [
            Record(title, ours[key], bare[key], name, "ms", target, runs)
            for title, key, target, runs in calls
        ]
    )


def time_command(command: list[str]) -> float:
    import time

    began = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - began
