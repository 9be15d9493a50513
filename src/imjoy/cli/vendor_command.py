"""`imjoy vendor`: fills, lists and checks the mirror of libraries that browser plugins load."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from imjoy.cli.command_parser import CommandParser
from imjoy.cli.terminal import Terminal, size
from imjoy.errors import ImJoyError
from imjoy.plugins.libraries import libraries_of
from imjoy.plugins.parser import SUFFIX, parse_plugin
from imjoy.settings import DEFAULT_HOME, Settings
from imjoy.vendor import Mirror, NotMirrored, read_address

OK, FAILED, REFUSED = 0, 1, 2
_AT_ONCE = 4


def build_parser() -> argparse.ArgumentParser:
    """The parser of everything after `imjoy vendor`."""
    parser = CommandParser(
        prog="python -m imjoy vendor",
        description="The mirror of libraries that browser plugins load, so that they work offline.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    fetch = commands.add_parser("fetch", help="fetch the libraries of plugins from npm")
    fetch.add_argument(
        "what", nargs="+", help="a plugin file, a folder of them, or the address of a library"
    )
    listing = commands.add_parser("list", help="list what the mirror holds")
    check = commands.add_parser("check", help="check every held file against the lock")
    for command in (fetch, listing, check):
        command.add_argument("--home", type=Path, default=DEFAULT_HOME, metavar="FOLDER")
        command.add_argument("--json", action="store_true", help="print JSON, for programs")
    return parser


def main(arguments: list[str]) -> int:
    """Run one `imjoy vendor` command; returns the exit code."""
    options = build_parser().parse_args(arguments)
    mirror = Mirror(Settings(home=options.home).vendor_dir)
    terminal = Terminal()
    if options.command == "fetch":
        return _fetch(options, mirror, terminal)
    rows = [_row(address, entry, mirror) for address, entry in mirror.store.entries().items()]
    if options.command == "check":
        rows = [row for row in rows if not row["ok"]]
    _print(rows, options, terminal, "The library mirror holds nothing yet.")
    return FAILED if options.command == "check" and rows else OK


def _fetch(options: argparse.Namespace, mirror: Mirror, terminal: Terminal) -> int:
    try:
        wanted = list(dict.fromkeys(address for what in options.what for address in _named(what)))
    except (ImJoyError, OSError) as error:
        terminal.warn(f"Error: {error}")
        return REFUSED

    def fetch(address: str) -> dict[str, Any]:
        checked = read_address(address)
        try:
            mirror.get(checked or address)
        except NotMirrored as error:
            facts = {"ok": False, "cause": error.cause, "remedy": error.remedy}
            return {"address": address, **facts}
        return _row(str(checked), mirror.store.entry(str(checked)) or {}, mirror)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        rows = list(pool.map(fetch, wanted))
    _print(rows, options, terminal, "These plugins load no libraries.")
    return OK if all(row["ok"] for row in rows) else FAILED


def _named(what: str) -> Iterator[str]:
    """The addresses of the libraries that a file, a folder or an address stands for."""
    if what.startswith(("http://", "https://", "//")):
        yield what
        return
    path = Path(what)
    files = sorted(path.rglob(f"*{SUFFIX}")) if path.is_dir() else [path]
    for file in files:
        try:
            yield from libraries_of(parse_plugin(file.read_text("utf-8-sig")))
        except ImJoyError as error:
            if not path.is_dir():
                raise ImJoyError(f"{file}: {error}") from None
        except UnicodeDecodeError:
            raise ImJoyError(f"{file} is not a text file.") from None


def _row(address: str, entry: dict[str, Any], mirror: Mirror) -> dict[str, Any]:
    held = mirror.store.read(entry["sha256"]) is not None
    facts = {key: entry[key] for key in ("package", "version", "path", "size", "exact")}
    row = {"address": address, "ok": held, **facts}
    if not held:
        row["cause"] = "The file is damaged or gone."
        row["remedy"] = "Fetch it again with `python -m imjoy vendor fetch`."
    return row


def _print(
    rows: list[dict[str, Any]], options: argparse.Namespace, terminal: Terminal, nothing: str
) -> None:
    if options.json:
        terminal.say(json.dumps({"libraries": rows}))
        return
    for row in rows:
        if row["ok"]:
            near = "" if row["exact"] else ", the nearest version there is"
            package = f"{row['package']} {row['version']}{near}, {size(row['size'])}"
            terminal.say(f"ok       {row['address']}  ({package})")
        else:
            terminal.say(f"missing  {row['address']}  {row['cause']} {row['remedy']}")
    if not rows and options.command != "check":
        terminal.say(nothing)
    elif options.command == "fetch":
        fetched = sum(1 for row in rows if row["ok"])
        terminal.say(
            f"{fetched} of {len(rows)} libraries are in {options.home.expanduser()}/vendor."
        )
    elif options.command == "check" and not rows:
        terminal.say("Every held file is what the lock says.")
