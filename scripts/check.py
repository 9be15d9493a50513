"""`make check`: format, rules, types, layers, generated files and documents, two at a time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))

from node_tools import find_node

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "web"
BIN = Path(sys.executable).parent


class Step(NamedTuple):
    name: str
    command: list[str]
    folder: Path = ROOT


class Outcome(NamedTuple):
    step: Step
    seconds: float
    failed: bool
    output: str


def steps() -> list[Step]:
    """Every check; the slow ones first, so that the two lanes end together."""
    python = sys.executable
    tools = find_node()
    node = tools.node if tools else "node"

    def js(package: str, *arguments: str) -> list[str]:
        return [node, str(WEB / "node_modules" / package), *arguments]

    return [
        Step("mypy", [str(BIN / "mypy")]),
        Step(
            "svelte-check",
            js("svelte-check/bin/svelte-check", "--threshold", "warning"),
            WEB / "app",
        ),
        *(
            Step(f"tsc {name}", js("typescript/bin/tsc", "-p", name, "--noEmit"), WEB)
            for name in ("app", "packages/sdk", "packages/rpc")
        ),
        Step("tests are found", [python, "-m", "pytest", "-q", "--collect-only"]),
        Step("house rules", [python, "-m", "pytest", "-q", "tests/test_house.py"]),
        Step("biome", js("@biomejs/biome/bin/biome", "check", "--error-on-warnings"), WEB),
        Step("layers", [str(BIN / "lint-imports"), "--no-cache"]),
        Step("ruff check", [str(BIN / "ruff"), "check"]),
        Step("ruff format", [str(BIN / "ruff"), "format", "--check"]),
        Step("protocol", [python, "protocol/generate.py", "--check"]),
        Step("plugin list", [python, "scripts/build_repository.py", "--check"]),
    ]


def run(step: Step) -> Outcome:
    began = time.monotonic()
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT / "src")}
    try:
        done = subprocess.run(
            step.command,
            cwd=step.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        return Outcome(step, time.monotonic() - began, True, str(error))
    return Outcome(step, time.monotonic() - began, done.returncode != 0, done.stdout)


def main(arguments: list[str]) -> int:
    """Run the checks whose names are given, or all of them."""
    chosen = [step for step in steps() if not arguments or any(a in step.name for a in arguments)]
    began = time.monotonic()
    failed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for outcome in pool.map(run, chosen):
            mark = "FAILED" if outcome.failed else "ok"
            print(f"{outcome.step.name:14} {outcome.seconds:5.1f} s  {mark}", flush=True)
            if outcome.failed:
                failed.append(outcome.step.name)
                print("\n" + outcome.output.strip() + "\n", flush=True)
    seconds = time.monotonic() - began
    verdict = f"failed: {', '.join(failed)}" if failed else "all hold"
    print(f"{len(chosen)} checks in {seconds:.0f} s: {verdict}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
