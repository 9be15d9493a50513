"""A page's calls to its plugins and its arrays to Python, beside bare messages, sockets and others.

Plain Chromium. Peers from npm and PyPI are installed here; one that cannot be is left out.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench_plugins import PEER, served
from bench_relay import PACKAGES
from engines import Engine, free_port, stop, wait_for_port
from measuring_page import HERE, build_page, npm_package, visit, write_list
from peer_venvs import python_of
from records import Record

CORE = (HERE / "peers" / "imjoy_core.html").read_text("utf-8")
ROUNDS = 2
SERVERS = ("websockets", "uvicorn", "picows")
Figures = dict[str, dict[str, float]]


def measure(browser: str) -> list[Record]:
    page = build_page()
    add_packages(page)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = plugins(browser, page, folder)
        found["core"] = core(browser, folder)
        ways = sockets(browser, page, folder)
    return [*plugin_rows(found), *socket_rows(ways)]


def add_packages(page: Path) -> None:
    """What the page loads of others, as they were published."""
    comlink = npm_package("comlink@4.4.2") / "dist"
    shutil.copy(comlink / "esm" / "comlink.min.js", page / "comlink.mjs")
    shutil.copy(comlink / "umd" / "comlink.min.js", page / "comlink.js")
    hypha = npm_package("hypha-rpc@0.21.40") / "dist"
    shutil.copy(hypha / "hypha-rpc-websocket.min.js", page / "hypha-rpc.js")


def plugins(browser: str, page: Path, folder: Path) -> Figures:
    shutil.copytree(page, folder / "__ImJoy__")
    write_list(folder / "__ImJoy__")
    engine = Engine(folder / "home", cwd=folder)
    try:
        return visit(browser, engine.link, folder / "plugins", part="ports")
    finally:
        engine.stop()


def core(browser: str, folder: Path) -> dict[str, float]:
    """The same calls to a worker plugin of imjoy-core."""
    dist = npm_package(PEER) / "dist"
    (dist / "bench.html").write_text(CORE, "utf-8")
    with served(dist) as address:
        return visit(browser, f"{address}bench.html", folder / "core")


def sockets(browser: str, page: Path, folder: Path) -> Figures:
    with contextlib.ExitStack() as stack:
        ports = {name: stack.enter_context(bare(name)) for name in SERVERS}
        ports["deflate"] = stack.enter_context(
            running([sys.executable, str(HERE / "bare_socketio.py")], "deflate")
        )
        ports |= stack.enter_context(hypha())
        link = stack.enter_context(engine(page))
        given = {name: port for name, port in ports.items() if port is not None}
        return visit(browser, link, folder / "sockets", part="sockets", **given)


@contextlib.contextmanager
def running(command: list[str], *more: str) -> Iterator[int]:
    """The port of a program that gets it as its first argument."""
    port = free_port()
    process = subprocess.Popen([*command, str(port), *more])
    try:
        wait_for_port(port)
        yield port
    finally:
        stop(process)


@contextlib.contextmanager
def bare(name: str) -> Iterator[int | None]:
    python = Path(sys.executable) if name != "picows" else python_of("picows", "picows")
    if python is None:
        yield None
        return
    with running([str(python), str(HERE / "bare_websockets.py")], name) as port:
        yield port


@contextlib.contextmanager
def hypha() -> Iterator[dict[str, Any]]:
    python = python_of("hypha", *PACKAGES)
    if python is None:
        yield {}
        return
    port = free_port()
    command = [str(python), "-u", str(HERE / "peers" / "hypha_service.py"), str(port)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        yield {"hypha": port, "service": process.stdout.readline().strip()}
    finally:
        stop(process)
        process.stdout.close()


@contextlib.contextmanager
def engine(page: Path) -> Iterator[str]:
    """The address of an engine whose own peer has functions to measure, and which serves the page."""
    command = [sys.executable, str(HERE / "wire_engine.py"), str(page)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        stop(process)
        process.stdout.close()


def plugin_rows(found: Figures) -> list[Record]:
    peers = [
        ("bare", "bare numbers to the worker of such a frame", 0.9),
        ("framed", "bare messages of the same form and size", None),
        ("core", f"{PEER}, a worker plugin", 4),
        ("comlink", "Comlink, the worker of such a frame", None),
    ]
    kinds = [("noop", "page to worker plugin"), ("flight", "page to worker plugin, 64 in flight")]
    return [
        Record(f"{title}, beside {key}", found["ours"][kind] * 1000, found[key][kind] * 1000, name,
               "us", target, 8)
        for kind, title in kinds
        for key, name, target in peers
    ]  # fmt: skip


def socket_rows(ways: Figures) -> list[Record]:
    ours = ways["ours"]
    raw = [ways[name] for name in SERVERS if name in ways]
    titles = {
        "noop": "page to engine, no content",
        "up": "16 MB from page to engine",
        "down": "16 MB from engine to page",
        "both": "16 MB from page to engine and back",
    }
    fastest: Callable[[str], float] = lambda kind: min(one[kind] for one in raw)  # noqa: E731
    rows = [
        Record(f"{title}, beside bare", ours[kind], fastest(kind),
               f"the fastest bare WebSocket of {', '.join(SERVERS)}", "ms",
               None if kind == "noop" else 0.95, ROUNDS)
        for kind, title in titles.items()
    ]  # fmt: skip
    others = [("hypha", "Hypha", 8), ("deflate", "python-socketio with uvicorn's compression", 4)]
    return rows + [
        Record(f"{titles['both']}, beside {key}", ours["both"], ways[key]["both"], name, "ms",
               target, ROUNDS)
        for key, name, target in others
        if key in ways
    ]  # fmt: skip
