"""What ours is compared with and needs packages of its own: each in its virtual environment."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
WORK = HERE / ".work" / "workers"


def python_of(name: str, *packages: str) -> Path | None:
    """The Python of a peer, with numpy; None when it cannot be installed here."""
    folder = WORK / name
    python = folder / "bin" / "python"
    if (folder / "ready").exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    uv = Path(sys.executable).with_name("uv")
    for command in (
        ["venv", "-q", "--python", sys.executable, str(folder)],
        ["pip", "install", "-q", "-p", str(python), *packages, "numpy"],
    ):
        if subprocess.run([str(uv), *command], check=False).returncode != 0:
            print(f"{name} cannot be installed here; its rows are left out.")
            return None
    (folder / "ready").touch()
    return python


def run(name: str, python: Path, *numbers: int) -> dict[str, Any]:
    """What the script of a peer has measured."""
    script = HERE / "peers" / f"{name}_peer.py"
    done = subprocess.run(
        [str(python), str(script), *map(str, numbers)],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))
