"""The entry point: reads the flags, prepares the start and says in plain words what is wrong."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from imjoy import __version__
from imjoy.cli.arguments import Order, UsageError, read_arguments
from imjoy.cli.commands import COMMANDS, run_command
from imjoy.cli.other_engine import NoEngine, fresh_link, is_imjoy, who_uses
from imjoy.cli.terminal import Terminal, problem
from imjoy.server.app_copy import CopyError, write_copy
from imjoy.server.app_files import NO_APP, packaged_app
from imjoy.server.private_files import ensure_private_folder
from imjoy.server.redaction import Redactor, configure_logging
from imjoy.server.running import ListenError, listen
from imjoy.server.tokens import load_token
from imjoy.settings import Settings

OK, FAILED, REFUSED = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    terminal = Terminal()
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words and words[0] in COMMANDS:
            return run_command(words[0], words[1:])
        order = read_arguments(words)
        if isinstance(order, str):
            terminal.say(f"imjoy {__version__}")
            return OK
        return _obey(order, terminal)
    except (UsageError, NoEngine, CopyError) as error:
        terminal.warn(f"Error: {error}")
        return REFUSED
    except KeyboardInterrupt:
        return OK
    except BrokenPipeError:  # the reader of our output went away, as `| head` does
        sys.stderr.close()
        return FAILED


def _obey(order: Order, terminal: Terminal) -> int:
    settings, redactor = order.settings, Redactor()
    configure_logging(redactor, settings.debug)
    for note in order.notes:
        terminal.warn(f"Note: {note}")
    try:
        ensure_private_folder(settings.home)
        token = settings.token or load_token(settings.home)
    except OSError as error:
        remedy = "Make room there or choose another folder with --home."
        terminal.warn(
            "Error: " + problem("The engine's folder cannot be used", error, settings.home, remedy)
        )
        return REFUSED
    redactor.hide(token)
    if order.command == "token":
        terminal.say(token)
        return OK
    if order.command == "link":
        terminal.say(fresh_link(settings.home, token))
        return OK
    return _start(settings, token, terminal)


def _start(settings: Settings, token: str, terminal: Terminal) -> int:
    try:
        listener = listen(settings.host, settings.port)
    except ListenError as error:
        terminal.warn(f"Error: {_explain(error, settings)}")
        return REFUSED
    from imjoy.cli.run import run  # slow to import, and not needed for what is done above

    with listener:
        if settings.serve:
            _write_copy(terminal)
        return run(settings, token, listener, terminal)


def _write_copy(terminal: Terminal) -> None:
    app = packaged_app()
    if app is None:
        raise CopyError(NO_APP)
    copy = write_copy(app, Path.cwd(), terminal.copy_progress)
    terminal.say(f"The web app is in {copy}; `python -m imjoy` in this folder serves it.")


def _explain(error: ListenError, settings: Settings) -> str:
    if not error.in_use:
        return str(error)
    port = settings.port
    if is_imjoy(port):
        return (
            f"Port {port} is in use: an ImJoy engine runs there already. "
            "`python -m imjoy link` prints a fresh address of it; "
            f"--port={port + 1 if port < 65535 else 8080} starts a second one."
        )
    program = who_uses(port)
    by = f"by another program ({program})" if program else "by another program"
    return f"Port {port} is in use {by}. Stop it, or choose another port with --port."
