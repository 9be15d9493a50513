"""Runs engine and server until they are asked to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path

from imjoy import __version__
from imjoy.cli import other_engine
from imjoy.cli.terminal import Terminal, address, link
from imjoy.engine.engine import Engine
from imjoy.server.app import Application
from imjoy.server.app_files import AppFolder, find_app
from imjoy.server.origins import machine_addresses
from imjoy.server.running import EngineServer, on_signals
from imjoy.settings import Settings

MANY_FILES = 16384


def run(settings: Settings, token: str, listener: socket.socket, terminal: Terminal) -> int:
    """Serve on `listener` until Ctrl+C, SIGTERM or SIGHUP; returns the exit code."""
    folder = find_app(Path.cwd(), settings.app_dir)
    if folder.note and folder.is_copy:
        terminal.say(folder.note)
    elif folder.note:
        terminal.warn(f"Note: {folder.note}")
    _raise_file_limit()
    return asyncio.run(_serve(settings, token, listener, folder, terminal))


def _raise_file_limit() -> None:
    """Workers and the memory that they share take many descriptors; the usual limit is low."""
    if os.name != "posix":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY_FILES if hard == resource.RLIM_INFINITY else min(MANY_FILES, hard)
    if soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _serve(
    settings: Settings, token: str, listener: socket.socket, folder: AppFolder, terminal: Terminal
) -> int:
    port = int(listener.getsockname()[1])
    async with Engine(settings) as engine:
        app = Application(
            engine, settings, token, folder.path, __version__, folder.note, engine.files
        )
        server = EngineServer(app)

        def new_link() -> str:
            return link(_local_address(settings, port), app.keys.codes.issue())

        def stop() -> None:
            # Plugins end while the last answers go out, so that both fit into five seconds.
            ending.append(asyncio.ensure_future(engine.aclose()))
            server.stop()

        ending: list[asyncio.Future[None]] = []
        with on_signals(stop), _on_enter(lambda: terminal.say(new_link())) as listens:
            url = new_link()
            terminal.started(url, listens)
            if not settings.is_loopback:
                terminal.reachable(settings, _addresses(settings), port, socket.gethostname())
            other_engine.remember(settings.home, port)
            if settings.open_browser:
                threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
            try:
                await server.serve_on(listener)
            finally:
                other_engine.forget(settings.home)
                await app.aclose()
                await engine.aclose()  # in here a second signal is still handled
    return 0


def _local_address(settings: Settings, port: int) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "127.0.0.1"}.get(settings.host, settings.host)
    return settings.base_url.rstrip("/") if settings.base_url else address(host, port)


def _addresses(settings: Settings) -> list[str]:
    return machine_addresses() if settings.host in ("0.0.0.0", "::") else [settings.host]


@contextlib.contextmanager
def _on_enter(act: Callable[[], None]) -> Iterator[bool]:
    """Call `act` whenever Enter is pressed in our terminal; yields whether that is possible."""
    if os.name != "posix" or sys.stdin is None or not sys.stdin.isatty():
        yield False
        return
    loop, descriptor = asyncio.get_running_loop(), sys.stdin.fileno()

    def on_input() -> None:
        with contextlib.suppress(OSError):
            if os.tcgetpgrp(descriptor) != os.getpgrp():
                return  # in the background a read would stop the engine
            if os.read(descriptor, 4096):
                act()
                return
        loop.remove_reader(descriptor)

    try:
        loop.add_reader(descriptor, on_input)
    except (OSError, NotImplementedError):
        yield False
        return
    try:
        yield True
    finally:
        loop.remove_reader(descriptor)
