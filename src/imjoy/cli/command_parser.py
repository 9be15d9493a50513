"""A parser of flags that tells of its own errors as JSON when JSON was asked for."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any, NoReturn

REFUSED = 2


class CommandParser(argparse.ArgumentParser):
    """For commands with a flag `--json`: an error is then one JSON object on the output too."""

    _wants_json = False

    def parse_known_args(  # type: ignore[override]  # of the forms of argparse the one in use
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        self._wants_json = "--json" in (args or ())
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        if self._wants_json:
            remedy = f"See `{self.prog} --help`."
            facts = {"code": "cli.usage", "message": message, "cause": message, "remedy": remedy}
            print(json.dumps({"error": facts}), flush=True)
            self.exit(REFUSED)
        super().error(message)
