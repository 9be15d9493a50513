"""`make test`: the checks, the tests of the page's code, then the Python tests and the journeys."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from node_tools import find_node

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: list[str]) -> int:
    """Runs every part even when an earlier one failed; pytest comes last, with its closing line."""
    everything = "--all" in arguments
    rest = [argument for argument in arguments if argument != "--all"]
    tools = find_node()
    node = tools.node if tools else "node"
    marks = ["-m", "not soak"] if everything else []
    commands = [
        [sys.executable, "scripts/check.py"],
        [node, "node_modules/vitest/vitest.mjs", "run"],
        [sys.executable, "-m", "pytest", *marks, *rest],
    ]
    folders = [ROOT, ROOT / "web", ROOT]
    failed = [
        name
        for name, command, folder in zip(
            ("make check", "vitest", "pytest"), commands, folders, strict=True
        )
        if not passes(name, command, folder)
    ]
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def passes(name: str, command: list[str], folder: Path) -> bool:
    print(f"\n==== {name}", flush=True)
    return subprocess.run(command, cwd=folder).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
