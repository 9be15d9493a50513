"""Reads the flags of the command line, those of older ImJoy versions included."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from imjoy.cli.commands import COMMANDS
from imjoy.engine.limits import read_limits
from imjoy.errors import ManifestError
from imjoy.settings import DEFAULT_HOME, DEFAULT_PORT, Settings

TOKEN_VARIABLE = "IMJOY_TOKEN"
_COMMANDS = {
    "": "start the engine (when no command is given)",
    "token": "print the private token of this engine",
    "link": "print a fresh one-time address of the engine that runs already",
}


class UsageError(Exception):
    """The flags cannot be used together or have no meaning; the text says which and why."""


@dataclass(frozen=True)
class Order:
    """What the user asked for, and what they should be told about how they asked."""

    command: str
    settings: Settings
    notes: tuple[str, ...] = ()


def _command(word: str) -> str:
    known = [name for name in (*_COMMANDS, *COMMANDS) if name]
    if word and word not in known:
        raise argparse.ArgumentTypeError(f"there is no {word!r}; there are {', '.join(known)}")
    return word


def build_parser() -> argparse.ArgumentParser:
    known = _COMMANDS | {name: command.does for name, command in COMMANDS.items()}
    commands = "\n".join(f"  {name or '(none)':8}{text}" for name, text in known.items())
    parser = argparse.ArgumentParser(
        prog="python -m imjoy",
        description="Start the ImJoy engine and serve the workbench page.",
        epilog=f"commands (each of the lower ones has its own --help):\n{commands}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("command", nargs="?", default="", type=_command, metavar="command")
    _add_main_flags(parser)
    _add_old_flags(parser)
    return parser


def _add_main_flags(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--serve", action="store_true", help="write a copy of the web app to ./__ImJoy__ first")
    add(
        "--host",
        default="127.0.0.1",
        help="address to listen on (127.0.0.1: this machine only; 0.0.0.0: its whole network)",
    )
    add("--port", type=_port, default=DEFAULT_PORT, help="port (8080); 0 takes a free one")
    add("--token", help=f"private token; better {TOKEN_VARIABLE} or --token-file: see below")
    add("--token-file", type=Path, metavar="FILE", help="file that holds the private token")
    add(
        "--home",
        type=Path,
        default=DEFAULT_HOME,
        metavar="FOLDER",
        help="where the engine keeps token and environments (~/ImJoyApp)",
    )
    add(
        "--workspaces",
        "--workspace",
        type=Path,
        metavar="FOLDER",
        help="folder that plugins work in (HOME/workspaces)",
    )
    add("--base-url", metavar="URL", help="address under which others reach the engine")
    add(
        "--embed-in",
        action="append",
        type=_origin,
        default=[],
        metavar="ORIGIN",
        help="let pages of this site, such as https://lab.example, show and use the workbench",
    )
    add(
        "--limit",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="what one plugin may use: memory=4GB, cpu_time, call_time, open_files, processes",
    )
    add(
        "--keep-idle",
        type=_minutes,
        default=15.0,
        metavar="MINUTES",
        help="how long plugins without work wait for a page that is away (15)",
    )
    add(
        "--files",
        type=_folder,
        action="append",
        metavar="FOLDER",
        help="folder that pages may see (the workspaces and your own folder); none: nothing",
    )
    add(
        "--plugin-mirror",
        type=_folder,
        metavar="FOLDER",
        help="folder of plugin repositories (USER/REPOSITORY) that is asked before the network",
    )
    add("--dev", type=_file, metavar="FILE", help="open this plugin; reload it when it is saved")
    add("--open", action="store_true", dest="open_browser", help="open the page in a browser")
    add("--no-open", action="store_false", dest="open_browser", help="do not (this is the default)")
    add("--debug", action="store_true", help="write more to the terminal")
    add("-v", "--version", action="store_true", help="print the version and stop")


def _add_old_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("flags of older versions")
    group.add_argument(
        "--force-quit-timeout",
        "--force_quit_timeout",
        type=_seconds,
        default=3.0,
        metavar="SECONDS",
        help="time that plugins get to end when the engine stops (3)",
    )
    group.add_argument(
        "--freeze", action="store_true", help="accepted; the engine never updates itself"
    )


def read_arguments(
    arguments: Sequence[str] | None, environment: Mapping[str, str] = os.environ
) -> Order | str:
    """The order given by the flags, or the text to print; raises UsageError."""
    parser = build_parser()
    options, rest = parser.parse_known_args(arguments)
    if options.command in COMMANDS:
        name = options.command
        raise UsageError(f"Write the command first: `python -m imjoy {name} ...`.")
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if options.version:
        return "version"
    if options.base_url is not None:
        _check_url(options.base_url)
    token, notes = _choose_token(options, environment)
    settings = Settings(
        host=options.host,
        port=options.port,
        home=options.home,
        serve=options.serve,
        token=token,
        workspaces=options.workspaces,
        base_url=options.base_url,
        debug=options.debug,
        dev_file=options.dev,
        files=_read_folders(options.files),
        embed_in=tuple(dict.fromkeys(options.embed_in)),
        plugin_mirror=options.plugin_mirror,
        open_browser=options.open_browser,
        exit_seconds=options.force_quit_timeout,
        idle_seconds=options.keep_idle * 60,
        limits=_read_limits(options.limit),
    )
    return Order(options.command, settings, tuple(notes))


def _read_limits(texts: list[str]) -> tuple[tuple[str, str], ...]:
    pairs = tuple(
        (name.strip(), value.strip()) for name, _, value in (t.partition("=") for t in texts)
    )
    try:
        read_limits(dict(pairs), "--limit")
    except ManifestError as error:
        raise UsageError(error.message) from None
    return pairs


def _choose_token(
    options: argparse.Namespace, environment: Mapping[str, str]
) -> tuple[str | None, list[str]]:
    variable = environment.get(TOKEN_VARIABLE, "").strip()
    notes = []
    if options.token is not None and options.token_file is not None:
        raise UsageError("Give either --token or --token-file, not both.")
    given = options.token if options.token is not None else _read_file(options.token_file)
    if given is not None and variable:
        notes.append(f"The variable {TOKEN_VARIABLE} is ignored: the command line names a token.")
    if options.token is not None:
        notes.append(
            "Other users of this machine can read --token in the list of running programs. "
            f"Put the token in the variable {TOKEN_VARIABLE} or in a file (--token-file) instead."
        )
    token = given if given is not None else variable or None
    if token is not None and not token.strip():
        raise UsageError("The token is empty.")
    if token is not None and len(token) > 1024:
        raise UsageError("The token is longer than 1024 characters.")
    return token.strip() if token else None, notes


def _read_file(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise UsageError(f"The token file {path} cannot be read: {reason}.") from None


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"--base-url={url} is not an address like http://name:8080.")


def _origin(text: str) -> str:
    parts = urlsplit(text.strip().rstrip("/").lower())
    plain = re.fullmatch(r"[a-z0-9.-]+(:[0-9]{1,5})?", parts.netloc)
    if parts.scheme not in ("http", "https") or not plain or parts.path or parts.query:
        raise argparse.ArgumentTypeError(f"{text!r} is not an origin like https://lab.example")
    return f"{parts.scheme}://{parts.netloc}"


def _file(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text!r}")
    return path


def _folder(text: str) -> Path | None:
    if text == "none":
        return None
    path = Path(text).expanduser().absolute()
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text!r}")
    return path


def _read_folders(given: list[Path | None] | None) -> tuple[Path, ...] | None:
    if given is None:
        return None
    folders = tuple(folder for folder in given if folder is not None)
    if folders and len(folders) < len(given):
        raise UsageError("Give either --files none or --files FOLDER, not both.")
    return folders


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535)")
    return int(text)


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = -1.0
    if not 0 < minutes <= 180:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of minutes (at most 180)")
    return minutes


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return seconds
