"""Writes the lock files of the Python side again from the lists in requirements/."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UV = Path(sys.executable).with_name("uv")
INPUTS = {"engine": ("engine",), "dev": ("engine", "dev"), "node": ("node",)}


def main() -> int:
    for name, inputs in INPUTS.items():
        command = [str(UV), "pip", "compile", "--quiet", "--universal", "--python-version", "3.10"]
        command += ["--generate-hashes", "--no-header", "--no-annotate"]
        command += [f"requirements/{each}.in" for each in inputs]
        done = subprocess.run([*command, "-o", f"requirements/{name}.lock"], cwd=ROOT)
        if done.returncode != 0:
            return done.returncode
        print(f"requirements/{name}.lock is written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
