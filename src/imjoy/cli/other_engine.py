"""Finds and asks an engine that runs already on this machine."""

from __future__ import annotations

import contextlib
import json
import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from imjoy.server.private_files import read_private, write_private

_SECONDS = 3.0
_PROBE_SECONDS = 1.0
_LIMIT = 65536


class NoEngine(Exception):
    """There is no running engine that can be asked; the text says why."""


def is_imjoy(port: int) -> bool:
    """Whether an ImJoy engine answers on this port of this machine."""
    try:
        return bool(
            _ask(f"http://127.0.0.1:{port}/health", seconds=_PROBE_SECONDS).get("name") == "imjoy"
        )
    except NoEngine:
        return False


def who_uses(port: int) -> str:
    """The program that listens on a port, in words, or "" when the system hides it."""
    import psutil

    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("inet"):
            here = connection.laddr and connection.laddr.port == port
            if here and connection.status == psutil.CONN_LISTEN and connection.pid:
                name = psutil.Process(connection.pid).name()
                return f"{name}, process {connection.pid}"
    return ""


def remember(home: Path, port: int) -> None:
    """Note where the engine of this home runs; best effort."""
    content = json.dumps({"pid": os.getpid(), "port": port}).encode()
    with contextlib.suppress(OSError):
        write_private(home / "engine.json", content)


def forget(home: Path) -> None:
    with contextlib.suppress(OSError):
        if _running(home).get("pid") == os.getpid():
            (home / "engine.json").unlink()


def fresh_link(home: Path, token: str) -> str:
    """A one-time address of the engine that runs with this home; raises NoEngine."""
    port = _running(home).get("port")
    if not isinstance(port, int):
        raise NoEngine("No engine runs. Start one with `python -m imjoy`.")
    base = f"http://127.0.0.1:{port}"
    session = _ask(f"{base}/api/login", {"token": token})["session"]
    try:
        code = _ask(f"{base}/api/code", {}, session)["code"]
    finally:
        _ask(f"{base}/api/logout", {}, session)
    return f"{base}/#code={code}"


def _running(home: Path) -> dict[str, Any]:
    try:
        content = json.loads(read_private(home / "engine.json", _LIMIT) or b"{}")
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _ask(
    url: str, content: dict[str, str] | None = None, session: str = "", seconds: float = _SECONDS
) -> dict[str, Any]:
    data = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    if session:
        request.add_unredirected_header("Authorization", f"Bearer {session}")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=seconds) as answer:
            found = json.loads(answer.read(_LIMIT))
    except urllib.error.HTTPError as error:
        error.close()
        text = "It does not know this token." if error.code == 401 else f"It answered {error.code}."
        raise NoEngine(f"The engine on {url.split('/api')[0]} cannot be asked. {text}") from None
    except (OSError, ValueError):
        raise NoEngine("No engine answers. Start one with `python -m imjoy`.") from None
    return found if isinstance(found, dict) else {}
