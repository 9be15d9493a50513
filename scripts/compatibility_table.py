"""Runs every plugin of some folders in a headless page and writes what became of each as a table.

`python scripts/compatibility_table.py FOLDER... [--home FOLDER] [--json FILE] [--out FILE]`
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from imjoy.cli.judge import judge_files

ROOT = Path(__file__).resolve().parents[1]
RUNS = {"going on": "goes on", "none": "nothing to run", "not reached": "no"}


# Whose the cause is, by what is said; the first that fits.
OWNERS = (
    (
        "a package",
        r"no build for Python|contradict|No module named|cannot import name|The package ",
    ),
    ("a package", r"has no attribute|cannot be used in the browser|protobuf"),
    (
        "its host",
        r"cannot be (?:had|reached|loaded)|could not be (?:loaded|reached)|did not connect",
    ),
    ("its host", r"Failed to fetch|Network Error|Max retries exceeded|NameResolutionError"),
    ("another plugin", r"There is no plugin|No plugin is installed"),
    ("this machine", r"camera|NotFoundError|device"),
)


def owner_of(verdict: dict[str, Any]) -> str:
    """Whose the cause is why a plugin does not run: its host's, a package's, its own."""
    if verdict["ok"]:
        return ""
    if not verdict["parsed"]:
        return "the file"
    text = " ".join(verdict["problems"])
    # It takes what other plugins give, and there is none of it when it is run by itself.
    if verdict["run"] == "failed" and re.search(r"undefined \(reading|NoneType|is 0\.", text):
        return "its data, which another plugin gives"
    found = next((owner for owner, pattern in OWNERS if re.search(pattern, text)), None)
    # What was not answered is the likely reason of what broke later.
    return found or ("its host" if verdict["unreachable"] else "the plugin")


def row_of(verdict: dict[str, Any]) -> str:
    """One line of the table."""
    said = "; ".join(verdict["problems"][:1]).replace("|", "\\|").replace("\n", " ")
    said = re.sub(r"(?<![\w:/])(?:/[\w.-]+){3,}/", "…/", said)  # folders of this machine
    cells = [
        f"{verdict['name']} (`{Path(verdict['file']).name}`)",
        verdict["type"] or "unknown",
        "yes" if verdict["parsed"] else "no",
        "yes" if verdict["loaded"] else "no",
        RUNS.get(verdict["run"], verdict["run"]),
        str(len(verdict["windows"])),
        said[:300],
        owner_of(verdict),
    ]
    return "| " + " | ".join(cells) + " |"


def misses_of(verdicts: list[dict[str, Any]]) -> str:
    """Whose the causes of the others are, in words."""
    owners = Counter(owner_of(verdict) for verdict in verdicts if not verdict["ok"])
    counts = ", ".join(f"{count} {owner}" for owner, count in owners.most_common())
    return f" The causes of the others lie with: {counts}." if counts else ""


def table_of(verdicts: list[dict[str, Any]]) -> str:
    """The whole page."""
    by_type: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        counts = by_type.setdefault(verdict["type"] or "unknown", Counter())
        counts.update(all=1, ok=int(verdict["ok"]))
    good = sum(verdict["ok"] for verdict in verdicts)
    lines = [
        "# Plugins of others on ImJoy",
        "",
        "Made by `python scripts/compatibility_table.py FOLDER...`: every plugin file is installed in a",
        "headless page with an engine, with the plugins that it depends on, run once, and every question",
        "answered with what is offered; nobody clicks in its windows.",
        "",
        f"{good} of {len(verdicts)} files run without a complaint.{misses_of(verdicts)}",
        "",
        "| type | files | run |",
        "|---|---|---|",
        *(
            f"| {kind} | {found['all']} | {found['ok']} |"
            for kind, found in sorted(by_type.items())
        ),
        "",
        "| plugin | type | parsed | loaded | run finished | windows | what it says | owner of the miss |",
        "|---|---|---|---|---|---|---|---|",
        *(row_of(verdict) for verdict in verdicts),
    ]
    return "\n".join(lines) + "\n"


def show(verdict: dict[str, Any]) -> None:
    """One line for each plugin while they are run."""
    mark = "ok  " if verdict["ok"] else "MISS"
    facts = f"{verdict['seconds']:6.1f} s  {verdict['type']:17} {verdict['run']:11}"
    said = "" if verdict["ok"] else "; ".join(verdict["problems"])[:300]
    print(mark, facts, Path(verdict["file"]).name, said, flush=True)


def main() -> int:
    """Run the plugins; returns 0 whatever becomes of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--home", type=Path, help="keeps environments for the next time")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    verdicts = judge_files(options.folders, options.home, on_verdict=show)
    if options.json:
        options.json.write_text(json.dumps(verdicts, indent=1), "utf-8")
    if options.out:
        options.out.write_text(table_of(verdicts), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
