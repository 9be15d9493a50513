"""`make test`: the checks, the tests of the page's code, then the Python tests beside the journeys."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from node_tools import find_node

ROOT = Path(__file__).resolve().parents[1]
PYTEST = [sys.executable, "-m", "pytest"]
JOURNEYS = "tests/journeys"


def main(arguments: list[str]) -> int:
    """Runs every part even when an earlier one failed; pytest comes last, with its closing line."""
    everything = "--all" in arguments
    rest = [argument for argument in arguments if argument != "--all"]
    tools = find_node()
    node = tools.node if tools else "node"
    results = {
        "make check": passes("make check", [sys.executable, "scripts/check.py"], ROOT),
        "vitest": passes("vitest", [node, "node_modules/vitest/vitest.mjs", "run"], ROOT / "web"),
    }
    if everything or rest:
        marks = ["-m", "not soak"] if everything else []
        results["pytest"] = passes("pytest", [*PYTEST, *marks, *rest], ROOT)
    else:
        results |= both_at_once()
    failed = [name for name, good in results.items() if not good]
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def both_at_once() -> dict[str, bool]:
    """The journeys wait for their browser half of the time; meanwhile the other tests run."""
    with tempfile.TemporaryFile("w+") as kept:
        command = [*PYTEST, f"--ignore={JOURNEYS}", "-p", "no:cacheprovider"]
        with subprocess.Popen(command, cwd=ROOT, stdout=kept, stderr=subprocess.STDOUT) as others:
            good = passes("journeys", [*PYTEST, JOURNEYS], ROOT)
        kept.seek(0)
        print(f"\n==== pytest\n{kept.read()}", flush=True)
    return {"journeys": good, "pytest": others.returncode == 0}


def passes(name: str, command: list[str], folder: Path) -> bool:
    print(f"\n==== {name}", flush=True)
    return subprocess.run(command, cwd=folder).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
