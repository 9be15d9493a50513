"""Runs a worker as the engine does, with the test as its page."""

from __future__ import annotations

import asyncio
import functools
import os
import secrets
import shutil
import socket
import subprocess
import sys
import textwrap
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from imjoy import worker
from imjoy.rpc.peer import Peer
from imjoy.rpc.transports.stream import StreamTransport

BOOT = Path(worker.__file__).with_name("boot.py")


@functools.lru_cache
def interpreters() -> list[str]:
    """Every Python from 3.7 to 3.13 on this computer, one for each minor version."""
    found = {}
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for minor in range(7, 14):
        name = f"python3.{minor}"
        candidates = [str(path) for path in sorted(versions.glob(f"3.{minor}.*/bin/{name}"))]
        on_path = shutil.which(name)
        for candidate in [*candidates, on_path]:
            if candidate and minor not in found and _starts(candidate):
                found[minor] = candidate
    found[sys.version_info[1]] = sys.executable
    return [found[minor] for minor in sorted(found)]


def _starts(python: str) -> bool:
    command = [python, "-c", "import asyncio"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


class RunningWorker:
    """A worker process; `page` is the peer that its plugin belongs to."""

    def __init__(self, folder: Path, python: str = sys.executable) -> None:
        self.folder = folder
        ours, theirs = socket.socketpair()
        env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        self.output = (folder / "output.txt").open("w+")
        self.process = subprocess.Popen(
            [python, "-u", str(BOOT), "--fd", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=self.output,
            cwd=folder,
            env=env,
            start_new_session=True,
        )
        theirs.close()
        self.host, self.address = secrets.token_hex(16), f"{'e' * 32}/{secrets.token_hex(16)}"
        self.closed = asyncio.Event()
        self.transport = StreamTransport(ours, self._receive, self._on_closed)
        self.page = Peer(self.host, self.transport.send)
        self.engine = Peer("e" * 32, self.transport.send)
        self.heard: list[tuple[str, tuple[Any, ...]]] = []

    def _receive(self, frame: Any) -> None:
        receiver = self.engine if frame.header.get("to") == self.engine.address else self.page
        receiver.receive(frame)

    def _on_closed(self, reason: str) -> None:
        for peer in (self.page, self.engine):
            peer.peer_gone(self.address, reason)
        self.closed.set()

    def serve(self, name: str, function: Callable[..., Any] | None = None) -> None:
        """Offer `api.<name>` to the plugin, and note how it is called."""

        async def note(*args: Any) -> Any:
            self.heard.append((name, args))
            return function(*args) if function is not None else None

        self.page.export(f"api.{name}", note)

    async def load(self, script: str, line: int = 1, code: str = "", **config: Any) -> list[str]:
        plugin = {
            "name": "Demo",
            "code": code,
            "config": config,
            "tag": "CPU",
            "host": self.host,
            "workspace": "default",
            "work_dir": str(self.folder),
            "scripts": [
                {"content": textwrap.dedent(script).lstrip("\n"), "lang": "python", "line": line}
            ],
        }
        self.plugin = plugin
        result = await self.call("worker.load", plugin)
        return list(result["interface"])

    async def call(self, target: str, *args: Any, **kwargs: Any) -> Any:
        # Loading and ending a plugin is for the engine alone.
        caller = self.engine if target.startswith("worker.") else self.page
        return await caller.call(self.address, target, *args, **kwargs)

    def start_call(self, target: str, *args: Any) -> asyncio.Task[Any]:
        return asyncio.create_task(self.call(target, *args))

    async def says(self, text: str, seconds: float = 5) -> str:
        """Wait until this text is in the worker's output; returns all output."""
        until = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < until:
            shown = (self.folder / "output.txt").read_text()
            if text in shown:
                return shown
            await asyncio.sleep(0.005)
        raise AssertionError(f"The worker did not say {text!r}, but: {shown}")

    async def ended(self, seconds: float = 5) -> int:
        return await asyncio.wait_for(asyncio.to_thread(self.process.wait), seconds)

    async def aclose(self) -> None:
        await self.page.aclose()
        await self.engine.aclose()
        self.transport.close()
        self.process.kill()
        await self.ended()
        self.output.close()


def with_worker(
    folder: Path, use: Callable[[RunningWorker], Awaitable[None]], python: str = sys.executable
) -> None:
    """Start a worker, use it, end it; 30 seconds at most."""

    async def main() -> None:
        running = RunningWorker(folder, python)
        try:
            await asyncio.wait_for(use(running), 30)
        finally:
            await running.aclose()

    asyncio.run(main())
