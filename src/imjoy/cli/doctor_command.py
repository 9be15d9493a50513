"""`imjoy doctor`: looks at all that ImJoy needs and says what to do about what is missing."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from imjoy import __version__
from imjoy.cli.checks import OK, PROBLEM, Check, checks
from imjoy.cli.command_parser import CommandParser
from imjoy.cli.terminal import Terminal
from imjoy.settings import DEFAULT_HOME, DEFAULT_PORT, Settings

WELL, FAILED = 0, 1
SIGNS = {OK: "ok", "note": "note", PROBLEM: "PROBLEM"}


def build_parser() -> argparse.ArgumentParser:
    """The parser of everything after `imjoy doctor`."""
    parser = CommandParser(
        prog="python -m imjoy doctor",
        description="Check what ImJoy needs on this machine. Nothing is changed.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--home", type=Path, default=DEFAULT_HOME, metavar="FOLDER", help="engine's folder")
    add("--port", type=_port, default=DEFAULT_PORT, help="port that the engine shall use (8080)")
    add("--no-network", action="store_true", help="do not try to reach the package index")
    add("--json", action="store_true", help="print one JSON object, for programs")
    return parser


def _port(text: str) -> int:
    """A port; 0 stands for a free one, as for the engine."""
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: it must be 1 to 65535, or 0")
    return int(text)


def main(arguments: list[str]) -> int:
    """Run all checks; returns 0 when there is no problem, else 1."""
    options = build_parser().parse_args(arguments)
    settings = Settings(home=options.home, port=options.port)
    found = list(run_checks(settings, not options.no_network))
    is_well = all(check.state != PROBLEM for check in found)
    terminal = Terminal()
    if options.json:
        facts = [vars(check) for check in found]
        terminal.say(json.dumps({"ok": is_well, "version": __version__, "checks": facts}))
    else:
        _say(terminal, found)
    return WELL if is_well else FAILED


def run_checks(settings: Settings, network: bool) -> Iterable[Check]:
    """The outcome of each check, in order; those that wait for others do so side by side."""
    table = checks(settings, network)
    with ThreadPoolExecutor(len(table)) as pool:
        futures = [(name, pool.submit(check)) for name, check in table]
        for name, future in futures:
            try:
                yield future.result()
            except Exception as error:  # noqa: BLE001  # a wall: it must not hide the others
                yield Check(name, PROBLEM, f"The check failed: {error}", "Report this, please.")


def _say(terminal: Terminal, found: list[Check]) -> None:
    width = max(len(check.name) for check in found)
    for check in found:
        terminal.say(f"{SIGNS[check.state]:8}{check.name:{width}}  {check.found}")
        if check.state != OK and check.remedy:
            terminal.say(f"{'':8}{'':{width}}  -> {check.remedy}")
    problems = sum(check.state == PROBLEM for check in found)
    terminal.say()
    terminal.say("All is well." if not problems else f"Problems: {problems}. See the arrows above.")
