"""`imjoy env`: the environments of plugins, seen and changed from a terminal."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from imjoy.cli.terminal import Terminal
from imjoy.envs import EnvStore
from imjoy.settings import DEFAULT_HOME

OK = 0


def build_parser() -> argparse.ArgumentParser:
    """The parser of everything after `imjoy env`."""
    parser = argparse.ArgumentParser(prog="python -m imjoy env", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    listing = commands.add_parser("list", help="list the environments that are there")
    _add_common(listing)
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--home", type=Path, default=DEFAULT_HOME, metavar="FOLDER")
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")


def main(arguments: list[str]) -> int:
    """Run one `imjoy env` command; returns the exit code."""
    options = build_parser().parse_args(arguments)
    return _list(options, Terminal())


def _list(options: argparse.Namespace, terminal: Terminal) -> int:
    found = EnvStore(options.home.expanduser().absolute()).all()
    if options.json:
        terminal.say(json.dumps({"environments": found}))
    elif not found:
        terminal.say("There are no environments yet.")
    for facts in () if options.json else found:
        terminal.say(f"{facts['key']}  Python {facts['python']}  {len(facts['packages'])} packages")
    return OK
