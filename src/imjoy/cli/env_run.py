"""One `imjoy env` command while it runs: what was asked, and where it says what came of it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from imjoy.cli.env_output import ProgressLine
from imjoy.cli.terminal import Terminal
from imjoy.envs import EnvManager

OK, FAILED = 0, 1


@dataclass(frozen=True)
class EnvRun:
    """A command with its options, the environments it is about and the terminal it talks to."""

    manager: EnvManager
    options: argparse.Namespace
    terminal: Terminal
    line: ProgressLine

    def say(self, facts: Any, text: Callable[[], None]) -> int:
        """Say what came of it, as JSON or by `text`, below the line of progress; gives OK."""
        self.line.clear()
        if self.options.json:
            self.terminal.say(json.dumps(facts))
        else:
            text()
        return OK
