"""The subcommands with flags of their own: the module of each is imported when it is asked for."""

from __future__ import annotations

import importlib
from typing import NamedTuple


class Command(NamedTuple):
    """`module` has `main(arguments: list[str]) -> int`, which returns 0, 1 (failed) or 2 (refused)."""

    module: str
    does: str


COMMANDS = {
    "dev": Command("imjoy.cli.dev_command", "open a plugin and reload it whenever it is saved"),
    "doctor": Command("imjoy.cli.doctor_command", "check what ImJoy needs on this machine"),
    "env": Command("imjoy.cli.env_command", "list, make, check and remove environments"),
    "plugin": Command("imjoy.cli.plugin_command", "make, check and build plugins"),
    "vendor": Command("imjoy.cli.vendor_command", "fetch the libraries of plugins for offline use"),
}


def run_command(name: str, arguments: list[str]) -> int:
    """Run a subcommand of the table with the arguments after its name; returns the exit code."""
    return int(importlib.import_module(COMMANDS[name].module).main(arguments))
