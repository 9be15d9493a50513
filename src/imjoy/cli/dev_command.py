"""`imjoy dev FILE`: an engine whose page has this plugin open and reloads it whenever it is saved."""

from __future__ import annotations

import argparse
from itertools import islice
from pathlib import Path

from imjoy.cli.main import main as start
from imjoy.cli.terminal import Terminal
from imjoy.plugins.check_others import MODULES, files_below
from imjoy.plugins.parser import SUFFIX

REFUSED = 2
KINDS = (SUFFIX, ".py", *MODULES)
MOST_NAMED = 5


def main(arguments: list[str]) -> int:
    """Start the engine for a plugin file; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m imjoy dev",
        description="Open a plugin in the page and reload it whenever its file is saved.",
        epilog="All flags of `python -m imjoy` can follow; without --port a free one is taken.",
        allow_abbrev=False,
    )
    parser.add_argument("file", help="a plugin file, a Python module or a JavaScript module")
    options, rest = parser.parse_known_args(arguments)
    refusal = why_not(Path(options.file).expanduser())
    if refusal:
        Terminal().warn(f"Error: Opening {options.file}: {refusal}")
        return REFUSED
    port = [] if any(word.split("=")[0] == "--port" for word in rest) else ["--port=0"]
    return start([f"--dev={options.file}", *port, *rest])


def why_not(path: Path) -> str | None:
    """Cause and remedy when a path cannot be opened as a plugin; None when it can."""
    kinds = f"{', '.join(KINDS[:-1])} or {KINDS[-1]}"
    try:
        if path.is_dir():
            named = (str(file) for file in files_below(path) if file.name.endswith(KINDS))
            found = list(islice(named, MOST_NAMED + 1))
            more = " and others" if len(found) > MOST_NAMED else ""
            remedy = f"Name one of its files: {', '.join(found[:MOST_NAMED])}{more}."
            return (
                f"it is a folder. {remedy if found else 'Name a file; there is no plugin in it.'}"
            )
        if not path.exists():
            new = "`python -m imjoy plugin new NAME` writes a new plugin."
            return f"there is no such file. Check the path; {new}"
        if not path.name.endswith(KINDS):
            return f"it is no plugin by its name. Name a file that ends in {kinds}."
        with path.open("rb"):
            return None
    except OSError as error:
        return f"it cannot be read ({error.strerror}). Check the rights of the file."
