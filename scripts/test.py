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
JOURNEYS = ["tests/journeys"]
# What failed is remembered apart from the journeys, which run at the same time.
OTHERS = ["--ignore=tests/journeys", "-o", "cache_dir=.pytest_cache/others"]
SOME_FAILED = 1  # of pytest's exit codes; the others mean that the run itself broke


def main(arguments: list[str]) -> int:
    """Runs every part even when an earlier one failed; what failed is named at the end."""
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
        command = [*PYTEST, *OTHERS]
        with subprocess.Popen(command, cwd=ROOT, stdout=kept, stderr=subprocess.STDOUT) as process:
            journeys = run("journeys", [*PYTEST, *JOURNEYS], ROOT)
        kept.seek(0)
        print(f"\n==== pytest\n{kept.read()}", flush=True)
    return {
        "journeys": journeys == 0 or (journeys == SOME_FAILED and pass_alone("journeys", JOURNEYS)),
        "pytest": process.returncode == 0
        or (process.returncode == SOME_FAILED and pass_alone("tests", OTHERS)),
    }


def pass_alone(what: str, arguments: list[str]) -> bool:
    """Whether the tests that failed pass with the machine to themselves.

    A wait in a real browser or for a process can be too short on a machine that is busy with other
    work as well; a fault of ours fails again, and is then the last thing that is printed.
    """
    command = [*PYTEST, "--last-failed", "--last-failed-no-failures=none", "-rfEp", *arguments]
    return passes(f"the {what} that failed, once more and alone", command, ROOT)


def passes(name: str, command: list[str], folder: Path) -> bool:
    return run(name, command, folder) == 0


def run(name: str, command: list[str], folder: Path) -> int:
    print(f"\n==== {name}", flush=True)
    return subprocess.run(command, cwd=folder).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
