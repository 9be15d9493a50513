"""A page that measures in a plain Chromium and reports by itself.

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
import tarfile
import threading
from pathlib import Path
from typing import Any

from engines import stop

ROOT = Path(__file__).resolve().parents[1]
HERE = Path(__file__).resolve().parent
WORK = HERE / ".work"
SECONDS = 300


def build_page() -> Path:
    """The measuring page, built with the tools of the web app."""
    tools = node_tools()
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


def npm_package(name: str) -> Path:
    """The folder of a package as it was published, fetched anew."""
    folder = WORK / "npm" / name.replace("/", "+")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = [*node_tools().npm, "pack", name, "--json"]
    packed = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    with tarfile.open(folder / json.loads(packed.stdout)[0]["filename"]) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def node_tools() -> Any:
    sys.path.insert(0, str(ROOT / "scripts"))
    import node_tools as finder

    tools = finder.find_node()
    assert tools is not None, "There is no Node; run `make setup`."
    return tools


def write_list(folder: Path) -> None:
    """The list of checksums that makes an engine serve this folder."""
    listed = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            name = path.relative_to(folder).as_posix()
            listed[name] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    (folder / "imjoy-files.json").write_text(json.dumps(listed), "utf-8")


def visit(browser: str, link: str, profile: Path, **query: object) -> dict[str, Any]:
    """Open the page and wait for its report. Raises RuntimeError with what went wrong there."""
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
    base, _, code = link.partition("#")
    facts = {"collector": collector.server_address[1], **query}
    address = f"{base}?{'&'.join(f'{name}={value}' for name, value in facts.items())}#{code}"
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
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return answer
