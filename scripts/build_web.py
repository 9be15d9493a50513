"""Builds the web app into the Python package, unless what is there was made from the same sources.

Used by `make` and by the build hook of the package. Standard library only.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from node_tools import WANTED, NodeTools, find_node

ROOT = Path(__file__).resolve().parents[1]
# The modules for plugins in Python are part of the app, which gives them to plugins in the page.
_PYTHON = ("errors.py", "protocol", "rpc", "worker")
_SOURCES = (
    "web",
    "plugins",
    "samples",
    # What the editor of the page completes, and what it makes new plugins from.
    "docs/reference/api.md",
    "protocol/manifest.schema.json",
    "src/imjoy/plugins/templates",
    *(f"src/imjoy/{room}" for room in _PYTHON),
)
_PATIENCE = ("--loglevel=error", "--fetch-retries=2", "--fetch-retry-mintimeout=1000")
_SKIPPED_FOLDERS = {"node_modules", "dist", "dev-dist", "fixtures", "__pycache__", ".svelte-kit"}


class WebBuildError(Exception):
    """The web app could not be built; the text names the step, the cause and the remedy."""


def output_folder(root: Path) -> Path:
    return root / "src" / "imjoy" / "web"


def note_file(root: Path) -> Path:
    """Where it is noted what the app was made from: beside it, as its own files are all listed."""
    return output_folder(root).with_suffix(".json")


def is_current(root: Path) -> bool:
    """Whether the built app was made from the sources as they are now."""
    if not (output_folder(root) / "index.html").is_file():
        return False
    try:
        note = json.loads(note_file(root).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return bool(note.get("sources") == hash_sources(root))


def hash_sources(root: Path) -> str:
    """A hash over the names and contents of everything the web app is made from."""
    digest = hashlib.sha256()
    for path in _source_files(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _source_files(root: Path) -> Iterator[Path]:
    for name in _SOURCES:
        if (root / name).is_file():
            yield root / name
        for folder, folders, files in os.walk(root / name):
            folders[:] = sorted(set(folders) - _SKIPPED_FOLDERS)
            for file in sorted(files):
                if not file.endswith((".test.ts", ".pyc", ".tsbuildinfo")):
                    yield Path(folder) / file


def ensure(root: Path) -> bool:
    """Build the app when it is missing or older than its sources; True when it was built.

    Raises WebBuildError.
    """
    if is_current(root):
        return False
    tools = find_node()
    if tools is None:
        raise WebBuildError(f"Building the web app needs Node {WANTED} with npm, and none is here.")
    began = time.monotonic()
    ensure_modules(root, tools)
    print("Building the web app ...", flush=True)
    _build(root, tools)
    print(f"Built the web app in {time.monotonic() - began:.0f} s.", flush=True)
    return True


def ensure_modules(root: Path, tools: NodeTools) -> None:
    """Install the locked packages of the web app, unless they are there. Raises WebBuildError."""
    web = root / "web"
    stamp = web / "node_modules" / ".imjoy-stamp"
    wanted = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return
    print("Installing the locked packages of the web app ...", flush=True)
    step = "Installing the packages of the web app"
    # Without a network npm tries each of some hundred packages for minutes; so one is asked first.
    _run(step, [*tools.npm, "view", "vite", "version", *_PATIENCE], web, tools)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund"]
    _run(step, [*tools.npm, "ci", *quiet, *_PATIENCE], web, tools)
    stamp.write_text(wanted, "utf-8")


def _build(root: Path, tools: NodeTools) -> None:
    web, target = root / "web", output_folder(root)
    fresh = target.with_name(f".web-{os.getpid()}")
    sources = hash_sources(root)
    vite = str(web / "node_modules" / "vite" / "bin" / "vite.js")
    command = [tools.node, vite, "build", "--outDir", str(fresh), "--emptyOutDir"]
    try:
        _run("Building the web app", [*command, "--logLevel", "warn"], web / "app", tools)
        note_file(root).unlink(missing_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
        note_file(root).write_text(json.dumps({"sources": sources}) + "\n", "utf-8")
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _run(step: str, command: list[str], folder: Path, tools: NodeTools) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env=tools.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode != 0:
        raise WebBuildError(f"{step} failed: {_explain(done.stdout)}")


def _explain(output: str) -> str:
    # Imported late: setup_env belongs to a checkout and is not part of the source archive.
    try:
        text: str = importlib.import_module("setup_env").explain(output)
    except ImportError:
        return output.strip()
    return text


def main(arguments: list[str]) -> int:
    """`build_web.py [--modules]`: builds the app, or only installs the packages it needs."""
    try:
        if "--modules" not in arguments and is_current(ROOT):
            return 0
        tools = find_node() or _install_node()
        ensure_modules(ROOT, tools)
        if "--modules" not in arguments:
            ensure(ROOT)
    except WebBuildError as problem:
        print(f"\nSetup stopped. {problem}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\nSetup stopped. Writing a file failed: {_explain(str(error))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130  # who started this says the rest
    return 0


def _install_node() -> NodeTools:
    """Put the locked Node into this Python environment."""
    print("Node is missing or too old here; installing one into .venv ...", flush=True)
    lock = ROOT / "requirements" / "node.lock"
    options = ["--quiet", "--no-input", "--retries=2", "--require-hashes", "-r", str(lock)]
    command = [sys.executable, "-m", "pip", "install", *options]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise WebBuildError(f"Installing Node failed: {_explain(done.stderr)}")
    importlib.invalidate_caches()
    tools = find_node()
    if tools is None:
        raise WebBuildError(f"Building the web app needs Node {WANTED}. Install it and try again.")
    return tools


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
