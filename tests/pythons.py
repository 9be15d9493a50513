"""The Pythons of this machine in which the code of workers must run."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MINORS = range(7, 14)


def run_everywhere(script: str, minor: int) -> str:
    """What a script prints in Python 3.`minor` with nothing but its own library; must not fail."""
    path = find_python(minor)
    if path is None:
        pytest.skip(f"there is no Python 3.{minor} on this machine")
    # -S keeps installed packages out, so there is no numpy either.
    command = [path, "-S", "-W", "error", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


def find_python(minor: int) -> str | None:
    """Where Python 3.`minor` is on this machine."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    installed = sorted(versions.glob(f"3.{minor}.*/bin/python"))
    return str(installed[-1]) if installed else shutil.which(f"python3.{minor}")
