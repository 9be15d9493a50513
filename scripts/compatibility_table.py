"""Runs every plugin of some folders in a headless page and writes what became of each as a table.

`python scripts/compatibility_table.py FOLDER... [--home FOLDER] [--json FILE] [--out FILE] [--core FILE]`

`--core` is what `benchmarks/compatibility_core.py` wrote for the same folders.
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
    (
        "its host",
        r"Failed to fetch|Network Error|Max retries exceeded|NameResolutionError|URLError",
    ),
    ("its host", r"could not be set up"),
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


def line_of(verdict: dict[str, Any]) -> str:
    """The line of the plugin file in which it happened, unless the problem says it or nobody knows."""
    if re.search(r", line \d", verdict["problems"][0]):
        return ""
    told = [one.get("detail", "") + one["cause"] for one in verdict["failures"]]
    text = "\n".join([*told, *verdict["errors"]])
    found = re.search(r"\.imjoy\.html:(\d+)|\.imjoy\.html\", line (\d+)", text)
    return f" (line {found[1] or found[2]})" if found else ""


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
        said[:300] + line_of(verdict) if said else "",
        owner_of(verdict),
    ]
    return "| " + " | ".join(cells) + " |"


def misses_of(verdicts: list[dict[str, Any]]) -> str:
    """Whose the causes of the others are, in words."""
    owners = Counter(owner_of(verdict) for verdict in verdicts if not verdict["ok"])
    counts = ", ".join(f"{count} {owner}" for owner, count in owners.most_common())
    return f" The causes of the others lie with: {counts}." if counts else ""


def comparison_of(verdicts: list[dict[str, Any]], core: list[dict[str, Any]]) -> list[str]:
    """How many plugins for the browser run here and on imjoy-core, of those that can be judged."""
    theirs = {one["file"]: one for one in core}
    web = [one for one in verdicts if one["file"] in theirs]
    runs = {one["file"] for one in core if one["ok"]}
    beyond = [
        one
        for one in web
        if not one["ok"] and one["file"] not in runs and owner_of(one) in ("its host", "a package")
    ]
    judged = [one for one in web if one not in beyond]
    ours = sum(one["ok"] for one in judged)
    names = ", ".join(one["name"] for one in beyond)
    differ = [one for one in judged if one["ok"] != (one["file"] in runs)]
    missed = [one for one in judged if not one["ok"]]
    return [
        "## Compared with imjoy-core",
        "",
        "Made by `python benchmarks/compatibility_core.py FOLDER... --json FILE`: imjoy-core 0.14.5 of npm in",
        "the same browser, each plugin installed after those that lie beside it, and run once; libraries come",
        "from the mirror, and there is no internet. ImJoy has its engine, imjoy-core has none.",
        "",
        f"Of {len(web)} plugins for the browser {len(judged)} can be judged so.",
        f"**{ours} of them run on ImJoy, {len(runs)} on imjoy-core.**",
        "Not judged, as what they fetch is on no host that can be reached and in no package:",
        f"{names}.",
        "",
        *(["None of them is missed."] if not missed else []),
        *(f"- {one['name']}: {'; '.join(one['problems'])}{line_of(one)}" for one in missed),
        "",
        "| plugin | on ImJoy | on imjoy-core |",
        "|---|---|---|",
        *(
            f"| {one['name']} | {'runs' if one['ok'] else 'fails'} "
            f"| {'runs' if one['file'] in runs else _plain(theirs[one['file']]['said'])} |"
            for one in differ
        ),
        "",
    ]


def _plain(text: str) -> str:
    """A message of another program for a cell; what is no letter of any language is left out."""
    return re.sub(r"[^\x20-\x7e]+", "", text).replace("|", "\\|").strip()[:160] or "fails"


def table_of(verdicts: list[dict[str, Any]], core: list[dict[str, Any]]) -> str:
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
        "answered with what is offered; nobody clicks in its windows. One that fails without data is run once",
        "more on what the plugins beside it give.",
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
        *(comparison_of(verdicts, core) if core else []),
        "## Each plugin",
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
    parser.add_argument("--core", type=Path)
    options = parser.parse_args()
    verdicts = judge_files(options.folders, options.home, on_verdict=show)
    if options.json:
        options.json.write_text(json.dumps(verdicts, indent=1), "utf-8")
    if options.out:
        core = json.loads(options.core.read_text("utf-8")) if options.core else []
        options.out.write_text(table_of(verdicts, core), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
