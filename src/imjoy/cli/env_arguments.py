"""The words that `imjoy env` takes."""

from __future__ import annotations

import argparse
from pathlib import Path

from imjoy.cli.command_parser import CommandParser
from imjoy.envs.collect import DAYS
from imjoy.settings import DEFAULT_HOME

NAME = "name of an environment, its beginning, or the name of a plugin"


def build_parser() -> argparse.ArgumentParser:
    """The parser of everything after `imjoy env`."""
    parser = CommandParser(
        prog="python -m imjoy env",
        description="See and change the environments of plugins.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        common = added.add_argument
        common("--home", type=Path, default=DEFAULT_HOME, metavar="FOLDER", help="engine's folder")
        common("--json", action="store_true", help="print one JSON object, for programs")
        return added

    command("list", "list the environments that are there")
    _add_create(command("create", "make an environment, or find it"))
    show = command("show", "show one environment with its packages")
    verify = command("verify", "compare the files of environments with their checksums")
    verify.add_argument("--repair", action="store_true", help="make damaged ones anew")
    back = command("rollback", "let a plugin use the environment that it had before")
    use = command("use", "let a plugin use another environment from its next start on")
    remove = command("remove", "remove an environment; it is made anew when needed")
    _add_gc(command("gc", "remove what nothing uses, and say what that frees"))
    export = command("export", "write the locks of an environment for other computers")
    for added in (show, back, use, remove, export):
        added.add_argument("name", help=NAME)
    verify.add_argument("name", nargs="*", help=f"{NAME} (all)")
    use.add_argument("user", metavar="PLUGIN", help="name of a plugin that was started before")
    export.add_argument("folder", type=Path, nargs="?", help="folder to write to (./NAME)")
    return parser


def _add_create(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("requirements", nargs="*", metavar="REQUIREMENT", help="such as numpy or conda:openjdk")
    add("--python", metavar="VERSION", help="version such as 3.12 or >=3.10")
    add(
        "--file",
        type=Path,
        action="append",
        default=[],
        help="environment.yml, requirements.txt, pyproject.toml or a script",
    )
    add("--lock", type=Path, metavar="FOLDER", help="what `env export` wrote, or a pylock.toml")
    add("--channel", action="append", default=[], help="conda channel; may be given several times")
    add("--name", help="name to go back, update and find it by")
    add("--work", type=Path, metavar="FOLDER", help="folder for repositories and commands (.)")
    add("--allow-commands", action="store_true", help="agree to the commands of cmd: requirements")
    add("--update", action="store_true", help="choose the newest packages; needs --name")
    add("--dry-run", action="store_true", help="only say what would be fetched")


def _add_gc(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--older", type=days, default=DAYS, metavar="DAYS", help="unused for so many days (30)")
    add("--previous", action="store_true", help="also those kept to go back to")
    add("--dry-run", action="store_true", help="only say what would be removed")


def days(text: str) -> float:
    """A number of days; argparse tells of what is none by this function's name."""
    number = float(text)
    if number < 0:
        raise ValueError
    return number
