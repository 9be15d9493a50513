"""`imjoy plugin`: makes, checks and builds plugins from a terminal."""

from __future__ import annotations

import argparse
from pathlib import Path

from imjoy.cli.command_parser import CommandParser
from imjoy.cli.plugin_check import check_plugins
from imjoy.cli.terminal import Terminal
from imjoy.errors import ImJoyError
from imjoy.plugins.blocks import manifest_error
from imjoy.plugins.module_plugin import plugin_from_module
from imjoy.plugins.parser import SUFFIX
from imjoy.plugins.template import new_plugin, template_names, write_types

OK, REFUSED = 0, 2


def build_parser() -> argparse.ArgumentParser:
    """The parser of everything after `imjoy plugin`."""
    parser = CommandParser(
        prog="python -m imjoy plugin",
        description="Make, check and build plugins.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    new = commands.add_parser("new", help="write a new plugin from a template")
    new.add_argument("name", help='name of the plugin, such as "Count cells"')
    new.add_argument("--type", choices=template_names(), default="python-function", help="template")
    new.add_argument("--folder", type=Path, default=Path(), metavar="FOLDER", help="where to write")
    check = commands.add_parser("check", help="check plugin files, one line for each")
    check.add_argument(
        "paths", nargs="+", type=Path, help="plugin files, modules, indexes, folders"
    )
    check.add_argument(
        "--run", action="store_true", help="also run each in a page without a person"
    )
    check.add_argument("--json", action="store_true", help="print JSON, for programs")
    check.add_argument(
        "--home", type=Path, metavar="FOLDER", help="keeps environments for next time"
    )
    check.add_argument(
        "--plugin-mirror",
        type=Path,
        metavar="FOLDER",
        help="folder of plugin repositories that is asked for dependencies before the network",
    )
    types = commands.add_parser("types", help="write the types of the api for your editor")
    types.add_argument("folder", nargs="?", type=Path, default=Path(), help="where the plugins are")
    build = commands.add_parser("build", help="make a plugin file out of a plain Python module")
    build.add_argument("module", type=Path, help="the module, such as blur.py")
    build.add_argument("--output", type=Path, metavar="FILE", help="file to write")
    return parser


def main(arguments: list[str]) -> int:
    """Run one `imjoy plugin` command; returns the exit code."""
    options = build_parser().parse_args(arguments)
    terminal = Terminal()
    commands = {"new": _new, "check": check_plugins, "build": _build, "types": _types}
    run = commands[options.command]
    try:
        return run(options, terminal)
    except (ImJoyError, OSError, ValueError) as error:
        terminal.warn(f"Error: {error}")
        return REFUSED


def _new(options: argparse.Namespace, terminal: Terminal) -> int:
    file_name, text = new_plugin(options.name, options.type)
    path = options.folder / file_name
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        terminal.warn(f"Error: {path} is there already. Choose another name or folder.")
        return REFUSED
    terminal.say(
        f"{path} is written. `python -m imjoy dev {path}` opens it and reloads it on save."
    )
    return OK


def _types(options: argparse.Namespace, terminal: Terminal) -> int:
    for path in write_types(options.folder):
        terminal.say(f"{path} is written.")
    terminal.say("Editors, tsc and mypy (with MYPYPATH=typings) now know the api of plugins.")
    return OK


def _build(options: argparse.Namespace, terminal: Terminal) -> int:
    if options.module.suffix != ".py":
        raise manifest_error(
            f"{options.module} is no Python module.",
            "A module in JavaScript is a plugin as it is: drop it on the page, or use `imjoy dev`.",
        )
    text = plugin_from_module(options.module.read_text("utf-8-sig"), options.module.name)
    path = options.output or options.module.with_name(options.module.stem + SUFFIX)
    path.write_text(text, "utf-8")
    terminal.say(f"{path} is written; drop it on the page, or publish it.")
    return OK
