"""Plugins and calls, measured by a page in a plain Chromium that reports by itself.

A browser that is driven by a test tool copies every message to the tool, which distorts the times.
"""

from __future__ import annotations

import hashlib
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from engines import Engine, free_port, stop, wait_for_port
from records import Record

ROOT = Path(__file__).resolve().parents[1]
HERE = Path(__file__).resolve().parent
WORK = HERE / ".work"
SECONDS = 300
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
            found = visit(browser, engine.link, peer_port, folder / "profile")
        finally:
            engine.stop()
            stop(peer)
    if "error" in found:
        raise RuntimeError(found["error"])
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


def build_page() -> Path:
    """The measuring page, built with the tools of the web app."""
    sys.path.insert(0, str(ROOT / "scripts"))
    import node_tools

    tools = node_tools.find_node()
    assert tools is not None, "There is no Node; run `make setup`."
    page = WORK / "page"
    shutil.rmtree(page, ignore_errors=True)
    shutil.copytree(HERE / "page", page)
    for file in page.glob("*.ts"):
        text = file.read_text("utf-8")
        file.write_text(text.replace('"../../web/', '"../../../web/'), "utf-8")
    (page / "node_modules").symlink_to(ROOT / "web" / "node_modules")
    vite = str(ROOT / "web" / "node_modules" / "vite" / "bin" / "vite.js")
    command = [tools.node, vite, "build", "--outDir", str(WORK / "dist"), "--emptyOutDir"]
    subprocess.run([*command, "--logLevel", "warn"], cwd=page, check=True)
    return WORK / "dist"


def write_list(folder: Path) -> None:
    """The list of checksums that makes an engine serve this folder."""
    listed = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            name = path.relative_to(folder).as_posix()
            listed[name] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    (folder / "imjoy-files.json").write_text(json.dumps(listed), "utf-8")


def visit(browser: str, link: str, peer_port: int, profile: Path) -> dict[str, Any]:
    """Open the page and wait for its report."""
    answer: dict[str, Any] = {}
    arrived = threading.Event()

    class Collector(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            answer.update(json.loads(self.rfile.read(length)))
            self.send_response(204)
            self.end_headers()
            arrived.set()

        def log_message(self, format: str, *args: object) -> None:
            pass

    collector = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=collector.serve_forever, daemon=True).start()
    base, code = link.split("#")
    address = f"{base}?collector={collector.server_address[1]}&peer={peer_port}#{code}"
    flags = ["--headless", "--disable-gpu", "--disable-quic", "--no-first-run"]
    flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    flags += ["--no-sandbox"] if os.geteuid() == 0 else []
    command = [browser, *flags, f"--user-data-dir={profile}", address]
    chromium = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        if not arrived.wait(SECONDS):
            raise TimeoutError("The measuring page did not report.")
    finally:
        stop(chromium)
        collector.shutdown()
        collector.server_close()
    return answer
